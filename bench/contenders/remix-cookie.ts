import { createCookieSessionStorage, type SessionIdStorageStrategy } from "@remix-run/node";
import { cookieHeader, pairOf } from "../browser";
import { SECRET } from "../libero";
import type { Contender, OpenContender } from "./contender";
import { LIFETIME_SECONDS, type Person, peopleOf } from "./people";

export const REMIX_COOKIE = "Remix's signed cookie";

/** As its documentation has it: one secret, and the attributes that a frame needs. */
export const REMIX_COOKIE_OPTIONS = {
  name: "__session",
  secrets: [SECRET],
  path: "/",
  httpOnly: true,
  secure: true,
  sameSite: "none" as const,
  maxAge: LIFETIME_SECONDS,
} satisfies SessionIdStorageStrategy["cookie"];

/**
 * Everything is in the cookie: its HMAC is compared and its base64 and JSON are read. Nothing is looked up, so that no session
 * can be ended before its time, and no use of it is kept.
 */
export const remixCookie: OpenContender = async (_servers, sessionCount) => {
  const storage = createCookieSessionStorage<Person>({ cookie: REMIX_COOKIE_OPTIONS });
  const sessions: Contender["sessions"] = [];
  for (const person of peopleOf(sessionCount)) {
    const session = await storage.getSession();
    for (const key of Object.keys(person) as (keyof Person)[]) session.set(key, person[key]);
    const setCookie = await storage.commitSession(session);
    sessions.push({ cookie: cookieHeader(pairOf(setCookie)), userId: person.userId });
  }
  return {
    name: REMIX_COOKIE,
    kind: "peer",
    sessions,
    read: async (cookie) => (await storage.getSession(cookie)).get("userId"),
    close: async () => {},
  };
};
