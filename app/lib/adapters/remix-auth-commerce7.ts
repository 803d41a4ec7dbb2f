import { Strategy } from "remix-auth/strategy";
import { askWhoIsSignedIn, type StaffMember } from "../commerce7/account";
import { tenantIdSchema } from "../commerce7/tenant";

/** Commerce7 knows the token, or the tenant, not (any more); or the address holds neither. */
export class Commerce7RefusedError extends Error {
  override name = "Commerce7RefusedError";
}

/** Commerce7 gave no usable answer; the same request may succeed later. The message says why, and holds no token. */
export class Commerce7UnreachableError extends Error {
  override name = "Commerce7UnreachableError";
}

export type Commerce7Options = {
  /** The API's base, like `https://api.commerce7.com/v1`. */
  apiUrl: string;
  timeoutMs: number;
};

/** What `verify` gets: who Commerce7 says it is, at the tenant that it says so for. */
export type Commerce7Verified = { tenantId: string; staff: StaffMember; request: Request };

/** What the admin adds to the app's address; undefined where it is missing, or no tenant's id. */
export function readOpening(request: Request): { tenantId: string | undefined; account: string | undefined } {
  const { searchParams } = new URL(request.url);
  return {
    tenantId: tenantIdSchema.safeParse(searchParams.get("tenantId")).data,
    account: searchParams.get("account") || undefined,
  };
}

/**
 * remix-auth 4: signs in whoever the Commerce7 admin sends, by `?tenantId=…&account=…`. The token is no proof by itself, and
 * nobody but Commerce7 can check it (HS256, no expiry, no tenant in it): so each sign-in asks `GET /account/user`, which
 * alone ties the token to the tenant.
 *
 * `authenticate` answers what `verify` answers, and throws `Commerce7RefusedError`, `Commerce7UnreachableError`, or what
 * `verify` throws. Neither error holds the token.
 */
export class Commerce7Strategy<User> extends Strategy<User, Commerce7Verified> {
  override name = "commerce7";
  readonly #options: Commerce7Options;

  constructor(options: Commerce7Options, verify: Strategy.VerifyFunction<User, Commerce7Verified>) {
    super(verify);
    this.#options = options;
  }

  override async authenticate(request: Request): Promise<User> {
    const { tenantId, account } = readOpening(request);
    if (!tenantId || !account) {
      throw new Commerce7RefusedError("the address needs both tenantId and account, as the admin sends them");
    }
    const answer = await askWhoIsSignedIn(this.#options, { account, tenantId });
    if (answer.outcome === "refused") {
      throw new Commerce7RefusedError(`Commerce7 does not know this sign-in at ${tenantId}`);
    }
    if (answer.outcome === "unreachable") throw new Commerce7UnreachableError(answer.reason);
    return this.verify({ tenantId, staff: answer.staff, request });
  }
}
