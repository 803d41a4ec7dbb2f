import { z } from "zod";
import { tenantIdSchema } from "./commerce7/tenant";

/** Part of the door `operator.server.ts`: what an operator may ask, and what they hear otherwise. */

/** What was asked cannot be understood; the message says why. */
export class InputError extends Error {
  override name = "InputError";
}

/** What was asked for is not there. */
export class NotFoundError extends Error {
  override name = "NotFoundError";
}

/** Answers over supabase-js may be cut at a thousand rows. */
export const MOST_ROWS = 500;

export const sessionIdSchema = z
  .string({ error: "say which session, by its id; list shows them" })
  .trim()
  .toLowerCase()
  .pipe(
    z.uuid({
      error: ({ input }) => `${JSON.stringify(input)} is not a session id, which is a UUID; list shows them`,
    }),
  );
export const operatorEmailSchema = z
  .string({ error: "say whose link it is to be: --email <operator's address>" })
  .trim()
  .toLowerCase()
  .pipe(z.email({ error: "--email needs an e-mail address" }));
const tenantId = tenantIdSchema.optional();
const userId = z.string().min(1, { error: "--user needs the platform's id of a person" }).optional();

const userNeedsTenant = {
  error: "--user needs --tenant: an id of a person means something at one winery",
};

export const listSchema = z
  .object({
    tenant: tenantId,
    user: userId,
    limit: z.coerce
      .number({ error: "--limit must be a number" })
      .int({ error: "--limit must be a whole number" })
      .min(1, { error: "--limit must be at least 1" })
      .max(MOST_ROWS, { error: `--limit must be at most ${MOST_ROWS}` })
      .default(50),
  })
  .refine(({ tenant, user }) => !user || tenant, userNeedsTenant);

export const endSchema = z
  .object({
    id: sessionIdSchema.optional(),
    tenant: tenantId,
    user: userId,
    operators: z.boolean().default(false),
    all: z.boolean().default(false),
  })
  .refine(({ tenant, user }) => !user || tenant, userNeedsTenant)
  .refine(({ id, tenant, operators, all }) => [id, tenant, operators, all].filter(Boolean).length === 1, {
    error: "say what to end, in one way: a session id, --tenant (perhaps with --user), --operators, or --all",
  });

/** @throws InputError that names every fault */
export function understood<T>(schema: z.ZodType<T>, input: unknown): T {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  throw new InputError(error.issues.map(({ message }) => message).join("; "));
}
