import { z } from "zod";
import { messageOf } from "../base/errors";
import { isStorable, storable } from "../base/text";
import { displayName } from "./person";

/** The staff member behind an `account` token, as Commerce7 tells it. */
export type StaffMember = { id: string; name: string; email: string | null; role: string | null };

export type AccountAnswer =
  | { outcome: "verified"; staff: StaffMember }
  /** Commerce7 knows this token, or this tenant, not (any more). */
  | { outcome: "refused" }
  /** No usable answer; the same question may be answered later. */
  | { outcome: "unreachable"; reason: string };

type AccountOptions = { apiUrl: string; timeoutMs: number };

/** An `account` token fits in a header and is no longer than a URL lets it be. */
const ACCOUNT = /^[\x21-\x7e]{1,8192}$/;

/** What a page can show; the rest is cut. */
const text = z
  .string()
  .transform((value) => storable(value.slice(0, 200)))
  .optional()
  .catch(undefined);
const staffSchema = z.object({
  id: z.string().min(1).max(200).refine(isStorable),
  firstName: text,
  lastName: text,
  email: text,
  role: text,
});

/**
 * Asks Commerce7 who holds the `account` token; only Commerce7 can tell, and only this ties it to the tenant.
 * The token is sent to Commerce7 and nowhere else: not logged, not kept, not part of any answer.
 * @returns never throws; a network error or time-out is `unreachable`
 */
export async function askWhoIsSignedIn(
  { apiUrl, timeoutMs }: AccountOptions,
  { account, tenantId }: { account: string; tenantId: string },
): Promise<AccountAnswer> {
  if (!ACCOUNT.test(account)) return { outcome: "refused" };
  try {
    const { status, body } = await getUser(
      { apiUrl, timeoutMs },
      { authorization: account, tenant: tenantId },
    );
    return judge(status, body);
  } catch (error) {
    return { outcome: "unreachable", reason: messageOf(error) };
  }
}

/** What a wrong token is answered with. */
const unauthorizedSchema = z.object({ statusCode: z.literal(401), type: z.string() });

/**
 * Asks Commerce7 with a token that is none, of a tenant that is none: whether Commerce7 is where it is looked for.
 * @returns why it is not; undefined where it answers as documented. Never throws
 */
export async function probeAccountApi(options: AccountOptions): Promise<string | undefined> {
  try {
    const { status, body } = await getUser(options, {
      authorization: "probe",
      tenant: "libero-probe",
      "user-agent": "libero-probe",
    });
    if (status === 401 && unauthorizedSchema.safeParse(parseJson(body)).success) return undefined;
    return status === 401
      ? "GET /account/user was answered 401, but not with Commerce7's JSON"
      : `GET /account/user was answered ${status}, not 401 as Commerce7 answers a wrong token`;
  } catch (error) {
    return messageOf(error);
  }
}

/** @throws on a network error or time-out */
async function getUser({ apiUrl, timeoutMs }: AccountOptions, headers: Record<string, string>) {
  const response = await fetch(`${apiUrl}/account/user`, {
    headers: { accept: "application/json", ...headers },
    redirect: "manual",
    // Covers the body too: a server that sends headers and then hangs is cut off as well.
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, body: await response.text() };
}

function judge(status: number, body: string): AccountAnswer {
  if (status >= 500 || status === 429 || (status >= 300 && status < 400)) {
    return { outcome: "unreachable", reason: `Commerce7 answered ${status}` };
  }
  if (status >= 400) return { outcome: "refused" };
  const json = parseJson(body);
  if (json === undefined) {
    return { outcome: "unreachable", reason: `Commerce7 answered ${status} with something that is not JSON` };
  }
  const parsed = staffSchema.safeParse(json);
  return parsed.success ? { outcome: "verified", staff: toStaff(parsed.data) } : { outcome: "refused" };
}

/** Undefined is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toStaff({ id, role, ...person }: z.infer<typeof staffSchema>): StaffMember {
  return { id, name: displayName(person), email: person.email || null, role: role || null };
}
