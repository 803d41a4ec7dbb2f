import type { ReactNode } from "react";
import type { SessionSummary } from "~/lib/sessions.server";
import { Icon } from "./icon";
import { LocalTime } from "./local-time";

// Wide enough for the times to stand in columns of their own: 56 rem, which the admin's frame has on a common screen.
const TIME_CELL = "hidden px-3 py-3.5 text-secondary min-[56rem]:table-cell";

const TIMES = [
  { title: "Signed in", momentOf: (entry: SessionSummary) => entry.createdAtMs },
  { title: "Last active", momentOf: (entry: SessionSummary) => entry.lastActivityAtMs },
  { title: "Ends", momentOf: (entry: SessionSummary) => entry.expiresAtMs },
];

type TableProps = {
  entries: SessionSummary[];
  /** The session of this very browser, where it is one of these. */
  currentId?: string;
  /** The id of the heading that names the table. */
  labelledBy: string;
  /** What tells the rows apart: people, or, where they are all the same person's, browsers. */
  by?: "person" | "device";
  /** Whether they are of more than one winery. */
  namesWinery?: boolean;
  /** What can be done with a session; `name` is what the row calls it. */
  action?: (entry: SessionSummary, name: string) => ReactNode;
};

/** Open sessions, the newest first. On a narrow screen the times move below the name. */
export function SignInTable(props: TableProps) {
  const { entries, currentId, labelledBy, by = "person", namesWinery = false, action } = props;
  return (
    <div className="mt-4 overflow-hidden rounded-card border border-card-line">
      <table aria-labelledby={labelledBy} className="w-full table-fixed text-left text-sm tabular-nums">
        <Columns withAction={action !== undefined} />
        <thead className="sr-only border-b border-card-line bg-card text-secondary min-[56rem]:not-sr-only min-[56rem]:table-header-group">
          <tr>
            <th scope="col" className="py-2.5 pl-4 font-medium sm:px-5">
              {by === "person" ? "Staff member" : "Browser"}
            </th>
            {TIMES.map(({ title }) => (
              <th key={title} scope="col" className="hidden px-3 py-2.5 font-medium min-[56rem]:table-cell">
                {title}
              </th>
            ))}
            {action && (
              <th scope="col" className="px-4 py-2.5 sm:px-5">
                <span className="sr-only">Action</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {entries.map((entry) => (
            <SignIn
              key={entry.id}
              entry={entry}
              current={entry.id === currentId}
              {...{ by, namesWinery, action }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The columns' widths; the head cannot give them, because on a narrow screen it takes no part in the layout. */
function Columns({ withAction }: { withAction: boolean }) {
  return (
    <colgroup>
      <col />
      {TIMES.map(({ title }) => (
        <col key={title} className="hidden w-40 min-[56rem]:table-column" />
      ))}
      {withAction && <col className="w-28 sm:w-30" />}
    </colgroup>
  );
}

type SignInProps = { entry: SessionSummary; current: boolean } & Pick<
  TableProps,
  "by" | "namesWinery" | "action"
>;

function SignIn({ entry, current, by, namesWinery, action }: SignInProps) {
  const device = deviceName(entry);
  const name = by === "person" ? entry.user.name : device;
  return (
    <tr>
      <td className="py-3 pl-4 sm:px-5">
        <span className="flex items-center gap-3.5">
          <Mark always={!action}>{by === "person" ? initials(name) : <Icon name="browser" />}</Mark>
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-base">
              <span className="font-medium wrap-anywhere">{name}</span>
              {current && <CurrentBadge />}
            </span>
            {namesWinery && <span className="block wrap-anywhere">{entry.tenantId}</span>}
            {by === "person" && <span className="block wrap-anywhere text-secondary">{device}</span>}
            <NarrowTimes entry={entry} />
          </span>
        </span>
      </td>
      {TIMES.map(({ title, momentOf }) => (
        <td key={title} className={TIME_CELL}>
          <LocalTime atMs={momentOf(entry)} style="date-time" />
        </td>
      ))}
      {action && <td className="px-4 py-3 text-right sm:px-5">{!current && action(entry, name)}</td>}
    </tr>
  );
}

function NarrowTimes({ entry }: { entry: SessionSummary }) {
  return (
    <span className="mt-0.5 flex flex-wrap gap-x-4 text-secondary min-[56rem]:hidden">
      {TIMES.map(({ title, momentOf }) => (
        <span key={title}>
          {title} <LocalTime atMs={momentOf(entry)} style="date-time" />
        </span>
      ))}
    </span>
  );
}

/**
 * An install signs in whoever pressed the button, and often no browser ever uses that session. A sign-in from outside
 * the admin says so: it is not one of every day.
 */
function deviceName({ origin, device }: SessionSummary): string {
  if (origin === "install") return "From installing the app";
  const browser = device ?? "Unknown browser";
  return origin === "link" ? `${browser}, by e-mail` : browser;
}

function CurrentBadge() {
  return (
    <span className="shrink-0 rounded-full border border-success/40 bg-success/10 px-2 py-0.5 text-xs font-medium text-success">
      This browser
    </span>
  );
}

/** On a phone it makes room where a button stands in the row. */
function Mark({ always, children }: { always: boolean; children: ReactNode }) {
  return (
    <span
      aria-hidden="true"
      className={`${always ? "grid" : "hidden sm:grid"} size-9 shrink-0 place-items-center rounded-full border border-line bg-card font-medium text-secondary`}
    >
      {children}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "")
    .join("");
}
