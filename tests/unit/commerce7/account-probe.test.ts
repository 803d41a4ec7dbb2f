import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { expect, it, onTestFinished } from "vitest";
import { probeAccountApi } from "../../../app/lib/commerce7/account";
import { startSandbox } from "../../../sandbox/server";
import { startRawServer } from "../../support/commerce7";
import { freePort } from "../../support/free-port";

const UNAUTHORIZED = JSON.stringify({
  statusCode: 401,
  type: "unauthorized",
  message: "Unauthorized user",
  errors: [],
});
const NOT_FOUND = JSON.stringify({ statusCode: 404, type: "notFound", message: "Not found", errors: [] });
const LOGIN_PAGE = "<!doctype html><title>Sign in</title>";

const probe = (apiUrl: string, timeoutMs = 2_000) => probeAccountApi({ apiUrl, timeoutMs });

/** What the probe says of a server that answers like this. */
async function probeServer(status: number, body: string, headers: Record<string, string> = {}) {
  const server = await startRawServer((response) => response.writeHead(status, headers).end(body));
  return { ...server, reason: await probe(server.url) };
}

it("finds nothing wrong with Commerce7, whose sandbox answers as the real one, and counts as no sign-in there", async () => {
  const sandbox = await startSandbox({
    appUrl: "http://127.0.0.1:9",
    username: "libero",
    password: "secret",
  });
  onTestFinished(() => sandbox.close());
  expect(await probe(`${sandbox.url}/v1`)).toBeUndefined();
  expect(sandbox.accountCalls()).toBe(0);
  expect(await probe(`${sandbox.url}/v2`)).toMatch(/answered 404, not 401/);
  expect(await probe(sandbox.url)).toMatch(/answered \d+, not 401/);
});

it("asks once, of no tenant there is, with a token that opens nothing", async () => {
  const { requests, reason } = await probeServer(401, UNAUTHORIZED);
  expect(reason).toBeUndefined();
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({ method: "GET", url: "/account/user" });
  const { authorization, tenant, ...others } = requests[0]?.headers ?? {};
  expect([authorization, tenant]).toEqual(["probe", "libero-probe"]);
  expect(Object.keys(others)).not.toContain("cookie");
});

it.each([
  ["a path that the API does not have", 404, NOT_FOUND],
  ["a web page", 200, LOGIN_PAGE],
  ["a server that lets everybody in", 200, UNAUTHORIZED],
  ["an outage", 503, "{}"],
])("%s is not Commerce7: the answer is named", async (_what, status, body) => {
  const { reason } = await probeServer(status, body);
  expect(reason).toBe(`GET /account/user was answered ${status}, not 401 as Commerce7 answers a wrong token`);
});

it.each([LOGIN_PAGE, "", "null", '"401"', '{"error":"unauthorized"}', NOT_FOUND])(
  "401 with %j in place of Commerce7's JSON is another server's",
  async (body) => {
    const { reason } = await probeServer(401, body);
    expect(reason).toBe("GET /account/user was answered 401, but not with Commerce7's JSON");
  },
);

it("a redirect is not followed", async () => {
  const elsewhere = await startRawServer((response) => response.writeHead(401).end(UNAUTHORIZED));
  const { reason } = await probeServer(301, "", { location: `${elsewhere.url}/account/user` });
  expect(reason).toMatch(/answered 301, not 401/);
  expect(elsewhere.requests).toEqual([]);
});

it("a server that refuses connections is named with its reason", async () => {
  const port = await freePort();
  expect(await probe(`http://127.0.0.1:${port}/v1`)).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
});

it("a server that says nothing, or never comes to an end, is given up in time", async () => {
  const silent = await startRawServer(() => {});
  expect(await probe(silent.url, 150)).toMatch(/timeout/);
  const endless = await startRawServer((response) => void response.writeHead(401).write("{"));
  expect(await probe(endless.url, 150)).toMatch(/timeout/);
});

it("a certificate that nobody vouches for, and TLS where there is none, are named", async () => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "api" }]);
  const server = createServer({ cert, key }, (_request, response) =>
    response.writeHead(401).end(UNAUTHORIZED),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  expect(await probe(`https://127.0.0.1:${port}`)).toMatch(/self-signed certificate/);
  const plain = await startRawServer((response) => response.end());
  expect(await probe(plain.url.replace("http:", "https:"))).toMatch(/SSL|EPROTO/);
});
