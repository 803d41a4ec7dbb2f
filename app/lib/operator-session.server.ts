import { redirect, type Session } from "@remix-run/node";
import { z } from "zod";
import { SECOND_MS } from "./base/durations";
import { commitSession, getUserSession } from "./session-storage.server";
import { newSecret } from "./sessions/token";
import { isOperator } from "./sign-in-rights.server";
import { wiring } from "./wiring.server";

/**
 * DOOR: the operator's session. It is kept on the server (`http_sessions`), so that it can be ended; the cookie session
 * holds its random id alone. It lasts as long as an app session does by default, however much it is used.
 */

const KEY = "operator";
const dataSchema = z.object({ operator: z.string(), signedInAtMs: z.number() });
const lifetimeMs = () => wiring().env.sessionPolicy.maxAgeSeconds * SECOND_MS;

/** Begins a session under a new id, in place of this browser's older one. The cookie session is the caller's to commit. */
export async function startOperatorSession(session: Session, email: string): Promise<void> {
  await dropOperatorSession(session);
  const { httpSessions, clock } = wiring();
  const signedInAtMs = clock();
  const sid = newSecret();
  await httpSessions.set(sid, {
    data: { operator: email, signedInAtMs },
    expiresAtMs: signedInAtMs + lifetimeMs(),
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
  const kept = typeof sid === "string" ? await wiring().httpSessions.get(sid) : undefined;
  const { data } = dataSchema.safeParse(kept?.data);
  // Whoever was taken out of OPERATOR_EMAILS is out at once; who is in stays no longer than the lifetime that holds now.
  const isOver = !data || data.signedInAtMs + lifetimeMs() <= wiring().clock() || !isOperator(data.operator);
  if (isOver) throw redirect("/login");
  return { email: data.operator };
}

/** Ends the operator's session of a request, if any. @returns the `Set-Cookie` value to answer with */
export async function endOperatorSession(request: Request): Promise<string> {
  const session = await getUserSession(request);
  await dropOperatorSession(session);
  return commitSession(session);
}
