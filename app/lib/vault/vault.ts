import { type Clock, monotonicClock } from "../base/clock";
import { MINUTE_MS, SECOND_MS } from "../base/durations";
import { ClientNotInstalledError, isOperational } from "../base/errors";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import { TokenAnswerError } from "./errors";
import { type Grant, type OAuthProvider, toGrant } from "./grant";
import { requireLive } from "./outcome";
import { createRefresher } from "./refresh";
import type { TokenSeal } from "./seal";
import { createSharing } from "./sharing";
import { parseTokenAnswer, type Tokens } from "./token-answer";
import { createTokenTable, type GrantState, type TokenTable } from "./token-table";

/**
 * OAuth tokens by tenant, provider and account, sealed. The comments here are the law; `tests/contract/vault.ts` holds
 * the vault to them over every wire.
 *
 * For all methods: `account` tells apart several grants of a tenant at one provider; where nothing is said there is one.
 * @throws ConfigurationError where a name or the provider cannot be; UnavailableError where the database does not answer
 */
export interface Vault {
  /**
   * Keeps a new grant in place of what there was, whatever became of that.
   * @param answer the token endpoint's, as it came (RFC 6749, 5.1). Where it has no usable `expires_in`, the access
   * token counts as good until it is reported as rejected
   * @throws TokenAnswerError where it holds no access token
   * @throws ClientNotInstalledError where the tenant is a client that is uninstalled
   */
  keep(tenant: string, provider: OAuthProvider, answer: unknown, options?: Account): Promise<void>;

  /**
   * An access token that is good for `minValidityMs` (60 s where nothing is said), or for half of its life where the
   * provider gives it less than twice that. One that is not is refreshed first; where that fails for now, and the
   * token is not over yet, it is answered as it is.
   * @returns undefined where nothing is kept
   * @throws GrantRevokedError where the tenant has to connect again
   * @throws UnavailableError where the provider does not give another for now, or the refresh takes too long
   * @throws ConfigurationError where the provider refuses our client
   */
  open(tenant: string, provider: OAuthProvider, options?: OpenOptions): Promise<AccessToken | undefined>;

  /**
   * Another access token, before its time. However many callers on however many instances ask at the same time, the
   * provider is asked once, and all get what came of it: the token, or the error.
   *
   * @param options.rejected the token that the provider answered 401 to: where another one is kept by now, that is
   * answered, and nothing refreshed. So who comes late costs no second refresh, as it does where nothing is said
   * @throws as `open`, but that what could not be refreshed is not answered
   */
  refresh(
    tenant: string,
    provider: OAuthProvider,
    options?: RefreshOptions,
  ): Promise<AccessToken | undefined>;

  /**
   * Deletes a tenant's tokens: all, those at one provider, or of one account there. A refresh under way brings nothing
   * back. The provider is not told.
   * @returns how many grants they were of
   */
  forget(tenant: string, which?: { provider?: Pick<OAuthProvider, "name"> } & Account): Promise<number>;

  /** Begins no refresh any more, and waits until those under way are stored. */
  stop(): Promise<void>;
}

type Account = { account?: string };
type OpenOptions = Account & { minValidityMs?: number };
type RefreshOptions = Account & { rejected?: string };

export type AccessToken = {
  accessToken: string;
  /** As the provider wrote it: mostly `Bearer`. */
  tokenType: string;
  /** What it may be used for (RFC 6749, 3.3), where the provider said so. */
  scope: string | undefined;
  /** How long it is good for; undefined where the provider did not say. */
  expiresInMs: number | undefined;
};

type VaultOptions = {
  db: Database;
  /** Asked for when the first token is kept or opened. */
  seal: () => TokenSeal;
  logger: Logger;
  /** How long a caller waits for a refresh, its own or another's; 15 s where nothing is said. */
  waitMs?: number;
  monotonic?: Clock;
};

/** The vault over a database's functions. Nothing is remembered in the process: what is forgotten is so everywhere. */
export function createVault(options: VaultOptions): Vault {
  const { db, seal, logger, waitMs = 15 * SECOND_MS, monotonic = monotonicClock } = options;
  const table = createTokenTable(db, seal, monotonic);
  const refresher = createRefresher({ table, logger, waitMs, monotonic });
  const renewals = createSharing<AccessToken | undefined>();
  const { read, toAccess, remainingMs } = createReader(table, monotonic);
  const refreshed = async (grant: Grant, seen: GrantState) => {
    const state = await refresher.refresh(grant, seen);
    return state && toAccess(await read(grant, state), state);
  };

  return {
    async keep(tenant, provider, answer, { account } = {}) {
      const parsed = parseTokenAnswer(answer);
      if (!parsed) throw new TokenAnswerError(`the answer of ${provider.name} holds no access token`);
      if (await table.keep(toGrant(tenant, provider, account), parsed)) return;
      throw new ClientNotInstalledError(`${tenant} is not installed any more: no tokens are kept for it`);
    },

    async open(tenant, provider, { account, minValidityMs = MINUTE_MS } = {}) {
      const grant = toGrant(tenant, provider, account);
      const state = await table.find(grant);
      if (!state) return undefined;
      const tokens = await read(grant, state);
      if (!isDue(tokens, state, remainingMs(state), minValidityMs)) return toAccess(tokens, state);
      try {
        return await refreshed(grant, state);
      } catch (error) {
        if (isOperational(error) && remainingMs(state) > 0) return toAccess(tokens, state);
        throw error;
      }
    },

    async refresh(tenant, provider, { account, rejected } = {}) {
      const grant = toGrant(tenant, provider, account);
      const renew = async () => {
        const state = await table.find(grant);
        if (!state) return undefined;
        const tokens = await read(grant, state);
        const isAnother = rejected !== undefined && rejected !== tokens.accessToken;
        return isAnother ? toAccess(tokens, state) : refreshed(grant, state);
      };
      return renewals.share(JSON.stringify([tenant, provider.name, grant.account, rejected]), renew);
    },

    forget: (tenant, { provider, account } = {}) => table.forget(tenant, provider?.name, account),

    stop: refresher.stop,
  };
}

/** Where there is nothing to refresh it with, a token is used up. */
function isDue(
  { refreshToken }: Tokens,
  { lifetimeMs = 0 }: GrantState,
  leftMs: number,
  minValidityMs: number,
) {
  return leftMs <= (refreshToken === undefined ? 0 : Math.min(minValidityMs, lifetimeMs / 2));
}

function createReader(table: TokenTable, monotonic: Clock) {
  const remainingMs = ({ expiresInMs = Infinity, readAtMs }: GrantState) =>
    expiresInMs - (monotonic() - readAtMs);

  return {
    /** Infinity where the provider did not say. */
    remainingMs,
    /** @throws GrantRevokedError */
    async read(grant: Grant, state: GrantState): Promise<Tokens> {
      requireLive(grant, state);
      return table.open(grant, state.sealed as string);
    },
    toAccess({ accessToken, tokenType, scope }: Tokens, state: GrantState): AccessToken {
      const expiresInMs = state.expiresInMs === undefined ? undefined : remainingMs(state);
      return { accessToken, tokenType, scope, expiresInMs };
    },
  };
}
