import { startChild } from "../measure/child";
import type { Answered, Round } from "../measure/requests";
import type { Servers } from "../servers";
import type { Contender } from "./contender";
import type { ContenderHandlers } from "./contender-process";
import type { ContenderKey } from "./registry";

/** A contender in a process of its own, as in production: nobody else's sessions, garbage or compiled code are in its way. */
export type ContenderProcess = Pick<Contender, "name" | "kind"> & {
  /** So many requests as it can answer in that time. @throws where it hangs */
  run(round: Round): Promise<Answered>;
  stop(): Promise<void>;
};

/** @throws where it does not open its own sessions, or opens what it should not */
export async function openContender(
  key: ContenderKey,
  servers: Servers,
  sessionCount: number,
): Promise<ContenderProcess> {
  const child = startChild<ContenderHandlers>(new URL("contender-process.ts", import.meta.url), {
    flags: ["--expose-gc"],
  });
  try {
    const { name, kind } = await child.ask("open", { key, servers, sessionCount });
    return {
      name,
      kind,
      run: (round) => child.ask("run", round),
      async stop() {
        await child.ask("close").finally(child.stop);
      },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
