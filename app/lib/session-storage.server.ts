import { createCookieSessionStorage, type SessionStorage } from "@remix-run/node";
import { takesSecureCookies } from "./env.server";
import { wiring } from "./wiring.server";

let made: SessionStorage | undefined;
function storage() {
  made ??= createCookieSessionStorage({
    cookie: {
      name: "__session",
      sameSite: "lax",
      path: "/",
      httpOnly: true,
      secrets: wiring().env.sessionSecrets,
      secure: takesSecureCookies(wiring().env.appUrl),
      maxAge: 60 * 60 * 24 * 365,
    },
  });
  return made;
}

export const getSession: SessionStorage["getSession"] = (...args) => storage().getSession(...args);
export const commitSession: SessionStorage["commitSession"] = (...args) => storage().commitSession(...args);
export const destroySession: SessionStorage["destroySession"] = (...args) =>
  storage().destroySession(...args);
export const sessionStorage: SessionStorage = { getSession, commitSession, destroySession };
export const getUserSession = (request: Request) => getSession(request.headers.get("Cookie"));
