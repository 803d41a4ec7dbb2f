import { expect, it } from "vitest";
import { requireCredentials, WebhookRefusal } from "../../../app/lib/commerce7/webhook";
import { basicAuth } from "../../support/commerce7";

const expected = { username: "libero", password: "wine: red, 7 barrels" };
const encode = (text: string) => Buffer.from(text).toString("base64");

/** What comes of a request with this Authorization header; undefined where it is let in. */
function refusalOf(authorization: string | undefined, credentials = expected): unknown {
  const headers = new Headers(authorization === undefined ? [] : [["authorization", authorization]]);
  try {
    requireCredentials(new Request("http://localhost/install", { method: "POST", headers }), credentials);
    return undefined;
  } catch (error) {
    return error;
  }
}

it.each([
  ["with colons", expected],
  ["of colons alone", { username: "libero", password: ":::" }],
  ["outside ASCII", { username: "bodega", password: "viñedo 🍷 Ünter" }],
  ["long", { username: "u".repeat(100), password: "p".repeat(1_000) }],
])("A1: the right pair is let in, its password %s", (_what, credentials) => {
  expect(refusalOf(basicAuth(credentials), credentials)).toBeUndefined();
});

it("the scheme's case and white space after it do not matter (RFC 7617)", () => {
  const encoded = encode("libero:wine: red, 7 barrels");
  for (const scheme of ["Basic", "basic", "BASIC", "Basic  "]) {
    expect(refusalOf(`${scheme} ${encoded}`)).toBeUndefined();
  }
});

it.each([
  ["no header", undefined],
  ["an empty header", ""],
  ["the scheme alone", "Basic"],
  ["nothing after the scheme", "Basic "],
  ["another user", basicAuth({ ...expected, username: "liber0" })],
  ["another password", basicAuth({ ...expected, password: "wine: red, 8 barrels" })],
  ["the password up to its colon", basicAuth({ ...expected, password: "wine" })],
  ["the password in capitals", basicAuth({ ...expected, password: "WINE: RED, 7 BARRELS" })],
  ["the colon in another place", `Basic ${encode("libero:wine : red, 7 barrels")}`],
  ["no password", basicAuth({ ...expected, password: "" })],
  ["no user", basicAuth({ ...expected, username: "" })],
  ["nothing but a colon", `Basic ${encode(":")}`],
  ["no colon", `Basic ${encode("liberowine red, 7 barrels")}`],
  ["the pair in clear", "Basic libero:wine: red, 7 barrels"],
  ["what is not base64", "Basic !!!!"],
  ["padding alone", "Basic ===="],
  ["another scheme", `Bearer ${encode("libero:wine: red, 7 barrels")}`],
  ["another scheme before it", `Digest ${basicAuth(expected)}`],
  ["the pair in Latin-1", `Basic ${Buffer.from("libero:wiñe", "latin1").toString("base64")}`],
  ["64 KB", `Basic ${encode("x".repeat(48_000))}`],
])("A1: %s gets one and the same 401", (_what, authorization) => {
  const refusal = refusalOf(authorization);
  expect(refusal).toBeInstanceOf(WebhookRefusal);
  expect(refusal).toMatchObject({
    status: 401,
    message: "the webhook's user name and password do not match",
  });
});
