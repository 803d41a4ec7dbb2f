import { getIronSession, sealData } from "iron-session";
import { cookieHeader } from "../browser";
import { SECRET } from "../libero";
import type { Contender, OpenContender } from "./contender";
import { Response, requestOf } from "./node-http";
import { LIFETIME_SECONDS, type Person, peopleOf } from "./people";

const OPTIONS = { cookieName: "iron", password: SECRET, ttl: LIFETIME_SECONDS };

/**
 * Everything is in the cookie: two keys are derived from the password for each, the seal's HMAC is compared, and the data
 * decrypted. Nothing is looked up, so that no session can be ended before its time, and no use of it is kept.
 */
export const ironSession: OpenContender = async (_servers, sessionCount) => {
  const sessions: Contender["sessions"] = [];
  for (const person of peopleOf(sessionCount)) {
    const seal = await sealData(person, OPTIONS);
    sessions.push({ cookie: cookieHeader(`iron=${seal}`), userId: person.userId });
  }
  return {
    name: "iron-session (sealed cookie)",
    kind: "peer",
    sessions,
    async read(cookie) {
      const request = requestOf(cookie);
      return (await getIronSession<Partial<Person>>(request, new Response(request), OPTIONS)).userId;
    },
    close: async () => {},
  };
};
