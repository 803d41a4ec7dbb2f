import { expect, it } from "vitest";
import { displayName } from "../../../app/lib/commerce7/person";

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
