import { z } from "zod";
import { isAdministrator } from "./administrators.server";
import { isUnavailable, messageOf } from "./base/errors";
import { isStorable } from "./base/text";
import { withKnownDevice } from "./device.server";
import type { Session, SessionSummary } from "./sessions/session";
import type { SessionScope } from "./sessions/store";
import { listOpenSessions, saveSessionData, sessionData, sessionStats } from "./sessions.server";
import { wiring } from "./wiring.server";

/** DOOR: where one is signed in, and signing out there; for administrators, everybody at their winery. */

/** As many sessions as a page shows; whoever has more sees the newest. */
const LIST_LIMIT = 200;

/** The flash that carries what was done over the redirect after it. */
const ENDED = "ended";

const endingSchema = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("end"), sessionId: z.uuid().toLowerCase() }),
  z.object({ intent: z.literal("end-person"), userId: z.string().min(1).max(200).refine(isStorable) }),
  z.object({ intent: z.enum(["end-others", "end-own", "end-winery"]) }),
]);

/** What a form of the devices page asks for: one session, all of a person, all but this one, all of one's own, everybody's. */
export type Ending = z.infer<typeof endingSchema>;

export type Ended =
  /** `here`: the session of this very browser is among them. */
  { outcome: "ended"; count: number; here: boolean } | { outcome: "not-allowed" };

export type WinerySessions = { sessions: SessionSummary[]; openSessions: number; signedInUsers: number };

/** One's own open sessions, the newest first. */
export async function listOwnSessions(
  { clientId, user }: Session,
  limit = LIST_LIMIT,
): Promise<SessionSummary[]> {
  const { store, clock } = wiring();
  return (await store.listOpen({ clientId, userId: user.id }, clock(), limit)).map(withKnownDevice);
}

/** Everybody's open sessions at the winery, the newest first; null for whoever is no administrator. */
export async function listWinerySessions(session: Session): Promise<WinerySessions | null> {
  if (!isAdministrator(session)) return null;
  const [sessions, stats] = await Promise.all([
    listOpenSessions(session.clientId, LIST_LIMIT),
    sessionStats(session.clientId),
  ]);
  return { sessions, ...stats };
}

/** The newest sign-ins of everybody at the winery, for administrators; of oneself, for anybody else. */
export function listRecentSignIns(session: Session, limit: number): Promise<SessionSummary[]> {
  return isAdministrator(session)
    ? listOpenSessions(session.clientId, limit)
    : listOwnSessions(session, limit);
}

/** What a form asks to end; undefined for a form that is none of ours. */
export function readEnding(form: FormData): Ending | undefined {
  return endingSchema.safeParse(Object.fromEntries(form)).data;
}

/** Ends what was asked for, as far as it is theirs to end. */
export async function endSessions(session: Session, ending: Ending): Promise<Ended> {
  const { store } = wiring();
  const { id, clientId, user } = session;
  const ended = (count: number, here: boolean) => ({ outcome: "ended", count, here }) as const;
  switch (ending.intent) {
    case "end":
      return ended((await endOne(session, ending.sessionId)) ? 1 : 0, ending.sessionId === id);
    case "end-person":
      return ending.userId === user.id
        ? endSessions(session, { intent: "end-own" })
        : endByAdministrator(session, { clientId, userId: ending.userId }, false);
    case "end-others":
      return ended(await store.endAll({ clientId, userId: user.id, exceptId: id }, "revoked"), false);
    case "end-own":
      return ended(await store.endAll({ clientId, userId: user.id }, "revoked"), true);
    case "end-winery":
      return endByAdministrator(session, { clientId }, true);
  }
}

async function endByAdministrator(session: Session, scope: SessionScope, here: boolean): Promise<Ended> {
  if (!isAdministrator(session)) return { outcome: "not-allowed" };
  const { store } = wiring();
  return { outcome: "ended", count: await store.endAll(scope, "revoked_by_admin"), here };
}

/** False where the session is over, or not theirs to end: who asks learns nothing of sessions that are not theirs. */
async function endOne(session: Session, id: string): Promise<boolean> {
  const { store, logger } = wiring();
  const target = (await store.find(id, { fresh: true }))?.session;
  if (!target || target.clientId !== session.clientId) return false;
  const own = target.user.id === session.user.id;
  if (!own && !isAdministrator(session)) return false;
  logger.info({ sessionId: id, by: session.id }, "a session is ended");
  return store.end(id, own ? "revoked" : "revoked_by_admin");
}

/** Keeps how many sessions ended for the next page to say. */
export async function noteEnded(session: Session, count: number): Promise<void> {
  const data = sessionData(session);
  data.flash(ENDED, count);
  await saveSessionData(session, data.change() ?? {});
}

/**
 * How many sessions ended by what led to this page; null where nothing did. Told once, or once more where that cannot be
 * saved: a page does not fail for it.
 */
export async function takeEnded(session: Session): Promise<{ count: number } | null> {
  const data = sessionData(session);
  const count = z.number().safeParse(data.get(ENDED)).data;
  const change = data.change();
  if (change) await saveSessionData(session, change).catch(keepForNextPage);
  return count === undefined ? null : { count };
}

function keepForNextPage(error: unknown): void {
  if (!isUnavailable(error)) throw error;
  wiring().logger.warn({ reason: messageOf(error) }, "a message was shown, and could not be removed");
}
