import { isOperational, isUnavailable, messageOf } from "./base/errors";
import { currentRequestId } from "./base/request-context";
import { logUnexpectedError } from "./lifecycle.server";
import { isOpenedFromAdmin } from "./open.server";
import { themeOf } from "./theme.server";
import { wiring } from "./wiring.server";

/** DOOR: what every route answers when the database is away. */

/** How an answer says that it could not be had, and when to come back. */
export const AWAY = { status: 503, headers: { "Retry-After": "5", "Cache-Control": "no-store" } };

/**
 * A loader or action that answers 503 with a friendly page, rather than 500, while the database does not answer.
 * Nothing is guessed meanwhile: signed in is who a memory vouches for, for as long as it may, and nobody else; whatever
 * asks for the truth waits for it (ASVS 5.0, 16.5.3: fail closed).
 */
export function guarded<Args extends { request: Request }, Answer>(
  handler: (args: Args) => Promise<Answer>,
): (args: Args) => Promise<Answer> {
  return async (args) => {
    try {
      return await handler(args);
    } catch (error) {
      if (isOperational(error)) {
        wiring().logger.error({ reason: messageOf(error) }, "answered 503: the database is away");
        throw await shortBreak(args.request);
      }
      if (isFault(error)) error.data = { ...error.data, reference: currentRequestId() };
      const isOurs = !isAnswer(error) && !args.request.signal.aborted;
      throw isOurs ? unexpected(args.request, error) : error;
    }
  };
}

/** What routes throw to answer: a Response, or Remix's `data()`. */
const isAnswer = (error: unknown) => error instanceof Response || isData(error);

const isData = (error: unknown): error is { data: unknown } =>
  (error as { type?: unknown } | null)?.type === "DataWithResponseInit";

/** The user who asks about a fault page reads its reference out; the log has the request's lines by it. */
const isFault = (error: unknown): error is { data: { fault: unknown; reference?: string } } =>
  isData(error) && typeof error.data === "object" && error.data !== null && "fault" in error.data;

/** A fault of ours: the log has it with its stack, and the page a reference to that; in development the stack as well. */
function unexpected(request: Request, error: unknown) {
  logUnexpectedError(request, error);
  const stack = wiring().env.mode === "production" ? undefined : stackOf(error);
  const body = { fault: "unknown", reference: currentRequestId(), stack };
  return Response.json(body, { status: 500, headers: { "Cache-Control": "no-store" } });
}

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Not `data()`: what serves no page (the webhooks) could only throw that as an error without these headers. */
async function shortBreak(request: Request): Promise<Response> {
  if (!isOpenedFromAdmin(request)) {
    const signedIn = await vouchedFor(request);
    return Response.json({ fault: "database", reference: currentRequestId(), signedIn }, AWAY);
  }
  // The address holds a token that there was no session to swap for yet, and it may be somebody else's.
  const headers = { ...AWAY.headers, "Referrer-Policy": "no-referrer" };
  return Response.json({ fault: "database", reference: currentRequestId() }, { ...AWAY, headers });
}

/** Who is signed in, for the page around the fault; undefined where nobody can or may tell. */
async function vouchedFor(request: Request) {
  try {
    const session = await wiring().sessions.read(request.headers.get("cookie"));
    return session && { winery: session.tenantId, user: session.user, theme: themeOf(session) };
  } catch {
    return undefined;
  }
}

/**
 * What only the database knows, for a page that is worth showing without it; null while the database is away. All
 * that a page can do without belongs into one call, so that the log has one line for one request.
 */
export async function unlessAway<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    wiring().logger.warn({ reason: messageOf(error) }, "answered in part: the database is away");
    return null;
  }
}
