import { z } from "zod";
import { MINUTE_MS, SECOND_MS } from "../base/durations";
import { ConfigurationError } from "../base/errors";
import { isStorable } from "../base/text";

/** Where a platform gives out tokens, and who we are there. */
export type OAuthProvider = {
  /** Names it in the table, in the log and in errors: lower-case letters, digits and hyphens. */
  name: string;
  /** Its token endpoint (RFC 6749, 3.2): https, or a loopback address. */
  tokenEndpoint: string;
  client: {
    id: string;
    /** How the client proves itself (RFC 7591, 2: `token_endpoint_auth_method`). */
    authentication: "client_secret_basic" | "client_secret_post" | "none";
    secret?: string | undefined;
  };
  /** Sent with each refresh, beside what OAuth asks for. */
  parameters?: Record<string, string>;
  /** The error codes by which it says that a grant is over. RFC 6749 has one: `invalid_grant`. */
  revokedErrors?: readonly string[];
  /** How long it may take to answer: 10 s where nothing is said, a minute at most. */
  timeoutMs?: number;
};

/** Whose tokens, and at which provider. */
export type Grant = { tenant: string; account: string; provider: OAuthProvider & { timeoutMs: number } };

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const DEFAULT_TIMEOUT_MS = 10 * SECOND_MS;

/** Whether it is this machine, which nobody else listens to on the way. */
export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.test(hostname);

const isProtected = (address: string) => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url));
};

const name = (what: string) =>
  z
    .string({ error: `${what} is missing` })
    .min(1, { error: `${what} is empty` })
    .max(255, { error: `${what} has more than 255 characters` })
    .refine(isStorable, { error: `${what} holds characters that PostgreSQL cannot keep` });

const grantSchema = z.object({
  tenant: name("the tenant"),
  account: name("the account"),
  provider: z.looseObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
      error: "the provider's name has to be of lower-case letters, digits and hyphens",
    }),
    tokenEndpoint: z.string().refine(isProtected, { error: "the token endpoint has to be https" }),
    client: z
      .object({ id: z.string().min(1), authentication: z.string(), secret: z.string().min(1).optional() })
      .refine(({ authentication, secret }) => authentication === "none" || secret !== undefined, {
        error: "the client has no secret, which its way of authentication needs",
      }),
    timeoutMs: z.number().int().min(1).max(MINUTE_MS).default(DEFAULT_TIMEOUT_MS),
  }),
});

/** @throws ConfigurationError that says what of it cannot be */
export function toGrant(tenant: string, provider: OAuthProvider, account = "default"): Grant {
  const { data, error } = grantSchema.safeParse({ tenant, account, provider });
  if (data) return data as Grant;
  const faults = error.issues.map(({ message }) => message).join("; ");
  throw new ConfigurationError(`the vault cannot keep this: ${faults}`);
}
