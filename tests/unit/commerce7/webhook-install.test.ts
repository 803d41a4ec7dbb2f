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
  ["a text for a user", installBody("old-oak", { user: "jason" }), /^user: /],
  ["a list of users", installBody("old-oak", { user: [user] }), /^user: /],
  ["a number for an id", installBody("old-oak", { user: { ...user, id: 7 } }), /^user\.id: /],
  ["an id too long", installBody("old-oak", { user: { ...user, id: "x".repeat(201) } }), /^user\.id: /],
  [
    "a name too long",
    installBody("old-oak", { user: { ...user, lastName: "x".repeat(201) } }),
    /^user\.lastName: /,
  ],
  [
    "an address too long",
    installBody("old-oak", { user: { ...user, email: "x".repeat(255) } }),
    /^user\.email: /,
  ],
  ["a flat name that is none", { tenantId: "old-oak", firstName: {} }, /^firstName: /],
])("400 names the fault: %s", (_what, body, reason) => {
  const { status, message } = refusalOf(() => parseInstall(body));
  expect(status).toBe(400);
  expect(message).toMatch(reason);
});

it("400 names every fault of a body", () => {
  const { message } = refusalOf(() => parseInstall({ tenantId: "X", user: { id: 7, email: false } }));
  expect(message.split("; ").map((fault) => fault.split(":")[0])).toEqual([
    "tenantId",
    "user.id",
    "user.email",
  ]);
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
