import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, monotonicClock } from "../base/clock";
import { MINUTE_MS, SECOND_MS } from "../base/durations";
import { isUnavailable, messageOf, UnavailableError } from "../base/errors";
import type { Logger } from "../base/logger";
import { within } from "../base/within";
import type { Grant } from "./grant";
import { isSettled, retryMs } from "./outcome";
import { createSharing } from "./sharing";
import { afterRefresh } from "./token-answer";
import { askForTokens, type RefreshOutcome } from "./token-endpoint";
import type { GrantState, TokenTable } from "./token-table";

/** How often whoever waits looks into the table. */
const LOOK_MS = { first: 25, most: 250 };

/** The lease outlives the request by what the table may take to give it, and to take the result. */
const TABLE_MS = 5 * SECOND_MS;

/** How long tokens that the table cannot take are tried to be stored. */
const STORE_FOR_MS = 5 * MINUTE_MS;

type RefresherOptions = { table: TokenTable; logger: Logger; waitMs: number; monotonic?: Clock };

/**
 * Has a grant refreshed once, whoever asks: within this process by a promise that all wait for, among processes by a
 * lease in the table. No connection and no lock is held while the provider is asked.
 */
export function createRefresher({ table, logger, waitMs, monotonic = monotonicClock }: RefresherOptions) {
  const flights = createSharing<GrantState | undefined>();
  let stopping = false;
  const lead = createLead({ table, logger, monotonic });

  const fly = async (grant: Grant, seen: GrantState): Promise<GrantState | undefined> => {
    const leaseMs = TABLE_MS + grant.provider.timeoutMs + TABLE_MS;
    let now: GrantState | undefined = seen;
    for (let pauseMs = LOOK_MS.first; !isSettled(grant, now, seen); ) {
      if (stopping) throw new UnavailableError("this instance stops");
      const startedMs = monotonic();
      const free = now !== undefined && now.leasedForMs === 0;
      const lease = free ? await table.begin(grant, seen, leaseMs) : undefined;
      if (lease !== undefined) {
        await lead(grant, seen, { lease, askUntilMs: startedMs + leaseMs - TABLE_MS });
      } else {
        await sleep(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LOOK_MS.most);
      }
      now = await table.find(grant);
    }
    return now;
  };

  return {
    /**
     * @param seen the tokens to refresh
     * @returns what took their place; undefined where they were forgotten
     * @throws GrantRevokedError, ConfigurationError, UnavailableError: the same for everybody who waits
     */
    refresh(grant: Grant, seen: GrantState): Promise<GrantState | undefined> {
      const { tenant, account, provider } = grant;
      const id = JSON.stringify([tenant, account, provider.name, seen.grantId, seen.generation]);
      const late = () => new UnavailableError(`the refresh under way is not over within ${waitMs} ms`);
      return within(
        flights.share(id, () => fly(grant, seen)),
        waitMs,
        late,
      );
    },

    /** Begins no refresh any more, and waits for those under way. */
    async stop(): Promise<void> {
      stopping = true;
      await flights.settled();
    },
  };
}

type LeadOptions = Required<Omit<RefresherOptions, "waitMs">>;
type Lease = { lease: number; askUntilMs: number };

/** What the holder of the lease does: asks the provider, once, and puts what came of it into the table for all. */
function createLead({ table, logger, monotonic }: LeadOptions) {
  return async (grant: Grant, seen: GrantState, { lease, askUntilMs }: Lease): Promise<void> => {
    const { tenant, provider } = grant;
    const before = await table.open(grant, seen.sealed as string);
    const askedAtMs = monotonic();
    const outcome = await ask(grant, before.refreshToken, askUntilMs - askedAtMs);
    const tookMs = Math.round(monotonic() - askedAtMs);
    const about = { tenant, provider: provider.name, tookMs };
    const held = { ...seen, lease };

    if (outcome.kind === "refreshed") {
      const { expiresInSeconds } = outcome.answer;
      const result = { tokens: afterRefresh(before, outcome.answer), expiresInSeconds, askedAtMs };
      const stored = await insist(() => table.complete(grant, held, result), { logger, monotonic });
      if (stored) logger.info(about, "OAuth tokens refreshed");
      else logger.warn(about, "a refresh came after a later one, or too late");
      return;
    }
    const noted = toNoted(outcome, seen);
    await table.fail(grant, held, noted);
    const line = { ...about, reason: noted.failure, retryInMs: noted.retryMs };
    if (outcome.kind === "revoked") logger.warn(line, "an OAuth grant is over: connect again");
    else logger[noted.misconfigured ? "error" : "warn"](line, "OAuth tokens are not refreshed");
  };
}

async function ask(grant: Grant, refreshToken: string | undefined, leftMs: number): Promise<RefreshOutcome> {
  if (refreshToken === undefined) return { kind: "revoked", failure: "there is no refresh token" };
  // Where the table, or this process, took longer than a lease allows for, another one may be at it already.
  if (leftMs <= 0) return { ...TOO_LATE };
  return askForTokens(grant.provider, refreshToken, Math.min(leftMs, grant.provider.timeoutMs));
}

const TOO_LATE = {
  kind: "failed",
  failure: "there was no time left to ask",
  misconfigured: false,
  unanswered: false,
  retryAfterMs: undefined,
} as const;

function toNoted(outcome: Exclude<RefreshOutcome, { kind: "refreshed" }>, { failures }: GrantState) {
  if (outcome.kind === "revoked") {
    return { failure: outcome.failure, misconfigured: false, unanswered: false, retryMs: undefined };
  }
  const { retryAfterMs, kind: _, ...noted } = outcome;
  return { ...noted, retryMs: retryMs(failures, retryAfterMs) };
}

/**
 * The provider may have put these tokens in place of the old ones: as long as the table does not answer, they are
 * nowhere else than here. They are stored whenever it does: what came meanwhile is not overwritten.
 */
async function insist<T>(
  store: () => Promise<T>,
  { logger, monotonic }: Omit<LeadOptions, "table">,
): Promise<T> {
  const untilMs = monotonic() + STORE_FOR_MS;
  for (let pauseMs = LOOK_MS.first; ; pauseMs = Math.min(2 * pauseMs, SECOND_MS)) {
    try {
      return await store();
    } catch (error) {
      if (!isUnavailable(error) || monotonic() > untilMs) throw error;
      logger.warn({ reason: messageOf(error) }, "refreshed OAuth tokens are not stored yet");
      await sleep(pauseMs);
    }
  }
}
