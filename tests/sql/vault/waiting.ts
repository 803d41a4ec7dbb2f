import { expect, it, vi } from "vitest";
import type { Database } from "../../../app/lib/db/database";
import { createVault } from "../../../app/lib/vault/vault";
import { gate, heldAfter } from "../../support/oauth-front";
import { SEAL, type VaultWorld } from "./world";

/** Who holds what, and who waits for whom. */
export function describeWaiting(world: VaultWorld) {
  it("a request is given up before its lease ends, so that no two overlap", async () => {
    const { provider } = await world.connect("rotating", { timeoutMs: 150 });
    world.server.front.next(() => new Promise(() => {}));
    const refreshing = world.here.refresh(world.tenant, provider);
    refreshing.catch(() => undefined);
    await vi.waitFor(async () => expect((await world.row())?.leased_until).toBeInstanceOf(Date));
    const { leased_until: until } = (await world.row()) as { leased_until: Date };
    await expect(refreshing).rejects.toThrow("within 150 ms");
    expect(until.getTime() - Date.now()).toBeGreaterThan(5_000);
  });

  it("nobody waits for ever: a caller is told, and the refresh goes on", async () => {
    const { minted, provider } = await world.connect();
    const impatient = createVault({ db: world.otherDb, seal: SEAL, logger: world.log.logger, waitMs: 50 });
    const door = gate();
    world.server.front.next(heldAfter(door));
    const holder = world.here.refresh(world.tenant, provider);
    await door.reached;
    await expect(impatient.refresh(world.tenant, provider)).rejects.toMatchObject({
      name: "UnavailableError",
    });
    await world.sql("update public.oauth_tokens set expires_at = now() + interval '20 s' where tenant = $1", [
      world.tenant,
    ]);
    expect((await impatient.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
    door.open();
    expect(await world.server.accepts((await holder)?.accessToken)).toBe(true);
    await impatient.stop();
  });

  it("callers in one process share one refresh, and one look at the table", async () => {
    const { provider } = await world.connect();
    const calls = vi.spyOn(world.db, "call");
    const vault = createVault({ db: world.db, seal: SEAL, logger: world.log.logger });
    await Promise.all(Array.from({ length: 50 }, () => vault.refresh(world.tenant, provider)));
    const names = calls.mock.calls.map(([name]) => name).filter((name) => name !== "find_oauth_tokens");
    expect(names).toEqual(["begin_oauth_refresh", "complete_oauth_refresh"]);
    expect(calls).toHaveBeenCalledTimes(4);
    // A connection that breaks under a read costs nobody anything.
    const looks = calls.mock.calls.filter(([name]) => name === "find_oauth_tokens");
    expect(looks.map(([, , options]) => options)).toEqual([{ readOnly: true }, { readOnly: true }]);
    calls.mockRestore();
  });

  it("a failure is told to who waited for it, even where it looks up only when another try is due", async () => {
    const { provider } = await world.connect();
    const door = gate();
    world.server.front.next(heldAfter(door));
    const holder = world.here.refresh(world.tenant, provider);
    await door.reached;
    const before = world.server.front.requests();
    const looks = vi.spyOn(world.otherDb, "call");
    const waiter = world.there.refresh(world.tenant, provider);
    waiter.catch(() => undefined);
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(1));
    await world.sql(
      `update public.oauth_tokens set failures = 1, failure = 'it answered 500', leased_until = null, retry_at = now()
       where tenant = $1`,
      [world.tenant],
    );
    await expect(waiter).rejects.toThrow("it answered 500");
    expect(world.server.front.requests()).toBe(before);
    door.open();
    await holder;
  });

  it("no connection and no lock is held while the provider is asked", async () => {
    const { minted, provider } = await world.connect();
    const door = gate();
    world.server.front.next(heldAfter(door));
    const refreshing = world.here.refresh(world.tenant, provider);
    await door.reached;
    expect(
      await world.sql(
        `select state from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      ),
    ).toEqual([]);
    expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
    door.open();
    await refreshing;
  });

  it("D5: tokens that came while the database was away are stored when it is back", async () => {
    const { provider } = await world.connect();
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
    const token = await createVault({ db: shaky, seal: SEAL, logger: world.log.logger }).refresh(
      world.tenant,
      provider,
    );
    expect(world.log.lines("warn")).toEqual(Array(3).fill("refreshed OAuth tokens are not stored yet"));
    expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(token?.accessToken);
    expect(await world.server.accepts((await world.there.refresh(world.tenant, provider))?.accessToken)).toBe(
      true,
    );
  });

  it("what the database refuses, or does not take for minutes, is an error", async () => {
    let now = 0;
    const refusing = (error: Error) => ({
      ...world.db,
      async call(...args: Parameters<Database["call"]>) {
        if (args[0] !== "complete_oauth_refresh") return world.db.call(...args);
        now += 4 * 60_000;
        throw error;
      },
    });
    const away = Object.assign(new Error("the database does not answer"), { name: "UnavailableError" });
    for (const error of [new Error("a constraint says no"), away]) {
      const { provider } = await world.connect();
      const vault = createVault({
        ...{ db: refusing(error), seal: SEAL, logger: world.log.logger, monotonic: () => now },
      });
      await expect(vault.refresh(world.tenant, provider)).rejects.toBe(error);
    }
    expect(world.log.lines("warn")).toEqual(["refreshed OAuth tokens are not stored yet"]);
  });

  it("an instance that stops stores what it has asked for, and asks for nothing more", async () => {
    const { provider } = await world.connect();
    const door = gate();
    world.server.front.next(heldAfter(door));
    const holder = world.here.refresh(world.tenant, provider);
    await door.reached;
    const waiter = world.there.refresh(world.tenant, provider);
    await vi.waitFor(async () => expect(await world.row()).toMatchObject({ lease: 1 }));
    let stopped = false;
    const stopping = world.here.stop().then(() => {
      stopped = true;
    });
    await world.there.stop();
    await expect(waiter).rejects.toThrow("this instance stops");
    expect(stopped).toBe(false);
    door.open();
    await stopping;
    expect((await world.row())?.generation).toBe(1);
    expect(await world.server.accepts((await holder)?.accessToken)).toBe(true);
    await expect(world.here.refresh(world.tenant, provider)).rejects.toThrow("this instance stops");
  });
}
