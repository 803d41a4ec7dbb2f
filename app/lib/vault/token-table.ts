import { type Clock, monotonicClock } from "../base/clock";
import { scalar } from "../db/calls";
import type { CallArguments, Database, Row } from "../db/database";
import type { Grant } from "./grant";
import type { SealContext, TokenSeal } from "./seal";
import type { TokenAnswer, Tokens } from "./token-answer";

/** How a grant stands in the table. Times are lengths by the database's clock, from `readAtMs` on. */
export type GrantState = {
  /** By the clock of this process. */
  readAtMs: number;
  grantId: string;
  generation: number;
  /** Undefined once the grant is revoked. */
  sealed: string | undefined;
  /** Undefined where the provider did not say. */
  lifetimeMs: number | undefined;
  expiresInMs: number | undefined;
  /** How long the lease still holds of who is at it; 0: nobody is. */
  leasedForMs: number;
  /** A refresh was begun whose answer was never seen. */
  interrupted: boolean;
  failures: number;
  failure: string;
  misconfigured: boolean;
  retryInMs: number;
};

/** What failed, and when to try again; never, where `retryMs` is undefined: the grant is revoked. */
export type NotedFailure = {
  failure: string;
  misconfigured: boolean;
  unanswered: boolean;
  retryMs: number | undefined;
};

export type TokenTable = ReturnType<typeof createTokenTable>;

/** The functions of `supabase/migrations/20261123000006_vault.sql`, where each is described. */
export function createTokenTable(db: Database, seal: () => TokenSeal, monotonic: Clock = monotonicClock) {
  const sealed = async (grant: Grant, tokens: Tokens) => ({
    p_sealed: await seal().seal(JSON.stringify(tokens), contextOf(grant)),
    p_key_id: seal().keyId,
  });
  const ask: Ask = (name, args) => scalar(db, name, args);

  return {
    async keep(grant: Grant, { expiresInSeconds, ...tokens }: TokenAnswer): Promise<boolean> {
      const kept = await ask("keep_oauth_tokens", {
        ...keyOf(grant),
        ...(await sealed(grant, tokens)),
        p_expires_in_seconds: expiresInSeconds ?? null,
      });
      return Boolean(kept);
    },

    async find(grant: Grant): Promise<GrantState | undefined> {
      const readAtMs = monotonic();
      const [row] = await db.call("find_oauth_tokens", keyOf(grant), { readOnly: true });
      return row && { readAtMs, ...toState(row) };
    },

    /** @throws SealBrokenError, ConfigurationError where they do not open */
    async open(grant: Grant, text: string): Promise<Tokens> {
      return JSON.parse(await seal().open(text, contextOf(grant)));
    },

    ...leases(ask),

    /** @returns whether it was stored */
    async complete(grant: Grant, { grantId, lease }: Held, result: Refreshed): Promise<boolean> {
      const stored = await ask("complete_oauth_refresh", {
        ...keyOf(grant),
        p_grant_id: grantId,
        p_lease: lease,
        ...(await sealed(grant, result.tokens)),
        p_expires_in_seconds: result.expiresInSeconds ?? null,
        p_asked_ms_ago: monotonic() - result.askedAtMs,
      });
      return Boolean(stored);
    },

    async forget(tenant: string, provider?: string, account?: string): Promise<number> {
      const args = { p_tenant: tenant, p_provider: provider ?? null, p_account: account ?? null };
      return Number(await ask("forget_oauth_tokens", args));
    },
  };
}

type Ask = (name: string, args: CallArguments) => Promise<unknown>;

const leases = (ask: Ask) => ({
  /** @returns the number of the lease; undefined where it cannot be had, or the grant is not as `seen` any more */
  async begin(grant: Grant, seen: GrantState, leaseMs: number): Promise<number | undefined> {
    const lease = await ask("begin_oauth_refresh", {
      ...keyOf(grant),
      ...seenAs(seen),
      p_failures: seen.failures,
      p_lease_ms: leaseMs,
    });
    return (lease as number | null) ?? undefined;
  },

  /** @returns whether it was noted */
  async fail(grant: Grant, held: Held, noted: NotedFailure): Promise<boolean> {
    const result = await ask("fail_oauth_refresh", {
      ...keyOf(grant),
      ...seenAs(held),
      p_lease: held.lease,
      p_failure: noted.failure,
      p_misconfigured: noted.misconfigured,
      p_unanswered: noted.unanswered,
      p_retry_ms: noted.retryMs ?? null,
    });
    return Boolean(result);
  },
});

/** The lease that somebody has, and on what. */
type Held = Pick<GrantState, "grantId" | "generation"> & { lease: number };

type Refreshed = {
  tokens: Tokens;
  expiresInSeconds: number | undefined;
  /** When the provider was asked, by the clock of this process. */
  askedAtMs: number;
};

/** Where a row's tokens belong. */
export const tokenContext = (tenant: string, provider: string, account: string): SealContext => [
  "oauth tokens",
  tenant,
  provider,
  account,
];

const keyOf = ({ tenant, provider, account }: Grant) => ({
  p_tenant: tenant,
  p_provider: provider.name,
  p_account: account,
});

const seenAs = ({ grantId, generation }: Pick<GrantState, "grantId" | "generation">) => ({
  p_grant_id: grantId,
  p_generation: generation,
});

const contextOf = ({ tenant, provider, account }: Grant) => tokenContext(tenant, provider.name, account);

function toState(row: Row): Omit<GrantState, "readAtMs"> {
  return {
    grantId: row.grant_id,
    generation: row.generation,
    sealed: row.sealed ?? undefined,
    lifetimeMs: row.lifetime_ms ?? undefined,
    expiresInMs: row.expires_in_ms ?? undefined,
    leasedForMs: Math.max(0, row.leased_for_ms ?? 0),
    interrupted: row.interrupted,
    failures: row.failures,
    failure: row.failure ?? "",
    misconfigured: row.misconfigured,
    retryInMs: Math.max(0, row.retry_in_ms ?? 0),
  };
}
