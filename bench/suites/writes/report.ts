import type { SuiteResult, Table } from "../../measure/bench";
import { bytes, count, duration, percent, perSecond, times } from "../../measure/format";
import { median } from "../../measure/statistics";
import type { Updates } from "../../sql/measures";
import type { LogBytes } from "./log-bytes";
import type { Touched, Writer } from "./writer";

export type Measured = {
  writer: Writer;
  /** Of each round. */
  touched: Touched[];
  signInsPerSecond: number[];
  logBytes?: LogBytes;
  updates?: Updates;
};

type Line = ReturnType<typeof lineOf>;

export function report(all: Measured[], sessionCount: number): SuiteResult {
  const lines = all.map(lineOf);
  const [engine, batches, pgSimple] = lines as [Line, Line, Line];
  return {
    tables: [touchTable(lines, pgSimple, sessionCount), signInTable(lines, pgSimple)],
    targets: [
      {
        what: "heap-only touches",
        bound: 99,
        is: "at least",
        unit: "%",
        measured: Math.min(engine.heapOnlyPercent as number, batches.heapOnlyPercent as number),
      },
    ],
    charts: [
      {
        title: "Uses of sessions kept per second",
        unit: "/s",
        bars: lines
          .map(({ name, usesPerSecond, ours }) => ({ name, value: usesPerSecond, ours }))
          .sort((a, b) => b.value - a.value),
      },
    ],
    figures: {
      touchRowsPerSecond: batches.rowsPerSecond,
      walBytesPerTouch: batches.walBytesPerTouchAfterCheckpoint,
      signInsPerSecond: batches.signInsPerSecond,
      sessionCount,
      writers: lines,
    },
  };
}

function lineOf({ writer, touched, signInsPerSecond, logBytes, updates }: Measured) {
  const elapsedMs = touched.reduce((sum, round) => sum + round.elapsedMs, 0);
  const usesPerSecond = median(touched.map((round) => (round.uses / round.elapsedMs) * 1_000));
  // Who writes each use writes as many rows; the engine writes a session once, however often it was used meanwhile.
  const rowsPerSecond = writer.gathers ? ((updates?.updates ?? 0) / elapsedMs) * 1_000 : usesPerSecond;
  return {
    name: writer.name,
    ours: writer.ours,
    usesPerSecond,
    rowsPerSecond: updates && rowsPerSecond,
    behindMs: writer.gathers ? Math.max(...touched.map((round) => round.behindMs)) : undefined,
    walBytesPerTouchAfterCheckpoint: logBytes?.afterCheckpoint,
    walBytesPerTouchWithoutImages: logBytes?.withoutImages,
    heapOnlyPercent: updates && (100 * updates.heapOnly) / updates.updates,
    signIn: writer.signIn?.name,
    signInsPerSecond: writer.signIn && median(signInsPerSecond),
  };
}

/** Where there is nothing to measure. */
const NONE = "–";
const shown = (value: number | undefined, show: (value: number) => string) =>
  value === undefined ? NONE : show(value);

function touchTable(lines: Line[], pgSimple: Line, sessionCount: number): Table {
  return {
    title: `Keeping the use of ${count(sessionCount)} active sessions`,
    note:
      "Sessions in a random order, each as often as any other; 32 at a time. Libero's requests note their use in memory, " +
      "and one statement a second writes all sessions that were used since: one that was used a hundred times " +
      "meanwhile is one row, written late (the column says how long after the last use its row was there; that time " +
      "counts). The batches are that statement alone, back to back, each of a tenth of the sessions. PostgreSQL commits " +
      "durably; Redis writes nothing to its disk here. Log, in bytes of write-ahead log: each session used once, first " +
      "right after a checkpoint, with the full-page images that it makes necessary, then once more without any. " +
      "Heap-only: updates that touched no index, with autovacuum at work.",
    head: [
      "",
      "uses kept",
      "rows written",
      "rows, × connect-pg-simple",
      "written after",
      "log a row, with full-page images",
      "log a row, without images",
      "heap-only",
    ],
    rows: lines.map((line) => [
      line.name,
      perSecond(line.usesPerSecond),
      shown(line.rowsPerSecond, perSecond),
      shown(line.rowsPerSecond, (rows) => times(rows / (pgSimple.rowsPerSecond as number))),
      line.behindMs === undefined ? "at once" : duration(line.behindMs * 1_000),
      shown(line.walBytesPerTouchAfterCheckpoint, bytes),
      shown(line.walBytesPerTouchWithoutImages, bytes),
      shown(line.heapOnlyPercent, percent),
    ]),
  };
}

function signInTable(lines: Line[], pgSimple: Line): Table {
  return {
    title: "Sign-ins",
    note:
      "32 at a time; Libero's at a hundred wineries. Libero's sign-in also signs the cookie, checks the client, waits for " +
      "other sign-ins of the same user, looks at that user's other sessions, and leaves an event in the history, in one " +
      "durable transaction; connect-pg-simple's is one insert, as durable; Redis keeps its in memory.",
    head: ["", "sign-ins", "× connect-pg-simple"],
    rows: lines
      .filter(({ signIn }) => signIn !== undefined)
      .map(({ signIn, signInsPerSecond }) => [
        signIn as string,
        shown(signInsPerSecond, perSecond),
        shown(signInsPerSecond, (rate) => times(rate / (pgSimple.signInsPerSecond as number))),
      ]),
  };
}
