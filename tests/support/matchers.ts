import { expect } from "vitest";

/** What the matchers look at: a Response, or the `Answer` of `tests/support/routes.ts`. */
type Answered = { status: number; headers: Headers };

const COOKIE = "__libero_session";
const VALUE = /^[0-9a-f-]{36}\.[\w-]{43}\.[\w-]{43}$/;

interface RouteMatchers<R = unknown> {
  /** Leads on to exactly this address, with 302. */
  toRedirectTo(location: string): R;
  /** Sets one session cookie, with a value and a lifetime. */
  toSetSessionCookie(): R;
  /** Takes the session cookie away, and sets none. */
  toClearSessionCookie(): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends RouteMatchers<T> {}
}

expect.extend({
  toRedirectTo({ status, headers }: Answered, location: string) {
    const given = headers.get("location");
    return {
      pass: status === 302 && given === location,
      message: () => `${this.isNot ? "no " : ""}302 to ${location} was expected, got ${status} to ${given}`,
    };
  },
  toSetSessionCookie(answered: Answered) {
    const cookies = sessionCookies(answered);
    const [cookie] = cookies;
    const pass = cookies.length === 1 && VALUE.test(cookie?.value ?? "") && Number(cookie?.maxAge) > 0;
    return {
      pass,
      message: () => `${this.isNot ? "no" : "one"} new session cookie was expected, got ${printed(answered)}`,
    };
  },
  toClearSessionCookie(answered: Answered) {
    const cookies = sessionCookies(answered);
    const pass = cookies.length === 1 && cookies[0]?.value === "" && cookies[0]?.maxAge === "0";
    return {
      pass,
      message: () =>
        `${this.isNot ? "no removal" : "the removal"} of the session cookie was expected, got ${printed(answered)}`,
    };
  },
});

function sessionCookies({ headers }: Answered) {
  return headers
    .getSetCookie()
    .filter((line) => line.startsWith(`${COOKIE}=`))
    .map((line) => ({
      value: (line.split(";")[0] as string).slice(COOKIE.length + 1),
      maxAge: /; Max-Age=(\d+)/.exec(line)?.[1],
    }));
}

const printed = ({ headers }: Answered) => JSON.stringify(headers.getSetCookie());
