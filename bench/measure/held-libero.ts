import type { Wiring } from "../../app/lib/wiring.server";
import { openLibero, readSession } from "../libero";

/** Libero in a process that is told when to open it. */
export function holdLibero() {
  let libero: Wiring | undefined;
  const opened = (): Wiring => {
    if (!libero) throw new Error("to be opened first");
    return libero;
  };
  return {
    opened,
    async open(env: Record<string, string>): Promise<void> {
      libero = await openLibero(env);
    },
    /** @throws where the cookie opens another session than that user's, or none */
    async readOne({ cookie, userId }: { cookie: string; userId: string }): Promise<void> {
      if ((await readSession(opened(), cookie)) !== userId) throw new Error("another session was read");
    },
    stop: (): Promise<void> => opened().stop(),
  };
}
