import { z } from "zod";
import { DAY_SECONDS } from "../base/durations";

/** What is called an access token of longer life has to fit the database. */
const LONGEST_SECONDS = 3_650 * DAY_SECONDS;

/**
 * A token endpoint's answer (RFC 6749, 5.1). Only what there is no use without is insisted on: with an answer that is
 * refused for its `expires_in`, a refresh token that the provider has just put in place of the old one would be lost.
 */
const tokenAnswerSchema = z
  .object({
    access_token: z.string().min(1),
    token_type: z.string().min(1).catch("Bearer"),
    // Some send a string. Nothing, nonsense and none left all say that the lifetime is not known.
    expires_in: z.coerce.number().min(1).optional().catch(undefined),
    refresh_token: z.string().min(1).optional().catch(undefined),
    scope: z.string().optional().catch(undefined),
  })
  .transform((answer) => ({
    accessToken: answer.access_token,
    tokenType: answer.token_type,
    refreshToken: answer.refresh_token,
    scope: answer.scope,
    expiresInSeconds: answer.expires_in && Math.floor(Math.min(answer.expires_in, LONGEST_SECONDS)),
  }));

export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;

/** What is kept of an answer, sealed. */
export type Tokens = Omit<TokenAnswer, "expiresInSeconds">;

/** Undefined for what holds no access token. */
export function parseTokenAnswer(answer: unknown): TokenAnswer | undefined {
  return tokenAnswerSchema.safeParse(answer).data;
}

/**
 * What holds after a refresh (RFC 6749, 6): where the answer names no new refresh token, or no scope, the old one
 * goes on.
 */
export function afterRefresh(before: Tokens, { expiresInSeconds: _, ...answer }: TokenAnswer): Tokens {
  return {
    ...answer,
    refreshToken: answer.refreshToken ?? before.refreshToken,
    scope: answer.scope ?? before.scope,
  };
}
