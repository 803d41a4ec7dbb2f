import {
  Commerce7RefusedError,
  Commerce7UnreachableError,
  readOpening,
} from "./adapters/remix-auth-commerce7";
import { adminAuthenticator, type VouchedFor } from "./auth.server";
import { ClientNotInstalledError } from "./base/errors";
import { themeSchema } from "./clients/settings";
import { deviceOf } from "./device.server";
import { beginSignIn, getSession, startSession } from "./sessions.server";
import { rememberStaff } from "./staff.server";
import { wiring } from "./wiring.server";

/** DOOR: a staff member opens the app from the Commerce7 admin. */

export type Opening =
  | { outcome: "opened"; setCookie: string; location: string }
  | { outcome: "refused" | "not-installed" | "unreachable" | "limit" }
  /** Another user is signed in in this browser, at top level: a link may have brought them here. */
  | { outcome: "confirm"; current: SignedIn; next: SignedIn }
  /** The address, or the winery, has tried or failed too often of late. */
  | { outcome: "too-many"; retryAfterSeconds: number };

/** Who, and at which winery. */
export type SignedIn = { name: string; winery: string };

/** Whether the admin opened this URL, with a token that has to be swapped for a session. */
export function isOpenedFromAdmin(request: Request): boolean {
  const { searchParams } = new URL(request.url);
  return searchParams.has("account") || searchParams.has("tenantId");
}

type OpeningOptions = {
  /** Where the request comes from. */
  address: string;
  /** Whether a live session of another user is only replaced once its user has said so. */
  asksFirst: boolean;
};

/**
 * Swaps the `account` token for a session: asks Commerce7 once, whoever the browser was before.
 * @returns where to go on, without the token; or why not
 */
export async function openFromAdmin(
  request: Request,
  { address, asksFirst }: OpeningOptions,
): Promise<Opening> {
  const { tenantId } = readOpening(request);
  const { rateLimits, logRefusal } = wiring();
  const refused = <Reason extends string>(reason: Reason): Reason => {
    logRefusal({ what: "sign-in", reason, address, tenantId });
    return reason;
  };
  const tooMany = ({ retryAfterSeconds }: { retryAfterSeconds: number }) =>
    ({ outcome: refused("too-many"), retryAfterSeconds }) as const;
  const verdict = await rateLimits.admit("signIns", address);
  if (!verdict.allowed) return tooMany(verdict);

  const beginning = beginSignIn();
  // Not awaited where Commerce7 says no: a failure then must not end the process.
  beginning.catch(() => undefined);
  const vouched = await askCommerce7(request);
  if (vouched.outcome === "refused") await rateLimits.noteFailure(address);
  if (vouched.outcome === "unreachable") return { outcome: "unreachable" };
  if (vouched.outcome !== "verified") return { outcome: refused(vouched.outcome) };
  const { staff, client } = vouched;
  // Only now: a stranger can name any winery, and shall not use up what its staff may do.
  const verified = await rateLimits.admitTenant("signIns", client.tenantId);
  if (!verified.allowed) return tooMany(verified);
  const ticket = await beginning;
  const other = asksFirst ? await otherUser(request, { userId: staff.id, clientId: client.id }) : undefined;
  if (other) {
    return { outcome: "confirm", current: other, next: { name: staff.name, winery: client.tenantId } };
  }

  const { searchParams } = new URL(request.url);
  const theme = themeSchema.safeParse(searchParams.get("adminUITheme")).data ?? client.settings.defaultTheme;
  const [start] = await Promise.all([
    startSession(request, client, {
      user: staff,
      ticket,
      device: deviceOf(request),
      data: theme ? { theme } : {},
    }),
    rememberStaff(client, staff),
  ]);
  // Whoever was signed out everywhere while they signed in has to come again.
  if (start.outcome === "overtaken") return { outcome: refused("refused") };
  if (start.outcome !== "started") return { outcome: refused(start.outcome) };
  return { outcome: "opened", setCookie: start.setCookie, location: cleanLocation(searchParams) };
}

/** Who else is signed in in this browser, if anyone. */
async function otherUser(
  request: Request,
  { userId, clientId }: { userId: string; clientId: string },
): Promise<SignedIn | undefined> {
  const session = await getSession(request);
  if (!session || (session.user.id === userId && session.clientId === clientId)) return undefined;
  return { name: session.user.name, winery: session.tenantId };
}

type Vouching =
  | ({ outcome: "verified" } & VouchedFor)
  | { outcome: "refused" | "not-installed" | "unreachable" };

async function askCommerce7(request: Request): Promise<Vouching> {
  try {
    return { outcome: "verified", ...(await adminAuthenticator().authenticate("commerce7", request)) };
  } catch (error) {
    if (error instanceof Commerce7RefusedError) return { outcome: "refused" };
    if (error instanceof ClientNotInstalledError) return { outcome: "not-installed" };
    if (!(error instanceof Commerce7UnreachableError)) throw error;
    const { tenantId } = readOpening(request);
    wiring().logger.warn({ tenantId, reason: error.message }, "Commerce7 is unreachable");
    return { outcome: "unreachable" };
  }
}

/** `/app`, with what record pages of the admin add; never the token, the tenant or the theme. */
function cleanLocation(searchParams: URLSearchParams): string {
  const kept = new URLSearchParams(
    [...searchParams].filter(([key]) => key === "orderId" || key === "customerId"),
  );
  return kept.size > 0 ? `/app?${kept}` : "/app";
}
