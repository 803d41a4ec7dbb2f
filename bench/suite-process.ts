import { loadSuite } from "./registry";
import type { FromSuite, SuiteOrder } from "./suite-runner";

/** One suite, in a process of its own: another's garbage, timers and compiled code are not in its way. */
const { name, quick, servers } = JSON.parse(process.argv[2] as string) as SuiteOrder;

/** Ends when it is handed over: what a suite may have left open keeps nobody waiting. */
function send(message: FromSuite, andEnd = false): void {
  process.send?.(message, () => andEnd && process.exit());
}

// Whoever started it is gone, and nobody will read the result.
process.once("disconnect", () => process.exit(1));

try {
  const suite = await loadSuite(name);
  const result = await suite.run({ quick, servers, say: (detail) => send({ say: detail }) });
  send({ result }, true);
} catch (error) {
  send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }, true);
}
