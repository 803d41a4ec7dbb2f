import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/**
 * A real OAuth server (oidc-provider) in a process of its own. Grants are made as its authorization endpoint makes them,
 * but without a browser, under `/control/mint`.
 */
const CLIENT = {
  client_secret: "a client's secret, with /odd+characters: %",
  redirect_uris: ["https://libero.example/callback"],
  grant_types: ["authorization_code", "refresh_token"],
};

const counts = { granted: 0, refused: 0 };
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const provider = openProvider(`http://127.0.0.1:${port}`);
  const callback = provider.callback();
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/control/")) void control(provider, request, response);
    else callback(request, response);
  });
  process.send?.({ port, secret: CLIENT.client_secret });
});
// Its parent is gone.
process.on("disconnect", () => process.exit());

function openProvider(issuer: string): Provider {
  const provider = new Provider(issuer, {
    clients: [
      { ...CLIENT, client_id: "rotating", token_endpoint_auth_method: "client_secret_basic" },
      { ...CLIENT, client_id: "lasting", token_endpoint_auth_method: "client_secret_post" },
      { ...CLIENT, client_id: "public", token_endpoint_auth_method: "none", client_secret: undefined },
    ],
    rotateRefreshToken: (ctx) => ctx.oidc.client?.clientId !== "lasting",
    features: { revocation: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    ttl: { AccessToken: 3_600, RefreshToken: 86_400, Grant: 86_400, IdToken: 3_600 },
  });
  provider.on("grant.success", ({ oidc }) => {
    if (oidc.params?.grant_type === "refresh_token") counts.granted += 1;
  });
  provider.on("grant.error", () => {
    counts.refused += 1;
  });
  return provider;
}

async function control(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const { pathname, searchParams } = new URL(request.url as string, "http://127.0.0.1");
  if (pathname === "/control/end") await endAccessToken(provider, searchParams.get("token") as string);
  const answer = pathname === "/control/mint" ? await mint(provider, searchParams) : counts;
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
}

async function endAccessToken({ AccessToken }: Provider, token: string) {
  await (await AccessToken.find(token))?.destroy();
}

/** What its token endpoint answers to an authorization code. */
async function mint({ Grant, Client, AccessToken, RefreshToken }: Provider, search: URLSearchParams) {
  const [clientId, accountId, scope] = [search.get("client") as string, "somebody", "openid offline_access"];
  const client = await Client.find(clientId);
  if (!client) throw new Error(`no client ${clientId}`);
  const grant = new Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const token = { client, accountId, grantId, scope, gty: "authorization_code", claims: {} };
  return {
    access_token: await new AccessToken(token as never).save(),
    refresh_token: await new RefreshToken(token as never).save(),
    token_type: "Bearer",
    expires_in: 3_600,
    scope,
  };
}
