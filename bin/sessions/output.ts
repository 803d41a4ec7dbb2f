import Table from "cli-table3";

/** "1 session", "2 sessions". */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** In UTC, as the headings say. */
export const instant = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

/** Names come from outside: what could steer a terminal, or turn its writing around, is not printed. */
export const plain = (text: string) => text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");

type Cell = string | number | null | undefined;

const cell = (value: Cell) => plain(String(value ?? "–"));

const FRAMELESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-left`, `${side}-right`, `${side}-mid`])
    .concat("left-mid", "right-mid", "mid-mid", "top-mid", "bottom-mid")
    .map((part) => [part, ""]),
);

/** Columns without frames, so that `grep` and `awk` read them as well. */
export function table(head: string[], rows: Cell[][]): string {
  const printed = new Table({
    head,
    chars: { ...FRAMELESS, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  printed.push(...rows.map((row) => row.map(cell)));
  return lines(printed);
}

/** A name and a value a line. */
export function facts(rows: [string, Cell][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}\n`).join("");
}

const lines = (printed: Table.Table) =>
  printed
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");

/** As it goes into a document: `createdAtMs`, a number, becomes `createdAt`, in ISO 8601. */
export function toDocument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toDocument);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (!/^(at|since)Ms$|(At|Until)Ms$/.test(key)) return [key, toDocument(part)];
      return [key.replace(/Ms$/, ""), part === null ? null : new Date(part).toISOString()];
    }),
  );
}
