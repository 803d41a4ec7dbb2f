import { openData, type SessionData } from "./data";
import type { SessionManager, SignIn } from "./manager";
import type { Session } from "./session";

/** What a handler is given beside the request. */
export interface SessionContext {
  /** Undefined where nobody is signed in. */
  readonly session: Session | undefined;
  /** The session's data to work with; what changed is saved when the handler has answered. */
  readonly data: SessionData;
  /** Gives the session a new secret, as is due when rights change. */
  rotate(rights?: { role: string }): Promise<void>;
  /** Ends the session; the answer removes the cookie. */
  destroy(): Promise<void>;
}

type Handler = (request: Request, context: SessionContext) => Response | Promise<Response>;

type MiddlewareOptions = {
  sessions: SessionManager;
  /** Who to start a session for, where a request has none; undefined for nobody. */
  signIn?: (request: Request) => Promise<SignIn | undefined>;
};

/**
 * A session around a `Request → Response` handler: opened (or started) before, handed over, and its changes saved and
 * its end renewed after. A renewal that fails never fails the request; changes that cannot be saved do, because the
 * handler has promised them (those of a session that ended meanwhile are void, like the session).
 * @throws what `start` and `saveData` of the manager throw
 */
export function withSession(
  options: MiddlewareOptions,
  handler: Handler,
): (request: Request) => Promise<Response> {
  const { sessions, signIn } = options;

  return async (request) => {
    const cookieHeader = request.headers.get("cookie");
    let session = await sessions.read(cookieHeader);
    let setCookie: string | undefined;
    const who = session ? undefined : await signIn?.(request);
    if (who) ({ session, setCookie } = await sessions.start(who, cookieHeader));

    const data = openData(session ?? { data: {} });
    /** The cookie as the browser will send it: what this request has set counts. */
    const presented = () => setCookie?.split(";")[0] ?? cookieHeader;
    const context: SessionContext = {
      session,
      data,
      async rotate(rights) {
        const rotated = await sessions.rotate(presented(), rights);
        setCookie = rotated?.setCookie ?? setCookie;
      },
      async destroy() {
        setCookie = await sessions.destroy(presented());
        session = undefined;
      },
    };
    const response = await answerOf(handler, request, context);

    const change = session && data.change();
    if (session && change) await sessions.saveData(session, change);
    if (session) await sessions.refresh(session);
    return setCookie === undefined ? response : withCookie(response, setCookie);
  };
}

/** What the handler answers, however it says it: some throw their redirects. */
async function answerOf(handler: Handler, request: Request, context: SessionContext): Promise<Response> {
  try {
    return await handler(request, context);
  } catch (error) {
    if (error instanceof Response) return error;
    throw error;
  }
}

/** A copy, because the headers of a redirect or of a fetched answer cannot be changed. */
function withCookie(response: Response, setCookie: string): Response {
  const copy = new Response(response.body, response);
  copy.headers.append("Set-Cookie", setCookie);
  return copy;
}
