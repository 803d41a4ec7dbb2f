import { redirect, type Session } from "@remix-run/node";
import { z } from "zod";
import { MINUTE_MS, SECOND_MS } from "./base/durations";
import { isUnavailable, messageOf } from "./base/errors";
import { commitSession, getUserSession } from "./session-storage.server";
import { newSecret } from "./sessions/token";
import { isOperator } from "./sign-in-rights.server";
import { wiring } from "./wiring.server";

/**
 * The operator's session. It is kept on the server (`http_sessions`), so that it can be ended; the cookie session
 * holds its random id alone. It lasts as long as an app session does by default, however much it is used, and ends sooner where
 * it is not used (OPERATOR_IDLE_TIMEOUT_SECONDS).
 */

const KEY = "operator";
const dataSchema = z.object({ operator: z.string(), signedInAtMs: z.number() });
const lifetimeMs = () => wiring().env.sessionPolicy.maxAgeSeconds * SECOND_MS;

/** Use moves the end at most once in so long: not every request writes. */
const TOUCH_INTERVAL_MS = MINUTE_MS;

/** When a session ends that is used now. */
function endMs(signedInAtMs: number): number {
  const { env, clock } = wiring();
  const latestMs = signedInAtMs + lifetimeMs();
  return env.operatorIdleTimeoutMs === 0 ? latestMs : Math.min(latestMs, clock() + env.operatorIdleTimeoutMs);
}

/** Begins a session under a new id, in place of this browser's older one. The cookie session is the caller's to commit. */
export async function startOperatorSession(session: Session, email: string): Promise<void> {
  await dropOperatorSession(session);
  const { httpSessions, clock } = wiring();
  const signedInAtMs = clock();
  const sid = newSecret();
  await httpSessions.set(sid, {
    data: { operator: email, signedInAtMs },
    expiresAtMs: endMs(signedInAtMs),
  });
  session.set(KEY, sid);
}

/** Ends this browser's session, if any. The cookie session is the caller's to commit. */
export async function dropOperatorSession(session: Session): Promise<void> {
  const sid = session.get(KEY);
  if (typeof sid === "string") await wiring().httpSessions.destroy(sid);
  session.unset(KEY);
}

/** Whose operator's session a request comes with: asks the store each time. @throws a redirect to `/login` where there is none */
export async function requireOperator(request: Request): Promise<{ email: string }> {
  const session = await getUserSession(request);
  const sid = session.get(KEY);
  const stored = typeof sid === "string" ? await wiring().httpSessions.get(sid) : undefined;
  const { data } = dataSchema.safeParse(stored?.data);
  if (!stored || !data) throw redirect("/login");
  // An address that left OPERATOR_EMAILS is signed out at once; the others stay no longer than the lifetime that holds now.
  const isOver = data.signedInAtMs + lifetimeMs() <= wiring().clock() || !isOperator(data.operator);
  if (isOver) throw redirect("/login");
  await noteUse(sid, stored.expiresAtMs, data.signedInAtMs);
  return { email: data.operator };
}

/** A page does not fail because its use cannot be noted; the session then ends sooner. */
async function noteUse(sid: string, expiresAtMs: number, signedInAtMs: number): Promise<void> {
  const nextMs = endMs(signedInAtMs);
  if (nextMs - expiresAtMs < TOUCH_INTERVAL_MS) return;
  try {
    await wiring().httpSessions.touch(sid, nextMs);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    wiring().logger.warn({ reason: messageOf(error) }, "operator session's use not noted");
  }
}

/** Ends every operator's session. @returns how many */
export async function endOperatorSessions(): Promise<number> {
  let ended = 0;
  for await (const key of openOperatorSessions()) if (await wiring().httpSessions.end(key)) ended += 1;
  return ended;
}

/** How many operators' sessions are open. */
export async function countOperatorSessions(): Promise<number> {
  let open = 0;
  for await (const _ of openOperatorSessions()) open += 1;
  return open;
}

/** Their keys. Other HTTP sessions are of people who are choosing as whom to sign in. */
async function* openOperatorSessions(): AsyncGenerator<string> {
  for await (const { key, data } of wiring().httpSessions.all()) {
    if (dataSchema.safeParse(data).success) yield key;
  }
}

/** Ends the operator's session of a request, if any. @returns the `Set-Cookie` value to answer with */
export async function endOperatorSession(request: Request): Promise<string> {
  const session = await getUserSession(request);
  await dropOperatorSession(session);
  return commitSession(session);
}
