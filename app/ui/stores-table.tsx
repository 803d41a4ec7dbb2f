import type { Readiness } from "~/lib/health.server";
import { LocalTime } from "./local-time";

type Stores = Readiness["stores"];

type Row = {
  name: string;
  note: string;
  state: "up" | "read-only" | "down" | "open" | "closed" | "off";
  since: string | null;
  latencyMs?: number | null;
};

const KINDS: Record<Stores["database"]["kind"], string> = {
  postgres: "PostgreSQL",
  supabase: "PostgreSQL at Supabase",
  pglite: "Embedded, in this process",
  memory: "This process's memory",
};

const rowsOf = ({ database, redis, channel, cache }: Stores): Row[] => [
  { name: "Database", note: KINDS[database.kind], ...database },
  redis
    ? { name: "Redis", note: "In front of the database", ...redis }
    : { name: "Redis", note: "In front of the database", state: "off", since: null },
  { name: "Notices of changes", note: "Between instances", ...channel },
  { name: "Memory", note: "Of this instance, while notices come", ...cache },
];

const LOOKS: Record<Row["state"], { word: string; tone: string }> = {
  up: { word: "Up", tone: "border-success/40 bg-success/10 text-success" },
  open: { word: "Open", tone: "border-success/40 bg-success/10 text-success" },
  "read-only": { word: "Read-only", tone: "border-warning/50 bg-warning/5 text-warning" },
  down: { word: "Down", tone: "border-error/40 bg-error/10 text-error" },
  closed: { word: "Closed", tone: "border-error/40 bg-error/10 text-error" },
  off: { word: "Off", tone: "border-card-line bg-card text-secondary" },
};

/** How each store is, as the instance that answers sees it. */
export function StoresTable({ stores, storage }: { stores: Stores; storage: string }) {
  return (
    <section aria-labelledby="stores" className="mt-10">
      <h2 id="stores" className="text-xl">
        Stores
      </h2>
      <p className="mt-1 text-sm text-pretty text-secondary">
        {storage.charAt(0).toUpperCase() + storage.slice(1)}. This is how they look from the instance that
        answered you.
      </p>
      <div className="mt-4 overflow-hidden rounded-card border border-card-line">
        <table aria-labelledby="stores" className="w-full text-left text-sm tabular-nums">
          <thead className="border-b border-card-line bg-card text-secondary">
            <tr>
              <th scope="col" className="py-2.5 pl-4 font-medium sm:pl-5">
                Store
              </th>
              <th scope="col" className="px-3 py-2.5 font-medium">
                State
              </th>
              <th scope="col" className="hidden px-3 py-2.5 font-medium sm:table-cell">
                Since
              </th>
              <th scope="col" className="py-2.5 pr-4 text-right font-medium sm:pr-5">
                Last answer
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rowsOf(stores).map((row) => (
              <StoreRow key={row.name} {...row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function StoreRow({ name, note, state, since, latencyMs }: Row) {
  const { word, tone } = LOOKS[state];
  const moment = since && <LocalTime atMs={Date.parse(since)} style="date-time" />;
  return (
    <tr>
      <th scope="row" className="py-3 pl-4 font-normal sm:pl-5">
        <span className="block text-base font-medium">{name}</span>
        <span className="block text-secondary">{note}</span>
        {moment && <span className="block text-secondary sm:hidden">Since {moment}</span>}
      </th>
      <td className="px-3 py-3">
        <span
          className={`rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap normal-nums ${tone}`}
        >
          {word}
        </span>
      </td>
      <td className="hidden px-3 py-3 text-secondary sm:table-cell">{moment ?? "–"}</td>
      <td className="py-3 pr-4 text-right whitespace-nowrap text-secondary sm:pr-5">
        {typeof latencyMs === "number" ? `${latencyMs} ms` : "–"}
      </td>
    </tr>
  );
}
