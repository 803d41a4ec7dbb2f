import { SECOND_MS } from "../base/durations";
import { messageOf } from "../base/errors";
import type { Logger } from "../base/logger";
import type { SessionStore } from "./store";

/** Notes who was active, and writes it for all sessions together, at most once a second. */
export interface ActivityRecorder {
  note(sessionId: string, atMs: number): void;
  /** When a session was last noted, if that is not written yet; else 0. */
  notedAt(sessionId: string): number;
  /** Writes what is noted. A failed write is kept for the next one. */
  flush(): Promise<void>;
}

type ActivityOptions = { store: Pick<SessionStore, "touch">; logger: Logger; intervalMs?: number };

export function createActivityRecorder({
  store,
  logger,
  intervalMs = SECOND_MS,
}: ActivityOptions): ActivityRecorder {
  let noted = new Map<string, number>();
  const leaving = new Set<Map<string, number>>();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;
  let writing: Promise<void> = Promise.resolve();

  const schedule = () => {
    timer ??= setTimeout(flush, intervalMs).unref();
  };
  const note = (sessionId: string, atMs: number) => {
    if (atMs > (noted.get(sessionId) ?? 0)) noted.set(sessionId, atMs);
    schedule();
  };
  const write = async (batch: Map<string, number>) => {
    try {
      await store.touch(batch);
      failing = false;
    } catch (error) {
      // Every second anew, as long as it lasts: said once.
      const say = failing ? logger.debug : logger.warn;
      failing = true;
      say.call(
        logger,
        { sessions: batch.size, reason: messageOf(error) },
        "activity could not be written; kept for later",
      );
      for (const [sessionId, atMs] of batch) note(sessionId, atMs);
    } finally {
      leaving.delete(batch);
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = noted;
    noted = new Map();
    if (batch.size > 0) {
      leaving.add(batch);
      writing = writing.then(() => write(batch));
    }
    return writing;
  };

  const notedAt = (sessionId: string) =>
    Math.max(...[noted, ...leaving].map((batch) => batch.get(sessionId) ?? 0));

  return { note, notedAt, flush };
}
