import { spawn } from "node:child_process";
import { once } from "node:events";
import type { OAuthProvider } from "../../app/lib/vault/grant";

export type Order = {
  id: number;
  method: "open" | "refresh";
  tenant: string;
  provider: OAuthProvider;
  callers: number;
  /** For `refresh`: the token that they had. */
  rejected?: string;
  /** It is gone as soon as the database has answered a call of this function. */
  dieAfter?: string;
};

export type Outcome = { accessToken: string | undefined } | { error: string; interrupted?: boolean };

export type VaultInstance = Awaited<ReturnType<typeof startVaultInstance>>;

/** A process of its own with a vault over a database. */
export async function startVaultInstance(databaseUrl: string, tokenKey: string, clockSkewMs = 0) {
  const child = spawn(process.execPath, ["--import", "tsx", "tests/support/vault-instance-process.ts"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      TOKEN_KEY: tokenKey,
      CLOCK_SKEW_MS: String(clockSkewMs),
    },
  });
  const ended = once(child, "exit");
  await Promise.race([once(child, "message"), ended]);
  if (child.exitCode !== null) throw new Error("an instance of the vault did not start");
  let orders = 0;
  const waiting = new Map<number, (outcomes: Outcome[]) => void>();
  child.on("message", ({ id, outcomes }: { id: number; outcomes: Outcome[] }) => waiting.get(id)?.(outcomes));

  return {
    /** @returns what each caller got; nothing where the process ends before */
    async ask(order: Omit<Order, "id">): Promise<Outcome[]> {
      const id = ++orders;
      const answered = new Promise<Outcome[]>((resolve) => waiting.set(id, resolve));
      child.send({ ...order, id });
      return Promise.race([answered, ended.then(() => [])]);
    },
    signal: (signal: "SIGKILL" | "SIGSTOP" | "SIGCONT") => child.kill(signal),
    ended,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
