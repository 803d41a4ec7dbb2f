import { randomBytes } from "node:crypto";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Postgrest } from "./postgrest";

export type SupabaseGateway = {
  url: string;
  secretKey: string;
  publishableKey: string;
  stop: () => Promise<void>;
};

/**
 * A real HTTP proxy that does with keys what Supabase's gateway does (supabase.com/docs/guides/api/api-keys, and the Kong
 * configuration of a project that one hosts oneself): it lets in whoever has one of the project's keys in the header `apikey`, and
 * where no `Authorization` comes along, makes one of it that PostgREST understands. One that comes along goes through as it
 * is: a secret key in it is no JWT to PostgREST. No browser may use a secret key.
 */
export async function startSupabaseGateway(postgrest: Postgrest): Promise<SupabaseGateway> {
  const [secretKey, publishableKey] = ["secret", "publishable"].map(
    (kind) => `sb_${kind}_${randomBytes(16).toString("base64url")}`,
  ) as [string, string];
  const jwts = new Map([
    [secretKey, postgrest.key("service_role")],
    [publishableKey, postgrest.key("anon")],
    ...["anon", "service_role"].map((role) => [postgrest.key(role), postgrest.key(role)] as const),
  ]);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const { apikey, "user-agent": browser = "" } = incoming.headers;
    const jwt = jwts.get(String(apikey));
    if (!apikey) return refuse(outgoing, "No API key found in request");
    if (!jwt) return refuse(outgoing, "Invalid API key");
    if (apikey === secretKey && browser.startsWith("Mozilla")) {
      return refuse(outgoing, "Forbidden use of secret API key in browser");
    }
    pass(incoming, outgoing, { authorization: `Bearer ${jwt}`, ...incoming.headers });
  });
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse, headers: IncomingMessage["headers"]) => {
    const inner = request(new URL(incoming.url ?? "/", postgrest.url), {
      method: incoming.method,
      headers,
      agent,
    });
    inner.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    inner.on("error", () => outgoing.destroy());
    outgoing.on("close", () => inner.destroy());
    incoming.pipe(inner);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secretKey,
    publishableKey,
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(outgoing: ServerResponse, message: string) {
  outgoing.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}
