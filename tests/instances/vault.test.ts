import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { OAuthProvider } from "../../app/lib/vault/grant";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault } from "../../app/lib/vault/vault";
import { openWire, openWorld } from "../sql/world";
import { gate, heldAfter, heldBefore } from "../support/oauth-front";
import { type OAuthServer, startOAuthServer } from "../support/oauth-server";
import { silentLogger } from "../support/silent-logger";
import { type Outcome, startVaultInstance, type VaultInstance } from "../support/vault-instance";
import { moveTime } from "../support/vault-time";

const KEY = "a key of more than thirty-two characters, for tokens";
const ROUNDS = 5;

/** The clocks of the instances differ by far more than a token has left. */
const SKEWS_MS = [0, 600_000, -600_000];

describe("E11: three processes and one OAuth server", () => {
  const world = openWorld();
  let server: OAuthServer;
  let instances: VaultInstance[] = [];
  let tenant: string;
  /** What callers have when they ask for another. */
  let rejected: string;
  const start = (skewMs: number) => startVaultInstance(world.database.url, KEY, skewMs);
  beforeAll(async () => {
    [server, ...instances] = await Promise.all([startOAuthServer(), ...SKEWS_MS.map(start)]);
  });
  beforeEach(async () => {
    tenant = `tenant-${randomUUID()}`;
    server.front.next();
    // Those that the test before has killed.
    instances = await Promise.all(
      instances.map((instance, i) => (instance.isAlive() ? instance : start(SKEWS_MS[i] as number))),
    );
  });
  afterAll(() => Promise.all([server.stop(), ...instances.map((instance) => instance.stop())]));

  const time = () => moveTime((statement) => world.sql(statement), tenant);
  const connect = async (client: "rotating" | "lasting" = "rotating") => {
    const provider = server.provider(client, { timeoutMs: 10_000 });
    const db = openWire(world.database.url);
    const vault = createVault({ db, seal: () => createTokenSeal([KEY]), logger: silentLogger });
    const minted = await server.mint(client);
    await vault.keep(tenant, provider, minted);
    await db.close();
    rejected = minted.access_token;
    return provider;
  };
  const ask = (i: number, provider: OAuthProvider, callers: number, dieAfter?: string) =>
    (instances[i] as VaultInstance).ask({
      ...{ method: "refresh", tenant, provider, callers, rejected },
      ...(dieAfter && { dieAfter }),
    });
  const openAll = (provider: OAuthProvider) =>
    Promise.all(
      [34, 33, 33].map((callers, i) =>
        (instances[i] as VaultInstance).ask({ method: "open", tenant, provider, callers }),
      ),
    );
  const row = async () =>
    (await world.sql("select * from public.oauth_tokens where tenant = $1", [tenant]))[0];
  /** The one token that all of them got. */
  const theOne = (outcomes: Outcome[]) => {
    const tokens = new Set(outcomes.map((outcome) => JSON.stringify(outcome)));
    expect([...tokens]).toEqual([expect.stringContaining("accessToken")]);
    return JSON.parse([...tokens][0] as string).accessToken as string;
  };

  /** Whether those who wait look into the table. */
  const looking = async () => {
    const [found] = await world.sql(
      `select count(*)::integer as count from pg_stat_activity
       where datname = current_database() and query like '%find_oauth_tokens%'
         and query_start > clock_timestamp() - interval '300 ms'`,
    );
    return found?.count >= 2;
  };

  it("100 callers on three processes cause one refresh and get its result, round after round", async () => {
    const provider = await connect();
    const before = await server.counts();
    const seen = new Set<string>();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await time().pass(3_590_000);
      const outcomes = (await openAll(provider)).flat();
      expect(outcomes).toHaveLength(100);
      const token = theOne(outcomes);
      expect(await server.accepts(token)).toBe(true);
      seen.add(token);
      expect(await server.counts()).toEqual({ ...before, granted: before.granted + round });
    }
    expect(seen.size).toBe(ROUNDS);
  });

  it("a provider that takes its time is asked once all the same, however callers come in", async () => {
    const provider = await connect();
    const before = server.front.requests();
    const door = gate();
    server.front.next(heldAfter(door));
    const first = ask(0, provider, 34);
    await door.reached;
    const others = [ask(1, provider, 33), ask(2, provider, 33)];
    await vi.waitFor(async () => expect(await looking()).toBe(true));
    door.open();
    const token = theOne((await Promise.all([first, ...others])).flat());
    expect(await server.accepts(token)).toBe(true);
    expect(server.front.requests()).toBe(before + 1);
  });

  describe("the process that has the lease is killed (kill -9)", () => {
    /** Has the lease run out once the holder is gone, and has everybody who is left try. */
    const afterTheEnd = async (provider: OAuthProvider) => {
      await instances[0]?.ended;
      const waiting = [ask(1, provider, 50), ask(2, provider, 50)];
      await vi.waitFor(async () => expect(await looking()).toBe(true));
      expect((await row())?.leased_until).toBeInstanceOf(Date);
      await time().leaseRunsOut();
      return (await Promise.all(waiting)).flat();
    };
    const counted = async (work: () => Promise<unknown>) => {
      const before = await server.counts();
      await work();
      const after = await server.counts();
      return { granted: after.granted - before.granted, refused: after.refused - before.refused };
    };

    it("before it asks: another takes over, and nothing is lost", async () => {
      const provider = await connect();
      const counts = await counted(async () => {
        expect(await ask(0, provider, 1, "begin_oauth_refresh")).toEqual([]);
        expect(await server.accepts(theOne(await afterTheEnd(provider)))).toBe(true);
      });
      expect(counts).toEqual({ granted: 1, refused: 0 });
      expect(await row()).toMatchObject({ lease: 2, generation: 2, interrupted: false });
    });

    it("while its request is on the way: another takes over, and nothing is lost", async () => {
      const provider = await connect();
      const door = gate();
      server.front.next(async (_forward, socket) => {
        await heldBefore(door)(async () => ({ status: 0, headers: {}, body: "" }), socket);
        return undefined;
      });
      void ask(0, provider, 1);
      await door.reached;
      instances[0]?.signal("SIGKILL");
      const counts = await counted(async () => {
        expect(await server.accepts(theOne(await afterTheEnd(provider)))).toBe(true);
      });
      door.open();
      expect(counts).toEqual({ granted: 1, refused: 0 });
    });

    it.each(["rotating", "lasting"] as const)(
      "after it was answered, before it stored it: %s",
      async (client) => {
        const provider = await connect(client);
        const door = gate();
        server.front.next(heldAfter(door));
        void ask(0, provider, 1);
        await door.reached;
        instances[0]?.signal("SIGKILL");
        const counts = await counted(async () => {
          const outcomes = await afterTheEnd(provider);
          expect(outcomes).toHaveLength(100);
          if (client === "lasting") expect(await server.accepts(theOne(outcomes))).toBe(true);
          else {
            const over = { error: "GrantRevokedError", interrupted: true };
            expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toEqual(
              new Set([JSON.stringify(over)]),
            );
          }
        });
        door.open();
        expect(counts).toEqual(
          client === "lasting" ? { granted: 1, refused: 0 } : { granted: 0, refused: 1 },
        );
      },
    );

    it("after it stored it, before it told anybody: the others have it", async () => {
      const provider = await connect();
      const counts = await counted(async () => {
        const rejected = ask(0, provider, 1, "complete_oauth_refresh");
        expect(await rejected).toEqual([]);
        const opened = await Promise.all(
          [1, 2].map((i) =>
            (instances[i] as VaultInstance).ask({ method: "open", tenant, provider, callers: 50 }),
          ),
        );
        expect(await server.accepts(theOne(opened.flat()))).toBe(true);
      });
      expect(counts).toEqual({ granted: 1, refused: 0 });
      expect(await row()).toMatchObject({ lease: 1, generation: 1, leased_until: null });
    });
  });

  it("a process that stood still past its lease changes nothing when it goes on", async () => {
    const provider = await connect("lasting");
    const door = gate();
    server.front.next(heldAfter(door));
    const holder = ask(0, provider, 1);
    await door.reached;
    instances[0]?.signal("SIGSTOP");
    door.open();
    await time().leaseRunsOut();
    const taken = theOne(await ask(1, provider, 50));
    instances[0]?.signal("SIGCONT");
    expect(theOne(await holder)).toBe(taken);
    expect(theOne(await ask(2, provider, 1))).toBe(taken);
    expect(await row()).toMatchObject({ lease: 2, generation: 2 });
  });
});
