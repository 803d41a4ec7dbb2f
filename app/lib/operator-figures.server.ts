import { DAY_MS, HOUR_MS } from "./base/durations";
import { withKnownDevice } from "./device.server";
import { unlessAway } from "./guard.server";
import { checkReadiness, type Readiness } from "./health.server";
import type { SessionTotals } from "./sessions/directory";
import { END_REASONS, type EndReason, type SessionSummary } from "./sessions/session";
import { wiring } from "./wiring.server";

/** DOOR: figures over all wineries, for the operator's page and command line. */

export type { EndReason, SessionSummary } from "./sessions/session";

/** As many as a page shows at a glance. */
const NEWEST = 10;

export type Figures = SessionTotals & { endings: { sinceMs: number; reasons: Record<EndReason, number> } };

/** Figures now, and how many sessions ended in so many hours, by every reason there is. */
export async function readFigures(hours: number): Promise<Figures> {
  const { store, clock } = wiring();
  const sinceMs = clock() - hours * HOUR_MS;
  const [totals, endings] = [await store.totals(clock()), await store.endings(sinceMs)];
  const reasons = Object.fromEntries(END_REASONS.map((reason) => [reason, endings[reason] ?? 0]));
  return { ...totals, endings: { sinceMs, reasons: reasons as Record<EndReason, number> } };
}

export type Dashboard = {
  readAtMs: number;
  /** The last day's figures, and the newest open sessions of all wineries; null while the database is away. */
  sessions: { figures: Figures; newest: SessionSummary[] } | null;
  stores: Readiness["stores"];
  /** Where sessions live, and why. */
  storage: string;
};

/** What the operator's page shows: as much of it as there is. */
export async function readDashboard(): Promise<Dashboard> {
  const { store, clock, storage } = wiring();
  const readAtMs = clock();
  const known = Promise.all([readFigures(DAY_MS / HOUR_MS), store.listOpen({}, readAtMs, NEWEST)]);
  const [answer, { stores }] = await Promise.all([unlessAway(known), checkReadiness()]);
  const sessions = answer && { figures: answer[0], newest: answer[1].map(withKnownDevice) };
  return { readAtMs, sessions, stores, storage };
}
