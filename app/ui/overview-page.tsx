import type { ReactNode } from "react";
import type { Session, SessionSummary } from "~/lib/sessions.server";
import { LocalTime } from "./local-time";
import { RecentSignIns } from "./recent-sign-ins";
import { TimeLeft } from "./time-left";

type OverviewProps = {
  session: Pick<Session, "id" | "user" | "tenantId" | "createdAtMs" | "expiresAtMs">;
  /** Null, as `stats`, while the database is away. */
  recent: SessionSummary[] | null;
  /** Whether `recent` is everybody's at the winery, or one's own alone. */
  seesEverybody: boolean;
  stats: { openSessions: number; signedInUsers: number } | null;
};

/** Who is signed in, to which winery, since when and until when; and the newest sign-ins that one may see. */
export function OverviewPage({ session, recent, seesEverybody, stats }: OverviewProps) {
  return (
    <>
      <h1 className="text-3xl tracking-tight wrap-anywhere">Welcome, {session.user.name}</h1>
      <p className="mt-2 text-secondary wrap-anywhere">
        You are signed in to <strong className="font-medium text-text">{session.tenantId}</strong>
        {session.user.email && <> as {session.user.email}</>}.
      </p>

      <dl className="mt-8 grid auto-cols-fr divide-y divide-card-line rounded-card border border-card-line bg-card sm:grid-flow-col sm:divide-x sm:divide-y-0">
        <Figure label="Signed in since" note="Confirmed by Commerce7">
          <LocalTime atMs={session.createdAtMs} />
        </Figure>
        <Figure
          label="Your session ends"
          note={<TimeLeft fromMs={session.createdAtMs} untilMs={session.expiresAtMs} />}
        >
          <LocalTime atMs={session.expiresAtMs} />
        </Figure>
        {stats && (
          <Figure label="Staff signed in now" note={inSessions(stats.openSessions)}>
            {stats.signedInUsers}
          </Figure>
        )}
      </dl>

      <RecentSignIns
        entries={recent}
        currentId={session.id}
        seesEverybody={seesEverybody}
        openSessions={stats?.openSessions ?? 0}
      />
    </>
  );
}

/** On a phone the label stands beside its figure, elsewhere above it. */
function Figure({ label, note, children }: { label: string; note: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-4 px-5 py-3.5 sm:block sm:py-4.5">
      <dt className="text-sm text-secondary">{label}</dt>
      <dd className="row-span-2 text-2xl font-medium tracking-tight tabular-nums sm:mt-1">{children}</dd>
      <dd className="text-sm text-secondary sm:mt-0.5">{note}</dd>
    </div>
  );
}

function inSessions(count: number): string {
  return count === 1 ? "In one open session" : `In ${count} open sessions`;
}
