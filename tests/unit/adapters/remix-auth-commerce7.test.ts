import { Authenticator } from "remix-auth";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  Commerce7RefusedError,
  Commerce7Strategy,
  Commerce7UnreachableError,
  type Commerce7Verified,
} from "../../../app/lib/adapters/remix-auth-commerce7";
import { type Sandbox, startSandbox } from "../../../sandbox/server";

const TENANT = "spectrawinery";
const MAYA = "5b1f0c7e-94a3-4d0e-8a56-0e6c1b7f2d31";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ appUrl: "http://127.0.0.1:9", username: "libero", password: "secret" });
});
afterEach(() => sandbox.setFault("none"));
afterAll(() => sandbox.close());

const verify = vi.fn(async ({ tenantId, staff }: Commerce7Verified) => `${staff.name} at ${tenantId}`);

/** Opens the app as the admin does. */
function open(changes: Record<string, string | undefined> = {}) {
  const query = { tenantId: TENANT, account: sandbox.accountToken(TENANT, MAYA), ...changes };
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const request = new Request(`http://localhost:3000/app?${new URLSearchParams(given)}`);
  const options = { apiUrl: `${sandbox.url}/v1`, timeoutMs: 2_000 };
  const authenticator = new Authenticator<string>().use(new Commerce7Strategy<string>(options, verify));
  return authenticator.authenticate("commerce7", request);
}

describe("B7: remix-auth's Commerce7Strategy", () => {
  it("answers what verify makes of the staff member and the tenant that Commerce7 vouches for", async () => {
    verify.mockClear();
    const calls = sandbox.accountCalls();
    expect(await open({ adminUITheme: "dark" })).toBe(`Maya Okafor at ${TENANT}`);
    expect(sandbox.accountCalls()).toBe(calls + 1);
    const [{ tenantId, staff, request }] = verify.mock.calls[0] as [Commerce7Verified];
    expect({ tenantId, staff }).toEqual({
      tenantId: TENANT,
      staff: { id: MAYA, name: "Maya Okafor", email: "maya@spectrawinery.example", role: "Admin" },
    });
    expect(new URL(request.url).searchParams.get("adminUITheme")).toBe("dark");
  });

  it.each([
    ["a token that Commerce7 does not know", { account: "a.b.c" }, 1],
    ["a token of another winery (E10)", { tenantId: "old-oak-estate" }, 1],
    ["no token", { account: undefined }, 0],
    ["an empty token", { account: "" }, 0],
    ["no tenant", { tenantId: undefined }, 0],
    ["what is no tenant's id", { tenantId: "../spectrawinery" }, 0],
    ["a token that fits in no header", { account: "a\nb" }, 0],
  ])("refuses %s, and asks Commerce7 only where there is a question", async (_, changes, questions) => {
    verify.mockClear();
    const calls = sandbox.accountCalls();
    const refusal = await open(changes).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Commerce7RefusedError);
    expect(sandbox.accountCalls()).toBe(calls + questions);
    expect(verify).not.toHaveBeenCalled();
  });

  it.each(["500", "html"] as const)("R31: %s is no refusal: Commerce7 cannot be reached", async (fault) => {
    sandbox.setFault(fault);
    await expect(open()).rejects.toThrow(Commerce7UnreachableError);
    await expect(open()).rejects.not.toThrow(Commerce7RefusedError);
  });

  it("what verify throws is thrown on", async () => {
    verify.mockRejectedValueOnce(new Error("not installed"));
    await expect(open()).rejects.toThrow("not installed");
  });

  it("R26: no error holds the token", async () => {
    for (const fault of ["refuse", "500", "html"] as const) {
      sandbox.setFault(fault);
      const error = (await open().catch((thrown: unknown) => thrown)) as Error;
      const token = sandbox.accountToken(TENANT, MAYA);
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(token.slice(0, 20));
    }
  });
});
