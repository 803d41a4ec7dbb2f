import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { action as uninstall } from "~/routes/uninstall";
import { webhook } from "../support/commerce7";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { call, openApp, TENANT } from "../support/routes";

const app = openApp();
let server: OAuthServer;
let example: typeof import("../../docs/examples/vault");

beforeAll(async () => {
  server = await startOAuthServer();
  vi.stubEnv("CRM_URL", server.front.url);
  vi.stubEnv("CRM_CLIENT_ID", "rotating");
  vi.stubEnv("CRM_CLIENT_SECRET", server.secret);
  example = await import("../../docs/examples/vault");
});
afterAll(() => server.stop());

const status = async () => (await example.askCrm(TENANT, "/me"))?.status;

it("the example in docs/adapters/vault.md connects, asks, asks again after a 401, and disconnects", async () => {
  expect(await status()).toBeUndefined();
  const minted = await server.mint("rotating");
  await example.connect(TENANT, minted);
  expect(await status()).toBe(200);

  await server.endAccessToken(minted.access_token);
  const before = server.front.requests();
  expect([await status(), await status()]).toEqual([200, 200]);
  expect(server.front.requests()).toBe(before + 1);

  expect(await example.disconnect(TENANT)).toBe(1);
  expect(await status()).toBeUndefined();
});

it("the example asks to connect again where the merchant took the grant back", async () => {
  const minted = await server.mint("rotating");
  await example.connect(TENANT, minted);
  await server.revoke("rotating", minted.refresh_token);
  expect(await status()).toBeUndefined();
  await example.connect(TENANT, await server.mint("rotating"));
  expect(await status()).toBe(200);
});

it("A7: Commerce7's uninstall forgets the winery's tokens at every platform", async () => {
  await app.install();
  await example.connect(TENANT, await server.mint("rotating"));
  expect((await call(uninstall, webhook("/uninstall", { tenantId: TENANT }))).status).toBe(200);
  expect(await status()).toBeUndefined();
  expect((await app.sql.query("select * from public.oauth_tokens")).rows).toEqual([]);
});
