import type { BenchDatabase } from "../../servers";
import { walBytes } from "../../sql/measures";
import type { Writer } from "./writer";

/** Bytes of write-ahead log for one use that is kept. */
export type LogBytes = {
  /** Each session once, right after a checkpoint: the first change of a page logs the whole page. */
  afterCheckpoint: number;
  /** Each session once more, with no page left to be logged whole. */
  withoutImages: number;
};

/** With nothing else at work on the server. @returns undefined for whoever keeps uses in no table, or as they come */
export async function logBytesPerTouch(
  database: Pick<BenchDatabase, "sql">,
  { touchAllOnce }: Writer,
  sessionCount: number,
): Promise<LogBytes | undefined> {
  if (!touchAllOnce) return undefined;
  const pass = async () => {
    const before = await walBytes(database);
    await touchAllOnce();
    return ((await walBytes(database)) - before) / sessionCount;
  };
  await database.sql.query("checkpoint");
  return { afterCheckpoint: await pass(), withoutImages: await pass() };
}
