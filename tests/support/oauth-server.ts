import { spawn } from "node:child_process";
import { once } from "node:events";
import type { OAuthProvider } from "../../app/lib/vault/grant";
import { startFront } from "./oauth-front";

type ClientId = "rotating" | "lasting" | "public";

export type Minted = { access_token: string; refresh_token: string } & Record<string, string | number>;

const AUTHENTICATION = {
  rotating: "client_secret_basic",
  lasting: "client_secret_post",
  public: "none",
} as const;

export type OAuthServer = Awaited<ReturnType<typeof startOAuthServer>>;

/**
 * A real OAuth server on loopback, and the front through which the vault reaches its token endpoint. The client `lasting`
 * keeps its refresh tokens; those of `rotating` and `public` are replaced at each use, and the whole grant is revoked when
 * an old one is used again.
 */
export async function startOAuthServer() {
  const child = spawn(process.execPath, ["--import", "tsx", "tests/support/oauth-server-process.ts"], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  const ended = once(child, "exit");
  const ready = once(child, "message");
  await Promise.race([ready, ended]);
  if (child.exitCode !== null) throw new Error(`the OAuth server did not start:\n${errors}`);
  const [{ port, secret }] = await ready;
  const url = `http://127.0.0.1:${port}`;
  const front = await startFront(url);
  const control = async (path: string) => (await fetch(`${url}/control/${path}`)).json();

  return {
    front,
    secret: secret as string,
    /** A client there, as the vault knows it. */
    provider: (client: ClientId, changes: Partial<OAuthProvider> = {}): OAuthProvider => ({
      name: client,
      tokenEndpoint: `${front.url}/token`,
      client: {
        id: client,
        authentication: AUTHENTICATION[client],
        secret: client === "public" ? undefined : secret,
      },
      timeoutMs: 10_000,
      ...changes,
    }),
    /** A new grant: what the token endpoint answers when somebody has said yes. */
    mint: (client: ClientId): Promise<Minted> => control(`mint?client=${client}`),
    /** How many refreshes it has granted and refused so far. */
    counts: (): Promise<{ granted: number; refused: number }> => control("counts"),
    /** Whether an access token is good for something there. */
    accepts: async (accessToken = "") => {
      const answer = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
      return answer.status === 200;
    },
    /** Ends an access token before its time; its grant goes on. */
    endAccessToken: (accessToken: string) => control(`end?token=${accessToken}`),
    /** Takes a grant back (RFC 7009), as a merchant does who disconnects us. */
    async revoke(client: ClientId, token: string) {
      const body = new URLSearchParams({ token, client_id: client });
      const authorization = `Basic ${btoa(`${client}:${encodeURIComponent(secret).replaceAll("%20", "+")}`)}`;
      const headers = client === "rotating" ? { authorization } : undefined;
      if (client === "lasting") body.set("client_secret", secret);
      const answer = await fetch(`${url}/token/revocation`, {
        method: "POST",
        body,
        ...(headers && { headers }),
      });
      if (answer.status !== 200) throw new Error(`not revoked: ${await answer.text()}`);
    },
    async stop() {
      await front.stop();
      child.kill();
      await ended;
    },
  };
}
