import { spawn } from "node:child_process";
import { freePort } from "./free-port";

export type Environment = Record<string, string>;

export type AppServer = {
  url: string;
  pid: number;
  /** Everything it printed so far. */
  output: () => string;
  /** Sends a signal and waits for the end. @returns the exit code; null where the signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

export const INSTALL = { username: "libero", password: "wine: red, 7 barrels" };

/** Tests sign in more often, from one address, than anybody does; the counting goes on all the same. */
export const ROOMY_RATE_LIMITS = {
  RATE_LIMIT_SIGN_INS_PER_MINUTE: "100000",
  RATE_LIMIT_INSTALLS_PER_MINUTE: "100000",
  RATE_LIMIT_FAILURES_PER_MINUTE: "100000",
  RATE_LIMIT_LINKS_PER_MINUTE: "100000",
  RATE_LIMIT_MAILS_PER_HOUR: "100000",
};

/** What a production start asks for, but the database. Nothing listens in Commerce7's place, unless a test says otherwise. */
export const PRODUCTION_ENV = {
  NODE_ENV: "production",
  APP_URL: "http://localhost:3000",
  SESSION_SECRET: "5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f",
  COMMERCE7_INSTALL_USERNAME: INSTALL.username,
  COMMERCE7_INSTALL_PASSWORD: INSTALL.password,
  COMMERCE7_API_URL: "http://127.0.0.1:9/v1",
  ...ROOMY_RATE_LIMITS,
};

/**
 * The built app as an operator runs it, in a process of its own, on a free port.
 * @param env over the production settings; nothing else of this process's environment but PATH reaches it
 */
export async function startApp(env: Environment): Promise<AppServer> {
  const port = env.PORT ?? String(await freePort());
  const url = `http://localhost:${port}`;
  const run = runApp({ PORT: port, APP_URL: url, ...env });
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (run.ended()) throw new Error(`the app ended at its start:\n${run.output()}`);
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return { url, ...run };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await run.stop("SIGKILL");
  throw new Error(`the app did not answer in 30 s:\n${run.output()}`);
}

/** Runs the built app without waiting for it to answer. */
export function runApp(env: Environment) {
  const { PATH } = process.env;
  const child = spawn(process.execPath, ["bin/start.js"], {
    env: { PATH, ...PRODUCTION_ENV, LOG_LEVEL: "info", ...env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let over = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      printed += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      over = true;
      resolve(code);
    });
  });
  return {
    pid: child.pid as number,
    output: () => printed,
    ended: () => over,
    exited,
    stop(signal: NodeJS.Signals = "SIGTERM") {
      if (!over) child.kill(signal);
      return exited;
    },
  };
}
