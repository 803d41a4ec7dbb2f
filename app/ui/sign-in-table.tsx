import type { SessionSummary } from "~/lib/sessions.server";
import { LocalTime } from "./local-time";

const TIME_CELL = "hidden w-40 px-3 py-3.5 text-secondary md:table-cell";

/** Open sessions, the newest first. On a narrow screen the times move below the name. */
export function SignInTable({ entries, currentId }: { entries: SessionSummary[]; currentId: string }) {
  return (
    <div className="mt-4 overflow-hidden rounded-card border border-card-line">
      <table aria-labelledby="recent" className="w-full table-fixed text-left text-sm tabular-nums">
        <thead className="sr-only border-b border-card-line bg-card text-secondary md:not-sr-only md:table-header-group">
          <tr>
            <th scope="col" className="px-5 py-2.5 font-medium">
              Staff member
            </th>
            {["Signed in", "Last active", "Ends"].map((title) => (
              <th key={title} scope="col" className="hidden w-40 px-3 py-2.5 font-medium md:table-cell">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {entries.map((entry) => (
            <SignIn key={entry.id} entry={entry} current={entry.id === currentId} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SignIn({ entry, current }: { entry: SessionSummary; current: boolean }) {
  return (
    <tr>
      <td className="px-5 py-3">
        <span className="flex items-center gap-3.5">
          <Initials name={entry.user.name} />
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-base">
              <span className="font-medium wrap-anywhere">{entry.user.name}</span>
              {current && <CurrentBadge />}
            </span>
            <span className="block text-secondary md:hidden">
              Signed in <LocalTime atMs={entry.createdAtMs} style="date-time" />
              <br />
              Last active <LocalTime atMs={entry.lastActivityAtMs} style="date-time" />
            </span>
          </span>
        </span>
      </td>
      <td className={TIME_CELL}>
        <LocalTime atMs={entry.createdAtMs} style="date-time" />
      </td>
      <td className={TIME_CELL}>
        <LocalTime atMs={entry.lastActivityAtMs} style="date-time" />
      </td>
      <td className={TIME_CELL}>
        <LocalTime atMs={entry.expiresAtMs} style="date-time" />
      </td>
    </tr>
  );
}

function CurrentBadge() {
  return (
    <span className="shrink-0 rounded-full border border-success/40 bg-success/10 px-2 py-0.5 text-xs font-medium text-success">
      This browser
    </span>
  );
}

function Initials({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-9 shrink-0 place-items-center rounded-full border border-line bg-card font-medium text-secondary"
    >
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "")
    .join("");
}
