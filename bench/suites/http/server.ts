import { PRODUCTION_ENV } from "../../../tests/support/app-server";
import { freePort } from "../../../tests/support/free-port";
import { startChild } from "../../measure/child";
import type { ServerHandlers } from "./server-process";

export type BenchServer = Awaited<ReturnType<typeof startBenchServer>>;

/** The production build with an operator's settings, in a process of its own; ready when it answers. */
export async function startBenchServer(env: Record<string, string>) {
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  const child = startChild<ServerHandlers>(new URL("./server-process.ts", import.meta.url), {
    flags: ["--expose-gc"],
    env: { ...PRODUCTION_ENV, LOG_LEVEL: "info", PORT: port, APP_URL: url, ...env },
  });
  // It answers questions once it listens.
  await child.ask("isUp");
  return { url, ...child };
}
