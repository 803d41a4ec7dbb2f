import type { Session, SessionSummary } from "~/lib/sessions.server";
import { Figure, Figures } from "./figures";
import { LocalTime } from "./local-time";
import { RecentSignIns } from "./recent-sign-ins";
import { TimeLeft } from "./time-left";

type OverviewProps = {
  session: Pick<Session, "id" | "user" | "tenantId" | "origin" | "createdAtMs" | "expiresAtMs">;
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

      <Figures>
        <Figure label="Signed in since" note={CONFIRMED_BY[session.origin]}>
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
      </Figures>

      <RecentSignIns
        entries={recent}
        currentId={session.id}
        seesEverybody={seesEverybody}
        openSessions={stats?.openSessions ?? 0}
      />
    </>
  );
}

/** Who said who they are, when they signed in. */
const CONFIRMED_BY: Record<Session["origin"], string> = {
  open: "Confirmed by Commerce7",
  link: "With a link sent by e-mail",
  install: "When Libero was installed",
};

function inSessions(count: number): string {
  return count === 1 ? "In one open session" : `In ${count} open sessions`;
}
