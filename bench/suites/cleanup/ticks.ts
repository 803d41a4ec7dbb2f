import { Worker } from "node:worker_threads";

/** Sleeps to the microsecond, where timers know milliseconds, and costs next to nothing; in a thread of its own. */
const THREAD = `
  const { parentPort, workerData: { startNs, intervalNs } } = require("node:worker_threads");
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let dueNs = startNs; ; dueNs += intervalNs) {
    const leftNs = dueNs - process.hrtime.bigint();
    if (leftNs > 0n) Atomics.wait(never, 0, 0, Number(leftNs) / 1e6);
    parentPort.postMessage(dueNs);
  }
`;

/**
 * Calls at moments that were fixed beforehand, however busy this process is: what comes late is told when it was due.
 * @returns a function that stops it
 */
export function tick(perSecond: number, onTick: (dueNs: bigint) => void): () => Promise<void> {
  const intervalNs = BigInt(Math.round(1e9 / perSecond));
  const startNs = process.hrtime.bigint() + 50_000_000n;
  const thread = new Worker(THREAD, { eval: true, execArgv: [], workerData: { startNs, intervalNs } });
  thread.on("message", onTick);
  return async () => void (await thread.terminate());
}
