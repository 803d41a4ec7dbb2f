import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/durations";
import { ConfigurationError, UnavailableError } from "../base/errors";
import { GrantRevokedError } from "./errors";
import type { Grant } from "./grant";
import type { GrantState } from "./token-table";

/** A provider that fails is asked after 1, 2, 4 … 60 s; later where it says so, but at least once an hour. */
export function retryMs(failuresBefore: number, retryAfterMs = 0): number {
  const backOffMs = Math.min(SECOND_MS * 2 ** Math.min(failuresBefore, 10), MINUTE_MS);
  return Math.round(Math.min(Math.max(backOffMs, retryAfterMs), HOUR_MS));
}

/**
 * What became of a refresh, as everybody who waits for it reads it from the table.
 * @returns whether there is something else now than was `seen`: other tokens, or none
 * @throws GrantRevokedError, ConfigurationError, UnavailableError where it failed, or may not be tried yet
 */
export function isSettled(grant: Grant, now: GrantState | undefined, seen: GrantState): boolean {
  if (!now) return true;
  requireLive(grant, now);
  if (now.grantId !== seen.grantId || now.generation !== seen.generation) return true;
  if (now.failures > seen.failures || now.retryInMs > 0) throw failureOf(grant, now);
  return false;
}

/** @throws GrantRevokedError */
export function requireLive(grant: Grant, { sealed, interrupted, failure }: GrantState): void {
  if (sealed !== undefined) return;
  const before = interrupted ? ", after a refresh that was cut off" : "";
  const message = `the grant of ${nameOf(grant)} is over (${failure}${before}): connect again`;
  throw new GrantRevokedError(message, { interrupted });
}

function failureOf(grant: Grant, { failure, misconfigured }: GrantState): Error {
  const message = `the tokens of ${nameOf(grant)} are not refreshed: ${failure}`;
  return misconfigured
    ? new ConfigurationError(`${message}; check the client's id, secret and way of authentication there`)
    : new UnavailableError(message);
}

const nameOf = ({ tenant, provider }: Grant) => `${tenant} at ${provider.name}`;
