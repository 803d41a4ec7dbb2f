import { describe, expect, it } from "vitest";
import { parseInstall, parseUninstall, WebhookRefusal } from "../../../app/lib/commerce7/webhook";
import { installBody } from "../../support/commerce7";

const user = installBody("spectrawinery").user;

/** The 400 that a body gets. */
function refusalOf(read: () => unknown): WebhookRefusal {
  try {
    read();
  } catch (error) {
    if (error instanceof WebhookRefusal) return error;
    throw error;
  }
  throw new Error("this body was accepted");
}

it("A1: the documented body: tenant, who pressed Install, and the client's settings", () => {
  const body = {
    ...installBody("spectrawinery"),
    "some-client-setting": "typed by the merchant",
    deep: { a: [1] },
  };
  expect(parseInstall(body)).toEqual({
    tenantId: "spectrawinery",
    user: { id: user.id, name: "Jason Andres", email: "jason@example.com" },
    settings: { "some-client-setting": "typed by the merchant", deep: { a: [1] } },
    unusable: [],
  });
});

describe("who pressed Install", () => {
  const userOf = (body: object) => parseInstall({ tenantId: "old-oak", ...body }).user;

  it("may be told flat, and is then known by the e-mail address", () => {
    const flat = { firstName: "Jason", lastName: "Andres", email: "jason@example.com" };
    expect(parseInstall({ tenantId: "old-oak", ...flat })).toEqual({
      tenantId: "old-oak",
      user: { id: "jason@example.com", name: "Jason Andres", email: "jason@example.com" },
      settings: {},
      unusable: [],
    });
  });

  it("may have no id, and is then known by the e-mail address", () => {
    expect(userOf({ user: { email: "jason@example.com" } })).toEqual({
      id: "jason@example.com",
      name: "jason@example.com",
      email: "jason@example.com",
    });
  });

  it("may have an id alone", () => {
    expect(userOf({ user: { id: "u1" } })).toEqual({ id: "u1", name: "Staff member", email: null });
  });

  it("may have fields that are null, as ones that are not there", () => {
    const blank = { firstName: null, lastName: null, email: null };
    expect(userOf({ user: { id: "u1", ...blank } })).toEqual({ id: "u1", name: "Staff member", email: null });
    expect(userOf(blank)).toBeUndefined();
  });

  it.each([
    ["nobody", {}],
    ["null", { user: null }],
    ["an empty user", { user: {} }],
    ["a name alone", { firstName: "Jason", lastName: "Andres" }],
    ["blank fields", { user: { firstName: " ", lastName: "", email: " " } }],
  ])("may not be told at all: %s", (_what, body) => {
    expect(userOf(body)).toBeUndefined();
  });
});

it.each([
  ["no tenant", { user }, /tenantId must be a string/],
  ["null for a tenant", { ...installBody("x"), tenantId: null }, /tenantId must be a string/],
  ["a tenant in capitals", installBody("Spectra"), /tenantId must be a lower-case slug/],
  ["a path for a tenant", installBody("../admin"), /tenantId must be a lower-case slug/],
])("400 names the fault: %s", (_what, body, reason) => {
  const { status, message } = refusalOf(() => parseInstall(body));
  expect(status).toBe(400);
  expect(message).toMatch(reason);
});

describe("A1: an optional field that cannot be used never rejects an install, and is named", () => {
  const read = (body: object) => {
    const { tenantId, user: who, unusable } = parseInstall({ tenantId: "old-oak", ...body });
    expect(tenantId).toBe("old-oak");
    return { who, unusable };
  };
  const jason = { id: user.id, name: "Jason Andres", email: user.email };

  it.each<[what: string, body: object, who: object | undefined, unusable: string[]]>([
    ["a text for a user", { user: "jason" }, undefined, ["user"]],
    ["a list of users", { user: [user] }, undefined, ["user"]],
    ["null for a user", { user: null }, undefined, []],
    ["a number for an id", { user: { ...user, id: 7 } }, { ...jason, id: "7" }, []],
    ["an object for an id", { user: { ...user, id: {} } }, { ...jason, id: user.email }, ["user.id"]],
    ["an id too long", { user: { ...user, id: "x".repeat(201) } }, { ...jason, id: user.email }, ["user.id"]],
    [
      "a list for a name",
      { user: { ...user, lastName: [] } },
      { ...jason, name: "Jason" },
      ["user.lastName"],
    ],
    [
      "an address too long",
      { user: { ...user, email: `${"x".repeat(255)}@a` } },
      { ...jason, email: null },
      ["user.email"],
    ],
    ["no address and no id", { user: { id: false, email: 5 } }, undefined, ["user.id", "user.email"]],
    [
      "null for everything",
      { user: { id: null, firstName: null, lastName: null, email: null } },
      undefined,
      [],
    ],
    [
      "a flat name that is none",
      { firstName: {}, email: user.email },
      { id: user.email, name: user.email, email: user.email },
      ["firstName"],
    ],
  ])("%s", (_what, body, who, unusable) => {
    expect(read(body)).toEqual({ who, unusable });
  });

  it("a name of 300 characters is cut, and no character of it in half", () => {
    const { who, unusable } = read({ user: { ...user, lastName: `${"é".repeat(199)}🍷${"x".repeat(100)}` } });
    expect(unusable).toEqual([]);
    expect(who?.name).toBe(`Jason ${"é".repeat(199)}\ufffd`);
    expect(who?.name.isWellFormed()).toBe(true);
  });
});

it.each([
  ["a list", []],
  ["null", null],
  ["a text", "spectrawinery"],
  ["a number", 7],
])("400: %s is no body", (_what, body) => {
  expect(refusalOf(() => parseInstall(body)).status).toBe(400);
  expect(refusalOf(() => parseUninstall(body)).status).toBe(400);
});

it("A7: an uninstall tells the tenant, and whatever else is there is passed over", () => {
  const body = { tenantId: "old-oak", user: 7, reason: { any: "thing" } };
  expect(parseUninstall(body)).toEqual({ tenantId: "old-oak" });
  expect(refusalOf(() => parseUninstall({ tenantId: "Old Oak" }))).toMatchObject({
    status: 400,
    message: expect.stringMatching(/tenantId must be a lower-case slug/),
  });
});
