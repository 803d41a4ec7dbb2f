import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
  refreshTokenGrantRequest,
} from "oauth4webapi";
import { z } from "zod";
import { systemClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { isLoopback, type OAuthProvider } from "./grant";
import { parseTokenAnswer, type TokenAnswer } from "./token-answer";

export type RefreshOutcome =
  | { kind: "refreshed"; answer: TokenAnswer }
  /** The grant is over. */
  | { kind: "revoked"; failure: string }
  | RefreshFailure;

/** Nothing came of it, this time. */
type RefreshFailure = {
  kind: "failed";
  /** Why, in a few words that hold no token. */
  failure: string;
  /** The provider refuses the client, whatever the grant. */
  misconfigured: boolean;
  /** The provider may have replaced the refresh token without our hearing of it. */
  unanswered: boolean;
  /** How long it asks to be left alone. */
  retryAfterMs: number | undefined;
};

/** RFC 6749, 5.2, but for `invalid_grant`. */
const CLIENT_ERRORS = [
  ...["invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type"],
  "invalid_scope",
];

/** Codes alone are told on: a description may say anything. */
const errorSchema = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) });

/** Asks a token endpoint for new tokens (RFC 6749, 6), once, and gives the request up after `timeoutMs`. Throws nothing. */
export async function askForTokens(
  provider: OAuthProvider,
  refreshToken: string,
  timeoutMs: number,
): Promise<RefreshOutcome> {
  const url = new URL(provider.tokenEndpoint);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await refreshTokenGrantRequest(
      { issuer: url.origin, token_endpoint: url.href },
      { client_id: provider.client.id },
      clientAuth(provider),
      refreshToken,
      {
        signal,
        additionalParameters: provider.parameters ?? {},
        [allowInsecureRequests]: isLoopback(url),
      },
    );
    return judge(provider, response, parseJson(await response.text()));
  } catch (error) {
    if (signal.aborted) return failed(`it did not answer within ${Math.round(timeoutMs)} ms`);
    const code = networkCode(error);
    return failed(`it did not answer (${code})`, { unanswered: code !== "ECONNREFUSED" });
  }
}

function clientAuth({ client }: OAuthProvider): ClientAuth {
  const { authentication, secret = "" } = client;
  if (authentication === "none") return None();
  return authentication === "client_secret_post" ? ClientSecretPost(secret) : ClientSecretBasic(secret);
}

function judge({ revokedErrors }: OAuthProvider, response: Response, body: unknown): RefreshOutcome {
  const { status } = response;
  const answer = response.ok ? parseTokenAnswer(body) : undefined;
  if (answer) return { kind: "refreshed", answer };

  // Some answer refusals with status 200.
  const code = status < 500 && status !== 429 ? errorSchema.safeParse(body).data?.error : undefined;
  if (code === undefined) {
    const what = response.ok ? `${status} without an access token` : `${status}`;
    return failed(`it answered ${what}`, {
      unanswered: status < 400 || status >= 500,
      retryAfterMs: retryAfterMs(response),
    });
  }
  if ((revokedErrors ?? ["invalid_grant"]).includes(code)) return { kind: "revoked", failure: code };
  return failed(`it answered ${code}`, { unanswered: false, misconfigured: CLIENT_ERRORS.includes(code) });
}

const failed = (failure: string, more: Partial<RefreshFailure> = {}): RefreshFailure => ({
  kind: "failed",
  failure,
  misconfigured: false,
  unanswered: true,
  retryAfterMs: undefined,
  ...more,
});

/** Seconds or a date (RFC 9110, 10.2.3), which is read by the clock of who wrote it. */
function retryAfterMs({ headers }: Response): number | undefined {
  const value = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : undefined;
  const ms = seconds === undefined ? Date.parse(value) - theirClock(headers) : seconds * SECOND_MS;
  return Number.isFinite(ms) ? ms : undefined;
}

function theirClock(headers: Headers): number {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? systemClock() : date;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Like `ECONNRESET`: the rest of the message might quote what was sent. */
function networkCode(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: string };
  return typeof cause?.code === "string" ? cause.code : (name ?? "unknown");
}
