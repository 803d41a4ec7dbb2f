import { describe, expect, it } from "vitest";
import { displayName, isAdministrator } from "../../../app/lib/commerce7/person";

describe("E5: who may manage a winery", () => {
  it.each(["Admin Owner", "Admin", "admin", "ADMIN OWNER"])("%s may", (role) => {
    expect(isAdministrator(role)).toBe(true);
  });

  it.each([
    null,
    "",
    " ",
    "Tasting Room",
    "Club Manager",
    "Administrative assistant",
    "Not an Admin",
    "Sub-Admin",
    "Adminx",
  ])("%j may not", (role) => {
    expect(isAdministrator(role)).toBe(false);
  });
});

it.each([
  [{ firstName: "Jason", lastName: "Andres", email: "jason@example.com" }, "Jason Andres"],
  [{ firstName: "Jason" }, "Jason"],
  [{ lastName: "Andres", email: null }, "Andres"],
  [{ firstName: "", lastName: "", email: "jason@example.com" }, "jason@example.com"],
  [{ email: null }, "Staff member"],
  [{}, "Staff member"],
])("%j is shown as %s", (person, name) => {
  expect(displayName(person)).toBe(name);
});
