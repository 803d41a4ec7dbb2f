import { randomUUID } from "node:crypto";
import getPort from "get-port";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../app/lib/base/logger";
import type { Database } from "../../app/lib/db/database";
import type { OAuthProvider } from "../../app/lib/vault/grant";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault, type Vault } from "../../app/lib/vault/vault";
import {
  answering,
  cutAfter,
  type Fault,
  gate,
  heldAfter,
  heldBefore,
  rewriting,
} from "../support/oauth-front";
import { type Minted, type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { silentLogger } from "../support/silent-logger";
import { moveTime } from "../support/vault-time";
import { openWire, openWorld } from "./world";

const SEAL = createTokenSeal(["a key of more than thirty-two characters, for tokens"]);

describe("the vault and an OAuth server that has its days", () => {
  const world = openWorld();
  let server: OAuthServer;
  let otherDb: Database;
  let log: ReturnType<typeof recorder>;
  let [vault, other]: Vault[] = [];
  let tenant: string;
  beforeAll(async () => {
    server = await startOAuthServer();
  });
  beforeEach(() => {
    tenant = `tenant-${randomUUID()}`;
    server.front.next();
    log = recorder();
    otherDb = openWire(world.database.url);
    [vault, other] = [world.db, otherDb].map((db) => createVault({ db, seal: SEAL, logger: log.logger }));
    return () => otherDb.close();
  });
  afterAll(() => server.stop());

  const here = () => vault as Vault;
  const there = () => other as Vault;
  const time = () => moveTime((statement) => world.sql(statement), tenant);
  const connect = async (
    client: "rotating" | "lasting" = "rotating",
    changes: Partial<OAuthProvider> = {},
  ): Promise<{ minted: Minted; provider: OAuthProvider }> => {
    const minted = await server.mint(client);
    const provider = server.provider(client, changes);
    await here().keep(tenant, provider, minted);
    return { minted, provider };
  };
  const row = async () =>
    (await world.sql("select * from public.oauth_tokens where tenant = $1", [tenant]))[0];

  const PASSING: [string, Fault, RegExp][] = [
    ["500", answering(500, { error: "invalid_grant" }), /it answered 500$/],
    [
      "a gateway's page",
      answering(502, "<h1>Bad gateway</h1>", { "content-type": "text/html" }),
      /it answered 502$/,
    ],
    [
      "200 and a page",
      answering(200, "<h1>Welcome</h1>", { "content-type": "text/html" }),
      /200 without an access/,
    ],
    [
      "200 and nothing usable",
      answering(200, { access_token: "" }),
      /it answered 200 without an access token$/,
    ],
    ["404", answering(404, { message: "no such thing" }), /it answered 404$/],
    ["a redirect", answering(302, {}, { location: "http://127.0.0.1:1/" }), /it answered 302$/],
    ["429", answering(429, { error: "invalid_grant" }), /it answered 429$/],
    ["an error of its own", answering(400, { error: "try_tomorrow" }), /it answered try_tomorrow$/],
    ["an error nobody should print", answering(400, { error: "<script>1</script>" }), /it answered 400$/],
    ["a cut connection", (_, socket) => void socket.cut(), /it did not answer \(\w+\)$/],
    ["silence", () => new Promise(() => {}), /it did not answer within 150 ms$/],
  ];

  it.each(PASSING)(
    "%s is no end: nothing is lost, and the next refresh succeeds",
    async (_name, fault, said) => {
      const { minted, provider } = await connect("rotating", { timeoutMs: 150 });
      server.front.next(fault);
      const failed = await here()
        .refresh(tenant, provider)
        .catch((error) => error);
      expect(failed).toMatchObject({ name: "UnavailableError", message: expect.stringMatching(said) });
      expect((await there().open(tenant, provider))?.accessToken).toBe(minted.access_token);
      expect(log.lines("warn")).toEqual(["OAuth tokens are not refreshed"]);

      await time().pass(1_000);
      const token = await there().refresh(tenant, provider);
      expect(await server.accepts(token?.accessToken)).toBe(true);
      expect(await row()).toMatchObject({
        failures: 0,
        failure: null,
        interrupted: false,
        leased_until: null,
      });
    },
  );

  it("a server that is not there is no end either", async () => {
    const { minted, provider } = await connect();
    const gone = { ...provider, tokenEndpoint: `http://127.0.0.1:${await getPort()}/token` };
    await expect(here().refresh(tenant, gone)).rejects.toThrow(/it did not answer \(ECONNREFUSED\)/);
    expect(await row()).toMatchObject({ interrupted: false });
    expect((await here().open(tenant, gone))?.accessToken).toBe(minted.access_token);
  });

  it.each([
    ["a wrong secret", { secret: "wrong" }, /it answered invalid_client; check the client's id, secret/],
    ["another client", { id: "lasting", authentication: "client_secret_post" as const }, "connect again"],
  ])(
    "%s: what the client lacks does not end the grant, what the grant lacks does",
    async (_name, changes, said) => {
      const { minted, provider } = await connect();
      const wrong = { ...provider, client: { ...provider.client, ...changes } };
      await expect(here().refresh(tenant, wrong)).rejects.toThrow(said);
      if (typeof said === "string") return expect(here().open(tenant, provider)).rejects.toThrow(said);
      // Said to the operator, and the tenant has to do nothing.
      expect(log.lines("error")).toEqual(["OAuth tokens are not refreshed"]);
      await expect(there().refresh(tenant, wrong)).rejects.toMatchObject({ name: "ConfigurationError" });
      await time().pass(3_590_000);
      server.front.next(answering(401, { error: "invalid_client" }));
      expect((await there().open(tenant, provider))?.accessToken).toBe(minted.access_token);
      await time().pass(9_000);
      expect(await server.accepts((await there().open(tenant, provider))?.accessToken)).toBe(true);
    },
  );

  it("a provider's own word for a revoked grant can be told to it", async () => {
    const { provider } = await connect("rotating", { revokedErrors: ["bad_refresh_token"] });
    server.front.next(answering(200, { error: "bad_refresh_token" }));
    await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ name: "GrantRevokedError" });
  });

  it("R31: a provider that is down is asked after 1, 2, 4 … seconds, and as late as it wishes", async () => {
    const { provider } = await connect();
    const retryInMs = async () => {
      const [found] = await world.sql(
        "select extract(epoch from retry_at - clock_timestamp()) * 1000 as ms from public.oauth_tokens where tenant = $1",
        [tenant],
      );
      return Number(found?.ms);
    };
    const failing = async (fault: Fault) => {
      server.front.next(fault);
      await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
      const ms = await retryInMs();
      const before = server.front.requests();
      await expect(there().refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
      expect(server.front.requests()).toBe(before);
      await time().pass(ms + 1);
      return Math.round(ms / 1_000);
    };
    const now = new Date().toUTCString();
    const inTwoMinutes = new Date(Date.parse(now) + 120_000).toUTCString();
    expect(await failing(answering(500))).toBe(1);
    expect(await failing(answering(503, {}, { "retry-after": "1" }))).toBe(2);
    expect(await failing(answering(503, {}, { "retry-after": "soon" }))).toBe(4);
    expect(await failing(answering(429, {}, { "retry-after": "30" }))).toBe(30);
    expect(await failing(answering(503, {}, { date: now, "retry-after": inTwoMinutes }))).toBe(120);
    expect(await failing(answering(429, {}, { "retry-after": "999999999" }))).toBe(3_600);
    expect(await failing(answering(500))).toBe(60);
    expect(await server.accepts((await here().refresh(tenant, provider))?.accessToken)).toBe(true);
  });

  describe.each([
    ["no expires_in", {}, undefined],
    ["text", { expires_in: "3600" }, 3_600_000],
    ["0", { expires_in: 0 }, undefined],
    ["a negative number", { expires_in: -1 }, undefined],
    ["nonsense", { expires_in: "tomorrow" }, undefined],
    ["null", { expires_in: null }, undefined],
    ["more than there is time", { expires_in: 1e300 }, 3_650 * 86_400_000],
  ])("an answer whose lifetime is %s", (_name, changes, expiresInMs) => {
    it("is kept, with its refresh token", async () => {
      const { provider } = await connect();
      server.front.next(rewriting(({ expires_in: _, ...answer }) => ({ ...answer, ...changes })));
      const token = await here().refresh(tenant, provider);
      const expected = expiresInMs === undefined ? undefined : expect.closeTo(expiresInMs, -4);
      expect(token?.expiresInMs).toEqual(expected);
      expect((await there().open(tenant, provider))?.accessToken).toBe(token?.accessToken);
      expect(await server.accepts((await there().refresh(tenant, provider))?.accessToken)).toBe(true);
    });
  });

  it("a lifetime counts from when the provider was asked, not from when its answer was stored", async () => {
    const { provider } = await connect();
    const door = gate();
    server.front.next(heldAfter(door));
    const refreshing = here().refresh(tenant, provider);
    await door.reached;
    const askedAtMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 100));
    door.open();
    await refreshing;
    const lifetimeMs = 3_600_000;
    const [left] = await world.sql(
      "select extract(epoch from expires_at - clock_timestamp()) * 1000 as ms from public.oauth_tokens where tenant = $1",
      [tenant],
    );
    expect(Number(left?.ms)).toBeLessThanOrEqual(lifetimeMs - (performance.now() - askedAtMs) + 5);
  });

  it("tokens of short life are used for half of it, not refreshed at every request", async () => {
    const { provider } = await connect();
    server.front.next(rewriting((answer) => ({ ...answer, expires_in: 40 })));
    const token = await here().refresh(tenant, provider);
    const before = server.front.requests();
    expect((await here().open(tenant, provider))?.accessToken).toBe(token?.accessToken);
    await time().pass(19_000);
    expect((await there().open(tenant, provider))?.accessToken).toBe(token?.accessToken);
    expect(server.front.requests()).toBe(before);
    await time().pass(2_000);
    expect((await there().open(tenant, provider))?.accessToken).not.toBe(token?.accessToken);
    expect(server.front.requests()).toBe(before + 1);
  });

  it("a caller who needs a token for longer gets one", async () => {
    const { minted, provider } = await connect();
    await time().pass(2_000_000);
    expect((await here().open(tenant, provider))?.accessToken).toBe(minted.access_token);
    const token = await here().open(tenant, provider, { minValidityMs: 1_700_000 });
    expect(token?.expiresInMs).toBeGreaterThan(1_700_000);
  });

  it("without a refresh token the access token is used to its end, and then, or when it is rejected, it is over", async () => {
    const provider = server.provider("lasting");
    for (const end of ["expired", "rejected"]) {
      const { refresh_token: _, ...minted } = await server.mint("lasting");
      await here().keep(tenant, provider, minted);
      await time().pass(3_599_000);
      expect((await here().open(tenant, provider))?.accessToken).toBe(minted.access_token);
      if (end === "expired") await time().pass(2_000);
      else
        await here()
          .refresh(tenant, provider, { rejected: minted.access_token })
          .catch(() => undefined);
      const over = { name: "GrantRevokedError", message: expect.stringMatching("there is no refresh token") };
      await expect(here().open(tenant, provider)).rejects.toMatchObject(over);
      await expect(there().open(tenant, provider)).rejects.toMatchObject(over);
    }
  });

  describe("a refresh that is cut off", () => {
    it("after the provider replaced the refresh token: said as it is, and the tenant connects again", async () => {
      const { provider } = await connect();
      server.front.next(cutAfter);
      await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
      await time().pass(1_000);
      const over = {
        name: "GrantRevokedError",
        interrupted: true,
        message: expect.stringMatching("after a refresh that was cut off"),
      };
      await expect(there().refresh(tenant, provider)).rejects.toMatchObject(over);
      await expect(here().open(tenant, provider)).rejects.toMatchObject(over);
    });

    it("where the provider keeps its refresh tokens, the next one succeeds", async () => {
      const { provider } = await connect("lasting");
      server.front.next(cutAfter);
      await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
      await time().pass(1_000);
      expect(await server.accepts((await there().refresh(tenant, provider))?.accessToken)).toBe(true);
    });

    it("a refusal before does not count as one", async () => {
      const { minted, provider } = await connect();
      server.front.next(answering(429), answering(400, { error: "try_tomorrow" }));
      for (const ms of [1_000, 2_000]) {
        await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
        await time().pass(ms);
      }
      await server.revoke("rotating", minted.refresh_token);
      await expect(here().refresh(tenant, provider)).rejects.toMatchObject({ interrupted: false });
    });
  });

  describe("a holder whose lease ran out while its answer was on the way", () => {
    /** The holder stands at the door with its answer; `takeOver` goes on after it has lost its lease. */
    const overtaken = async (
      client: "rotating" | "lasting",
      takeOver: (provider: OAuthProvider) => Promise<unknown>,
    ) => {
      const { provider } = await connect(client);
      const door = gate();
      server.front.next(heldAfter(door));
      const holder = here().refresh(tenant, provider);
      holder.catch(() => undefined);
      await door.reached;
      await time().leaseRunsOut();
      const taken = await takeOver(provider);
      door.open();
      return { provider, taken, late: await holder };
    };

    it("overwrites nothing that is newer, and answers that", async () => {
      const { provider, taken, late } = await overtaken("lasting", (to) => there().refresh(tenant, to));
      expect(late?.accessToken).toBe((taken as { accessToken: string }).accessToken);
      expect((await there().open(tenant, provider))?.accessToken).toBe(late?.accessToken);
      expect(log.lines("warn")).toEqual(["a refresh came after a later one, or too late"]);
      expect(await row()).toMatchObject({ generation: 2, lease: 2 });
    });

    it("brings what it has where the one that took over was refused for the old refresh token", async () => {
      const { provider, taken, late } = await overtaken("rotating", (to) =>
        there()
          .refresh(tenant, to)
          .catch((error) => error),
      );
      expect(taken).toMatchObject({ name: "GrantRevokedError", interrupted: true });
      expect((await there().open(tenant, provider))?.accessToken).toBe(late?.accessToken);
      expect(await row()).toMatchObject({ generation: 1, revoked_at: null, interrupted: false });
    });

    it("does not end with its failure what another is at", async () => {
      const { provider } = await connect("lasting");
      const [first, second] = [gate(), gate()];
      server.front.next(async (forward, socket) => {
        await first.pass();
        return answering(400, { error: "invalid_grant" })(forward, socket);
      }, heldBefore(second));
      const holder = here().refresh(tenant, provider);
      await first.reached;
      await time().leaseRunsOut();
      const taking = there().refresh(tenant, provider);
      await second.reached;
      first.open();
      await vi.waitFor(() => expect(log.lines("warn")).toHaveLength(1));
      expect(await row()).toMatchObject({ revoked_at: null, lease: 2, leased_until: expect.any(Date) });
      second.open();
      expect((await holder)?.accessToken).toBe((await taking)?.accessToken);
    });

    it("asks nobody any more where the table gave it the lease too late", async () => {
      const { minted, provider } = await connect();
      let now = 0;
      const slow = {
        ...world.db,
        async call(...args: Parameters<Database["call"]>) {
          const answer = await world.db.call(...args);
          if (args[0] === "begin_oauth_refresh") now += 12_000;
          return answer;
        },
      };
      const before = server.front.requests();
      const late = createVault({ db: slow, seal: SEAL, logger: log.logger, monotonic: () => now });
      await expect(late.refresh(tenant, provider)).rejects.toThrow("there was no time left to ask");
      expect(server.front.requests()).toBe(before);
      expect((await here().open(tenant, provider))?.accessToken).toBe(minted.access_token);
    });
  });

  it("a request is given up before its lease ends, so that no two overlap", async () => {
    const { provider } = await connect("rotating", { timeoutMs: 150 });
    server.front.next(() => new Promise(() => {}));
    const refreshing = here().refresh(tenant, provider);
    refreshing.catch(() => undefined);
    await vi.waitFor(async () => expect((await row())?.leased_until).toBeInstanceOf(Date));
    const { leased_until: until } = (await row()) as { leased_until: Date };
    await expect(refreshing).rejects.toThrow("within 150 ms");
    expect(until.getTime() - Date.now()).toBeGreaterThan(5_000);
  });

  it("nobody waits for ever: a caller is told, and the refresh goes on", async () => {
    const { minted, provider } = await connect();
    const impatient = createVault({ db: otherDb, seal: SEAL, logger: log.logger, waitMs: 50 });
    const door = gate();
    server.front.next(heldAfter(door));
    const holder = here().refresh(tenant, provider);
    await door.reached;
    await expect(impatient.refresh(tenant, provider)).rejects.toMatchObject({ name: "UnavailableError" });
    await world.sql("update public.oauth_tokens set expires_at = now() + interval '20 s' where tenant = $1", [
      tenant,
    ]);
    expect((await impatient.open(tenant, provider))?.accessToken).toBe(minted.access_token);
    door.open();
    expect(await server.accepts((await holder)?.accessToken)).toBe(true);
    await impatient.stop();
  });

  it("no connection and no lock is held while the provider is asked", async () => {
    const { minted, provider } = await connect();
    const door = gate();
    server.front.next(heldAfter(door));
    const refreshing = here().refresh(tenant, provider);
    await door.reached;
    expect(
      await world.sql(
        `select state from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      ),
    ).toEqual([]);
    expect((await there().open(tenant, provider))?.accessToken).toBe(minted.access_token);
    door.open();
    await refreshing;
  });

  it("D5: tokens that came while the database was away are stored when it is back", async () => {
    const { provider } = await connect();
    let away = 3;
    const shaky = {
      ...world.db,
      async call(...args: Parameters<Database["call"]>) {
        if (args[0] === "complete_oauth_refresh" && away-- > 0) {
          throw Object.assign(new Error("the database does not answer"), { name: "UnavailableError" });
        }
        return world.db.call(...args);
      },
    };
    const token = await createVault({ db: shaky, seal: SEAL, logger: log.logger }).refresh(tenant, provider);
    expect(log.lines("warn")).toEqual(Array(3).fill("refreshed OAuth tokens are not stored yet"));
    expect((await there().open(tenant, provider))?.accessToken).toBe(token?.accessToken);
    expect(await server.accepts((await there().refresh(tenant, provider))?.accessToken)).toBe(true);
  });

  it("an instance that stops stores what it has asked for, and asks for nothing more", async () => {
    const { provider } = await connect();
    const door = gate();
    server.front.next(heldAfter(door));
    const holder = here().refresh(tenant, provider);
    await door.reached;
    const waiter = there().refresh(tenant, provider);
    await vi.waitFor(async () => expect(await row()).toMatchObject({ lease: 1 }));
    let stopped = false;
    const stopping = here()
      .stop()
      .then(() => {
        stopped = true;
      });
    await there().stop();
    await expect(waiter).rejects.toThrow("this instance stops");
    expect(stopped).toBe(false);
    door.open();
    await stopping;
    expect((await row())?.generation).toBe(1);
    expect(await server.accepts((await holder)?.accessToken)).toBe(true);
    await expect(here().refresh(tenant, provider)).rejects.toThrow("this instance stops");
  });

  it("of many instances at once one gets the lease", async () => {
    await connect();
    const key = { p_tenant: tenant, p_provider: "rotating", p_account: "default" };
    const [found] = await world.db.call("find_oauth_tokens", key);
    const begin = (i: number) =>
      (i % 2 ? world.db : otherDb).call("begin_oauth_refresh", {
        ...key,
        p_grant_id: found?.grant_id,
        p_generation: 0,
        p_failures: 0,
        p_lease_ms: 60_000,
      });
    const leases = await Promise.all(Array.from({ length: 40 }, (_, i) => begin(i)));
    expect(leases.map(([lease]) => lease?.begin_oauth_refresh).filter(Boolean)).toEqual([1]);
  });

  it.each([
    ["a tenant", () => here().open("", server.provider("rotating")), "the tenant is empty"],
    ["characters", () => here().open("a\0b", server.provider("rotating")), "PostgreSQL cannot keep"],
    ["a name", () => here().open("a", server.provider("rotating", { name: "My CRM" })), "lower-case letters"],
    [
      "https",
      () => here().open("a", server.provider("rotating", { tokenEndpoint: "http://crm.example/token" })),
      "the token endpoint has to be https",
    ],
    [
      "a secret",
      () =>
        here().open(
          "a",
          server.provider("rotating", { client: { id: "a", authentication: "client_secret_post" } }),
        ),
      "has no secret",
    ],
  ])("what lacks %s is refused with what is wrong", async (_name, call, message) => {
    await expect(call()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining(message),
    });
  });

  it.each([[undefined], [null], ["token"], [{}], [{ error: "invalid_grant" }], [{ access_token: "" }]])(
    "an answer without an access token is not kept: %j",
    async (answer) => {
      const { minted, provider } = await connect();
      await expect(here().keep(tenant, provider, answer)).rejects.toMatchObject({ name: "TokenAnswerError" });
      expect((await here().open(tenant, provider))?.accessToken).toBe(minted.access_token);
    },
  );

  it("R33: tokens open for whom they were sealed alone", async () => {
    const { provider } = await connect();
    await world.sql(
      `insert into public.oauth_tokens (tenant, provider, account, sealed, obtained_at)
       select 'thief', provider, account, sealed, obtained_at from public.oauth_tokens where tenant = $1`,
      [tenant],
    );
    await expect(here().open("thief", provider)).rejects.toMatchObject({ name: "SealBrokenError" });
    const blind = createVault({ db: world.db, seal: createTokenSeal(["b".repeat(40)]), logger: log.logger });
    await expect(blind.open(tenant, provider)).rejects.toMatchObject({ name: "ConfigurationError" });
  });
});

/** A logger that remembers what it was told. */
function recorder() {
  const logger = { ...silentLogger, info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const calls = (level: "info" | "warn" | "error") => logger[level].mock.calls as unknown[][];
  return {
    logger: logger as unknown as Logger,
    lines: (level: "info" | "warn" | "error") => calls(level).map(([, message]) => message),
  };
}
