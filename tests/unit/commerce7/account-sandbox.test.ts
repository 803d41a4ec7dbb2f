import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { askWhoIsSignedIn } from "../../../app/lib/commerce7/account";
import { type Sandbox, startSandbox } from "../../../sandbox/server";

const MAYA = "5b1f0c7e-94a3-4d0e-8a56-0e6c1b7f2d31";
const TOM = "c3a94d52-7e18-4b6f-9f0d-2a8b5e61d704";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ appUrl: "http://127.0.0.1:9", username: "libero", password: "secret" });
});
afterEach(() => sandbox.setFault("none"));
afterAll(() => sandbox.close());

const ask = (account: string, tenantId = "spectrawinery", timeoutMs = 2_000) =>
  askWhoIsSignedIn({ apiUrl: `${sandbox.url}/v1`, timeoutMs }, { account, tenantId });

it("A2: Commerce7 tells who holds the token", async () => {
  expect(await ask(sandbox.accountToken("spectrawinery", MAYA))).toEqual({
    outcome: "verified",
    staff: { id: MAYA, name: "Maya Okafor", email: "maya@spectrawinery.example", role: "Admin" },
  });
});

it("a role may be absent", async () => {
  const answer = await ask(sandbox.accountToken("spectrawinery", TOM));
  expect(answer).toMatchObject({ outcome: "verified", staff: { id: TOM, role: null } });
});

it("E10: a token of one winery is refused for another, and so is a token that was edited", async () => {
  const token = sandbox.accountToken("spectrawinery");
  expect(await ask(token, "old-oak-estate")).toEqual({ outcome: "refused" });
  expect(await ask(token, "no-such-winery")).toEqual({ outcome: "refused" });
  expect(await ask(`${token}x`)).toEqual({ outcome: "refused" });
});

it("a refusal is a refusal, and so is an answer without an id", async () => {
  const token = sandbox.accountToken("spectrawinery");
  sandbox.setFault("refuse");
  expect(await ask(token)).toEqual({ outcome: "refused" });
  sandbox.setFault("no-id");
  expect(await ask(token)).toEqual({ outcome: "refused" });
});

it("R31: an error and a page in the API's place are no refusal: Commerce7 cannot be reached", async () => {
  const token = sandbox.accountToken("spectrawinery");
  sandbox.setFault("500");
  expect(await ask(token)).toEqual({ outcome: "unreachable", reason: "Commerce7 answered 500" });
  sandbox.setFault("html");
  expect(await ask(token)).toEqual({ outcome: "unreachable", reason: expect.stringContaining("not JSON") });
});

it("R31: no answer within the time-out is given up", async () => {
  sandbox.setFault("hang");
  const started = Date.now();
  expect(await ask(sandbox.accountToken("spectrawinery"), "spectrawinery", 150)).toEqual({
    outcome: "unreachable",
    reason: expect.stringMatching(/timeout/),
  });
  expect(Date.now() - started).toBeLessThan(1_500);
});
