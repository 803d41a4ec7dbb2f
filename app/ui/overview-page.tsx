import type { ReactNode } from "react";
import type { Session, SessionSummary } from "~/lib/sessions.server";
import { LocalTime } from "./local-time";

type OverviewProps = {
  session: Pick<Session, "id" | "user" | "tenantId" | "createdAtMs" | "expiresAtMs">;
  recent: SessionSummary[];
  stats: { openSessions: number; signedInUsers: number };
};

/** Who is signed in, to which winery, since when and until when; and who else is. */
export function OverviewPage({ session, recent, stats }: OverviewProps) {
  return (
    <>
      <h1 className="text-3xl tracking-tight">Welcome, {session.user.name}</h1>
      <p className="mt-2 text-secondary">
        You are signed in to <strong className="font-medium text-text">{session.tenantId}</strong>
        {session.user.email && <> as {session.user.email}</>}.
      </p>

      <dl className="mt-8 grid gap-4 sm:grid-cols-3">
        <Figure label="Signed in since">
          <LocalTime atMs={session.createdAtMs} />
        </Figure>
        <Figure label="Your session ends">
          <LocalTime atMs={session.expiresAtMs} />
        </Figure>
        <Figure label="Staff signed in now">{stats.signedInUsers}</Figure>
      </dl>

      <section aria-labelledby="recent" className="mt-10">
        <h2 id="recent" className="text-xl">
          Recent sign-ins
        </h2>
        <p className="mt-1 text-sm text-secondary">
          {stats.openSessions === 1 ? "One session is open." : `${stats.openSessions} sessions are open.`}{" "}
          Whoever signs out leaves this list.
        </p>
        <ul className="mt-4 divide-y divide-line overflow-hidden rounded-card border border-card-line">
          {recent.map((entry) => (
            <SignIn key={entry.id} entry={entry} current={entry.id === session.id} />
          ))}
        </ul>
      </section>
    </>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="rounded-card border border-card-line bg-card px-5 py-4">
      <dt className="text-sm text-secondary">{label}</dt>
      <dd className="mt-1 text-2xl font-medium tracking-tight tabular-nums">{children}</dd>
    </div>
  );
}

function SignIn({ entry, current }: { entry: SessionSummary; current: boolean }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5">
      <span
        aria-hidden="true"
        className="grid size-9 place-items-center rounded-full bg-card text-sm font-medium"
      >
        {initials(entry.user.name)}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">
          {entry.user.name}
          {current && (
            <span className="ml-2.5 rounded-full border border-success px-2 py-0.5 text-xs text-success">
              This browser
            </span>
          )}
        </span>
        <span className="block text-sm text-secondary">
          Signed in <LocalTime atMs={entry.createdAtMs} style="date-time" />
        </span>
      </span>
      <span className="hidden text-right text-sm text-secondary sm:block">
        Last active <LocalTime atMs={entry.lastActivityAtMs} />
        <br />
        Ends <LocalTime atMs={entry.expiresAtMs} />
      </span>
    </li>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.[0]?.toUpperCase() ?? "")
    .join("");
}
