import type { Session } from "@remix-run/node";
import { MagicLinkError } from "./adapters/remix-auth-magic-link";
import { linkAuthenticator } from "./auth.server";
import { MINUTE_MS } from "./base/durations";
import { deviceOf } from "./device.server";
import { dropOperatorSession, startOperatorSession } from "./operator-session.server";
import { commitSession, getUserSession } from "./session-storage.server";
import type { SignInTicket } from "./sessions/store";
import { newSecret } from "./sessions/token";
import { beginSignIn, endSession, startSession } from "./sessions.server";
import type { LinkFault } from "./sign-in-links/links";
import { nameOf, type Right, rightsOf } from "./sign-in-rights.server";
import { wiring } from "./wiring.server";

/** DOOR: opening a link to sign in with, and choosing what to open where there is a choice. */

export type LinkEntry =
  | { outcome: "signed-in" | "choose"; location: string; setCookies: string[] }
  | { outcome: "fault"; fault: `link-${LinkFault | "limit"}` | "bad-request" }
  | { outcome: "too-many"; retryAfterSeconds: number };

/** What a choice offers; holds nothing that the owner of the mailbox does not know. */
export type Choice = { email: string; rights: { name: string; kind: Right["kind"]; title: string }[] };

/** As long as a link is good for. Nobody is signed in meanwhile. */
const CHOICE_MS = 10 * MINUTE_MS;
const CHOICE_KEY = "signInChoice";
const VOID = { outcome: "fault", fault: "link-void" } as const;

/**
 * Opens the link in the request's address, and signs its owner in, in place of whoever was signed in in this browser.
 * @param address where the request comes from
 * @throws UnavailableError
 */
export async function openLink(request: Request, address: string): Promise<LinkEntry> {
  const { rateLimits, logRefusal } = wiring();
  const verdict = await rateLimits.admit("signIns", address);
  if (!verdict.allowed) {
    logRefusal({ what: "sign-in", reason: "too-many", address });
    return { outcome: "too-many", retryAfterSeconds: verdict.retryAfterSeconds };
  }
  const ticket = await beginSignIn();
  const opened = await openOnce(request, address);
  if ("fault" in opened) return { outcome: "fault", fault: `link-${opened.fault}` };

  const rights = await rightsOf(opened.email);
  const [first, ...others] = rights;
  // Uninstalled, taken off the list, or vouched for too long ago, since the mail was sent.
  if (!first) return VOID;
  const session = await getUserSession(request);
  if (others.length === 0) return enter(request, session, opened.email, { right: first, ticket });

  const sid = newSecret();
  const data = { choosing: opened.email };
  await wiring().httpSessions.set(sid, { data, expiresAtMs: wiring().clock() + CHOICE_MS });
  session.set(CHOICE_KEY, sid);
  return { outcome: "choose", location: "/magic", setCookies: [await commitSession(session)] };
}

/** Guessing is counted; a link that is merely late, or opened elsewhere, is not. */
async function openOnce(
  request: Request,
  address: string,
): Promise<{ email: string } | { fault: LinkFault }> {
  try {
    return await linkAuthenticator(() => {}).authenticate("magic-link", request);
  } catch (error) {
    if (!(error instanceof MagicLinkError) || error.fault === "bad-address") throw error;
    wiring().logRefusal({ what: "sign-in", reason: `link-${error.fault}`, address });
    if (error.fault === "damaged" || error.fault === "void") await wiring().rateLimits.noteFailure(address);
    return { fault: error.fault };
  }
}

/** What this browser may choose from; undefined where it opened no link, or too long ago. @throws UnavailableError */
export async function readChoice(request: Request): Promise<Choice | undefined> {
  const chooser = await chooserOf(await getUserSession(request));
  if (!chooser) return undefined;
  const rights = await rightsOf(chooser.email);
  const titleOf = (right: Right) => (right.kind === "operator" ? "All wineries" : right.tenantId);
  return {
    email: chooser.email,
    rights: rights.map((right) => ({ name: nameOf(right), kind: right.kind, title: titleOf(right) })),
  };
}

/** Signs in as was chosen, once, where that is theirs to choose still. @throws UnavailableError */
export async function choose(request: Request): Promise<LinkEntry> {
  const form = await request.formData().catch(() => undefined);
  if (!form) return { outcome: "fault", fault: "bad-request" };
  const session = await getUserSession(request);
  const chooser = await chooserOf(session);
  if (!chooser) return VOID;
  const ticket = await beginSignIn();
  const right = (await rightsOf(chooser.email)).find((one) => nameOf(one) === form.get("right"));
  if (!right) return form.has("right") ? VOID : { outcome: "fault", fault: "bad-request" };
  // Of two that are sent at once, one ends the choice and goes on.
  if (!(await wiring().httpSessions.destroy(chooser.sid))) return VOID;
  return enter(request, session, chooser.email, { right, ticket });
}

async function chooserOf(session: Session): Promise<{ sid: string; email: string } | undefined> {
  const sid = session.get(CHOICE_KEY);
  if (typeof sid !== "string") return undefined;
  const email = (await wiring().httpSessions.get(sid))?.data.choosing;
  return typeof email === "string" ? { sid, email } : undefined;
}

/** R3: nothing of who was signed in in this browser before goes on, neither as staff nor as an operator. */
async function enter(
  request: Request,
  session: Session,
  email: string,
  { right, ticket }: { right: Right; ticket: SignInTicket },
): Promise<LinkEntry> {
  session.unset(CHOICE_KEY);
  if (right.kind === "operator") {
    await startOperatorSession(session, email);
    const setCookies = [await endSession(request), await commitSession(session)];
    wiring().logger.info({ operator: true }, "an operator signed in by a link");
    return { outcome: "signed-in", location: "/operator", setCookies };
  }
  const client = await wiring().clients.findById(right.clientId);
  if (!client) return VOID;
  const { defaultTheme } = client.settings;
  const start = await startSession(request, client, {
    // Commerce7 is not asked now: a role that it did not name before may exist all the same.
    user: { id: right.userId, name: right.name, email: right.email, role: right.role ?? undefined },
    ticket,
    origin: "link",
    device: deviceOf(request),
    data: defaultTheme ? { theme: defaultTheme } : {},
  });
  if (start.outcome === "limit") return { outcome: "fault", fault: "link-limit" };
  if (start.outcome !== "started") return VOID;
  await dropOperatorSession(session);
  return {
    outcome: "signed-in",
    location: "/app",
    setCookies: [start.setCookie, await commitSession(session)],
  };
}
