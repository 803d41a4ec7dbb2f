import { readEnv } from "../app/lib/env.server";
import { startServer } from "../server";
import { exitWith, loadDotEnv } from "./command";
import { onStopRequest } from "./stop-request";

/**
 * Runs the app until it is to stop ({@link onStopRequest}), then stops it in order. Exit code 1 means that a request or
 * the closing hung and was cut short, which the log names.
 * @param alsoStop what else to stop at the end
 */
export async function runServer({ develop = false, alsoStop = async () => {} } = {}): Promise<void> {
  // Until the server listens, no request is lost.
  let stop = async (): Promise<void> => process.exit(0);
  onStopRequest(() => stop());
  try {
    loadDotEnv();
    const env = readEnv();
    const server = await startServer(env, { develop });
    stop = async () => {
      const inOrder = await server.stop();
      await alsoStop();
      process.exit(inOrder ? 0 : 1);
    };
    process.stdout.write(`Libero listens on ${env.appUrl.origin} (port ${server.port})\n`);
  } catch (error) {
    exitWith(error);
  }
}
