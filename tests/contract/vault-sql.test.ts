import { afterAll, beforeAll } from "vitest";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { WIRES } from "../support/wires";
import { describeVault } from "./vault";

let server: OAuthServer;
beforeAll(async () => {
  server = await startOAuthServer();
});
afterAll(() => server.stop());

for (const [name, open] of Object.entries(WIRES)) describeVault(name, open, () => server);
