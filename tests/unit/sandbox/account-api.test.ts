import { expect, test } from "vitest";
import type { Fault } from "../../../sandbox/types";
import { wineries } from "../../../sandbox/wineries";
import { askWho, openSandbox } from "./support";

const unauthorized = { statusCode: 401, type: "unauthorized", message: "Unauthorized user", errors: [] };

function staffOf(tenantId: string) {
  return wineries.find((winery) => winery.tenantId === tenantId)?.staff ?? [];
}

test("a token of the winery's staff gets the user, with keys the app does not know", async () => {
  const sandbox = await openSandbox();
  const response = await askWho(sandbox, "spectrawinery", sandbox.accountToken("spectrawinery"));
  expect(response.status).toBe(200);
  const user = await response.json();
  expect(user).toMatchObject({ ...staffOf("spectrawinery")[0] });
  expect(Object.keys(user).length).toBeGreaterThan(5);
});

test("a staff member without a role comes without that key", async () => {
  const sandbox = await openSandbox();
  const member = staffOf("spectrawinery").find((each) => each.role === undefined);
  const token = sandbox.accountToken("spectrawinery", member?.id);
  const user = await (await askWho(sandbox, "spectrawinery", token)).json();
  expect(user.id).toBe(member?.id);
  expect(user).not.toHaveProperty("role");
});

test("the token has no expiry and no tenant, and its iat is in milliseconds", async () => {
  const sandbox = await openSandbox();
  const before = Date.now();
  const [header, payload] = sandbox.accountToken("spectrawinery").split(".");
  const decode = (part = "") => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(decode(header)).toEqual({ alg: "HS256", typ: "JWT" });
  expect(decode(payload)).toEqual({ id: staffOf("spectrawinery")[0]?.id, iat: expect.any(Number) });
  expect(decode(payload).iat).toBeGreaterThanOrEqual(before);
});

test.each([
  ["a token with Bearer before it", "spectrawinery", (token: string) => `Bearer ${token}`],
  ["no token", "spectrawinery", () => ""],
  ["a text that is no token", "spectrawinery", () => "a.b.c"],
  ["a token without its signature", "spectrawinery", (token: string) => token.replace(/[^.]+$/, "")],
  ["a token's header alone", "spectrawinery", (token: string) => token.replace(/\..+$/, "")],
  ["a changed signature", "spectrawinery", (token: string) => token.replace(/.{4}$/, "AAAA")],
  ["an unknown tenant", "nobody", (token: string) => token],
  ["another winery's tenant", "old-oak-estate", (token: string) => token],
])("%s is refused with the documented answer", async (_name, tenant, change) => {
  const sandbox = await openSandbox();
  const response = await askWho(sandbox, tenant, change(sandbox.accountToken("spectrawinery")));
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual(unauthorized);
});

test("a token of another sandbox is refused", async () => {
  const token = (await openSandbox()).accountToken("spectrawinery");
  expect((await askWho(await openSandbox(), "spectrawinery", token)).status).toBe(401);
});

test("a token is only made for staff of that winery", async () => {
  const sandbox = await openSandbox();
  expect(() => sandbox.accountToken("nobody")).toThrow(/no winery "nobody"/);
  expect(() => sandbox.accountToken("spectrawinery", staffOf("old-oak-estate")[0]?.id)).toThrow(/no staff/);
});

test.each<[Fault, number, string, string]>([
  ["refuse", 401, "application/json", '"Unauthorized user"'],
  ["500", 500, "application/json", '"statusCode":500'],
  ["html", 200, "text/html", "<h1>"],
  ["no-id", 200, "application/json", '"firstName"'],
])("fault %s", async (fault, status, type, text) => {
  const sandbox = await openSandbox();
  sandbox.setFault(fault);
  const response = await askWho(sandbox, "spectrawinery", sandbox.accountToken("spectrawinery"));
  const body = await response.text();
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toContain(type);
  expect(body).toContain(text);
  if (fault === "no-id") expect(JSON.parse(body)).not.toHaveProperty("id");
  sandbox.setFault("none");
  expect((await askWho(sandbox, "spectrawinery", sandbox.accountToken("spectrawinery"))).status).toBe(200);
  expect(sandbox.accountCalls()).toBe(2);
});

test("fault hang gives no answer until the sandbox is closed", async () => {
  const sandbox = await openSandbox();
  sandbox.setFault("hang");
  const token = sandbox.accountToken("spectrawinery");
  const signal = AbortSignal.timeout(150);
  await expect(askWho(sandbox, "spectrawinery", token, { signal })).rejects.toThrow(/timeout/);

  const refused = expect(askWho(sandbox, "spectrawinery", token)).rejects.toThrow("fetch failed");
  await expect.poll(() => sandbox.accountCalls()).toBe(2);
  await sandbox.close();
  await refused;
});

test("closing twice is no error", async () => {
  const sandbox = await openSandbox();
  await sandbox.close();
  await sandbox.close();
});

test("the platform's script is served to pages of any origin", async () => {
  const sandbox = await openSandbox();
  const response = await fetch(`${sandbox.url}/v2/commerce7.js`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("javascript");
  expect(await response.text()).toContain("postMessage");
});

test("another path of the API is a JSON 404", async () => {
  const sandbox = await openSandbox();
  const response = await fetch(`${sandbox.url}/v1/orders`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ statusCode: 404 });
});

test("it listens on loopback alone", async () => {
  await expect(openSandbox({ host: "0.0.0.0" })).rejects.toThrow(/loopback/);
});

test("a taken port is reported", async () => {
  const port = Number(new URL((await openSandbox()).url).port);
  await expect(openSandbox({ port })).rejects.toThrow(/can't listen on 127\.0\.0\.1/);
});

test.each(["", "localhost:3000", "ftp://localhost", "http://a@localhost", "http://localhost/?a=b"])(
  "app address %j is refused",
  async (url) => {
    await expect(openSandbox({ appUrl: url })).rejects.toThrow(/needs the app's address/);
  },
);
