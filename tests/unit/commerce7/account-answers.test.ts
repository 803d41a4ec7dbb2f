import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { askWhoIsSignedIn } from "../../../app/lib/commerce7/account";
import { startRawServer } from "../../support/commerce7";
import { freePort } from "../../support/free-port";

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl";
const jason = {
  id: "12211212",
  firstName: "Jason",
  lastName: "Andres",
  email: "jason@example.com",
  role: "Admin",
};

/** Asks a server that answers like this. */
async function ask(answer: (response: ServerResponse) => void, timeoutMs = 2_000) {
  const server = await startRawServer(answer);
  const options = { apiUrl: server.url, timeoutMs };
  const answered = await askWhoIsSignedIn(options, { account: TOKEN, tenantId: "spectrawinery" });
  return { ...server, answered };
}

/** Asks a server that answers 200 with this as JSON. */
const askJson = async (json: unknown) =>
  (await ask((response) => response.end(JSON.stringify(json)))).answered;

const withStatus = (status: number, headers = {}) =>
  ask((response) => response.writeHead(status, headers).end("{}"));

it("A2: asks once, with the token as it came and the tenant beside it", async () => {
  const { requests } = await ask((response) => response.end(JSON.stringify(jason)));
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({ method: "GET", url: "/account/user" });
  expect(requests[0]?.headers).toMatchObject({ authorization: TOKEN, tenant: "spectrawinery" });
});

it.each([400, 401, 403, 404, 422])("%i is a refusal", async (status) => {
  expect((await withStatus(status)).answered).toEqual({ outcome: "refused" });
});

it.each([429, 500, 502, 503, 504])(
  "R31: %i says nothing of the person: Commerce7 cannot be reached",
  async (status) => {
    expect((await withStatus(status)).answered).toEqual({
      outcome: "unreachable",
      reason: `Commerce7 answered ${status}`,
    });
  },
);

it.each([301, 302, 303, 307, 308])(
  "a redirect (%i) is not followed: the token goes to Commerce7 alone",
  async (status) => {
    const elsewhere = await startRawServer((response) => response.end(JSON.stringify(jason)));
    const { answered } = await withStatus(status, { location: `${elsewhere.url}/account/user` });
    expect(answered).toMatchObject({ outcome: "unreachable" });
    expect(elsewhere.requests).toEqual([]);
  },
);

describe("R31: no usable answer is `unreachable`, never an error", () => {
  it("nothing listens there", async () => {
    const apiUrl = `http://127.0.0.1:${await freePort()}`;
    const answered = await askWhoIsSignedIn(
      { apiUrl, timeoutMs: 2_000 },
      { account: TOKEN, tenantId: "old-oak" },
    );
    expect(answered).toEqual({ outcome: "unreachable", reason: expect.stringMatching(/ECONNREFUSED/) });
  });

  it.each([
    ["the connection is cut", (response: ServerResponse) => response.destroy()],
    [
      "the body is cut",
      (response: ServerResponse) => void response.writeHead(200).write("{", () => response.destroy()),
    ],
    [
      "headers come and the body never does",
      (response: ServerResponse) => void response.writeHead(200).write("{"),
    ],
    ["the body is empty", (response: ServerResponse) => void response.end()],
    ["there is no body", (response: ServerResponse) => void response.writeHead(204).end()],
    ["the body is half of it", (response: ServerResponse) => void response.end(`{"id":"122112`)],
    ["it is a page", (response: ServerResponse) => void response.end("<!doctype html><h1>Maintenance</h1>")],
  ])("%s", async (_what, answer) => {
    const { answered } = await ask(answer, 200);
    expect(answered).toEqual({ outcome: "unreachable", reason: expect.any(String) });
  });
});

describe("an answer that names nobody is a refusal", () => {
  it.each([
    ["no id", { ...jason, id: undefined }],
    ["an empty id", { ...jason, id: "" }],
    ["a number for an id", { ...jason, id: 12 }],
    ["null for an id", { ...jason, id: null }],
    ["an object for an id", { ...jason, id: { a: 1 } }],
    ["an id of 201 characters", { ...jason, id: "x".repeat(201) }],
    ["a NUL character in the id", { ...jason, id: "12\u00003" }],
    ["half a surrogate pair in the id", { ...jason, id: "12\ud800" }],
    ["a list", [jason]],
    ["null", null],
    ["a text", "jason"],
  ])("%s", async (_what, json) => {
    expect(await askJson(json)).toEqual({ outcome: "refused" });
  });
});

describe("who it is", () => {
  const staffOf = async (changes: Record<string, unknown>) => {
    const answered = await askJson({ ...jason, ...changes });
    if (answered.outcome !== "verified") throw new Error(answered.outcome);
    return answered.staff;
  };

  it("keys that we do not know are passed over", async () => {
    const staff = await staffOf({ password: "x", __proto__: { admin: true }, extra: { deep: [1] } });
    expect(staff).toEqual({
      id: "12211212",
      name: "Jason Andres",
      email: "jason@example.com",
      role: "Admin",
    });
  });

  it.each([
    ["the first name alone", { lastName: undefined }, "Jason"],
    ["the last name alone", { firstName: null }, "Andres"],
    ["the address where there is no name", { firstName: " ", lastName: "" }, "jason@example.com"],
    [
      "something friendly where there is nothing",
      { firstName: 1, lastName: [], email: null },
      "Staff member",
    ],
    ["letters of every kind", { firstName: "Łucja", lastName: "Ó Sé 🍷" }, "Łucja Ó Sé 🍷"],
    ["no white space around them", { firstName: "  Jason ", lastName: "\tAndres\n" }, "Jason Andres"],
    [
      "nothing the database cannot hold",
      { firstName: "Ja\u0000son", lastName: "An\ud800dres" },
      "Jason An\ufffddres",
    ],
  ])("is named by %s", async (_what, changes, name) => {
    expect((await staffOf(changes)).name).toBe(name);
  });

  it("has no e-mail and no role where none is told, or nothing that could be one", async () => {
    expect(await staffOf({ email: undefined, role: undefined })).toMatchObject({ email: null, role: null });
    expect(await staffOf({ email: "", role: "" })).toMatchObject({ email: null, role: null });
    expect(await staffOf({ email: 7, role: { name: "Admin" } })).toMatchObject({ email: null, role: null });
  });

  it("keeps no more of a huge name, address or role than a page can show", async () => {
    const huge = "x".repeat(1_000_000);
    const { name, email, role } = await staffOf({ firstName: huge, lastName: huge, email: huge, role: huge });
    for (const text of [name, email ?? "", role ?? ""]) expect(text.length).toBeLessThan(1_000);
  });
});
