import { readEnv } from "../app/lib/env.server";
import { startServer } from "../server";
import { exitWith, loadDotEnv } from "./command";

/**
 * Runs the app until SIGTERM or SIGINT, then stops it in order. Exit code 1 means that a request or
 * the closing hung and was cut short, which the log names.
 * @param alsoStop what else to stop at the end
 */
export async function runServer({ develop = false, alsoStop = async () => {} } = {}): Promise<void> {
  try {
    loadDotEnv();
    const env = readEnv();
    const server = await startServer(env, { develop });
    process.stdout.write(`Libero listens on ${env.appUrl.origin} (port ${server.port})\n`);
    let stopping = false;
    const stop = async () => {
      // Ctrl-C reaches us twice under npm, from the terminal and from npm: the first is enough.
      if (stopping) return;
      stopping = true;
      const inOrder = await server.stop();
      await alsoStop();
      process.exit(inOrder ? 0 : 1);
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  } catch (error) {
    exitWith(error);
  }
}
