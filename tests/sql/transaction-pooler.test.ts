import pg from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError, UnavailableError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { createSqlChannel } from "../../app/lib/session-stores/sql-channel";
import { aClient } from "../support/examples";
import { hasPgbouncer } from "../support/pgbouncer";
import { openPooled, type Pooled } from "../support/pooled";
import { sqlStores } from "../support/stores";
import { recordingLogger } from "../unit/sessions/support";

const DETECTED = "transaction pooler detected, using unnamed prepared statements";
const CLOSED = "every request reads the store: the invalidation channel is closed";

function recorder() {
  const logger = recordingLogger();
  const said = (text: string) =>
    logger.lines.filter(({ message }) => message === text).map(({ fields }) => fields);
  return { logger, said };
}

describe.skipIf(!hasPgbouncer)("PostgreSQL behind a PgBouncer (needs pgbouncer)", () => {
  let pooled: Pooled;
  const held: pg.Client[] = [];
  const given = async (...options: Parameters<typeof openPooled>) => {
    pooled = await openPooled(...options);
  };
  afterEach(async () => {
    await Promise.all(held.splice(0).map((client) => client.end().catch(() => undefined)));
    await pooled.close();
  });

  /** A client of the pooler that keeps a server connection for itself, until it commits. */
  const holdOne = async () => {
    const client = new pg.Client({ connectionString: pooled.url });
    client.on("error", () => undefined);
    held.push(client);
    await client.connect();
    await client.query("begin");
    return client;
  };
  /** The named statements on an instance's server connection. */
  const namedStatements = async (db: Database) => {
    await pooled.sql.query(`
      create or replace function public.statements() returns table (name text) language sql
      as $$ select name from pg_prepared_statements $$;
    `);
    await db.call("statements");
    return (await db.call("statements")).map(({ name }) => name);
  };
  const listen = (db: Database) => {
    const channel = createSqlChannel(db);
    channel?.start();
    return channel as NonNullable<typeof channel>;
  };

  describe("that pools transactions", () => {
    it("calls of two instances at once all succeed, the first ones too, with one line in the log of each", async () => {
      await given();
      const logs = [recorder(), recorder()];
      const dbs = logs.map(({ logger }) => pooled.open({ logger }));
      const now = new Date().toISOString();
      const calls = Array.from({ length: 200 }, (_, i) =>
        (dbs[i % 2] as Database).call("app_session_totals", { p_now: now }),
      );
      const failures = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
      expect(failures).toEqual([]);
      for (const { said } of logs) {
        expect(said(DETECTED)).toEqual([
          { evidence: expect.stringMatching(/prepared statement .* (already exists|does not exist)/) },
        ]);
      }
    });

    it("a write whose statement was not there, or there already, is done once", async () => {
      await given();
      await pooled.sql.query(`
        create table public.marks (mark integer);
        create function public.mark(p_mark integer) returns void language sql
        as $$ insert into public.marks values (p_mark) $$;
      `);
      const dbs = [pooled.open(), pooled.open()];
      const marks = Array.from({ length: 200 }, (_, mark) => mark);
      await Promise.all(marks.map((mark) => dbs[mark % 2]?.call("mark", { p_mark: mark })));
      for (const db of dbs) expect(db.connection?.known()?.mode).toBe("transaction pooler");
      const { rows } = await pooled.sql.query("select mark from public.marks order by mark");
      expect(rows.map(({ mark }) => mark)).toEqual(marks);
    });

    it("an instance never runs the statement that another one prepared under its name", async () => {
      await given({ default_pool_size: 2 });
      await pooled.sql.query(`
        create schema cellar;
        create function public.answer() returns text language sql as $$ select 'public' $$;
        create function cellar.answer() returns text language sql as $$ select 'cellar' $$;
      `);
      const [ours, theirs] = [pooled.open(), pooled.open({ schema: "cellar" })];
      // Each prepares its statement on a server connection, and then theirs finds ours in its place.
      expect(await ours.call("answer")).toEqual([{ answer: "public" }]);
      const first = await holdOne();
      expect(await theirs.call("answer")).toEqual([{ answer: "cellar" }]);
      await holdOne();
      await first.query("commit");
      expect(theirs.connection?.known()).toBeUndefined();
      expect(await theirs.call("answer")).toEqual([{ answer: "cellar" }]);
      expect(theirs.connection?.known()?.mode).toBe("transaction pooler");
    });

    it.each([0, 1])(
      "the start finds it out, before the first call (server_round_robin = %i)",
      async (robin) => {
        await given({ server_round_robin: robin });
        const { logger, said } = recorder();
        const db = pooled.open({ logger });
        await db.migrate();
        expect(said(DETECTED)).toEqual([{ evidence: "connections share the server's processes" }]);
        expect(await namedStatements(db)).toEqual([]);
      },
    );

    it("an address that says so is believed, without a probe", async () => {
      await given();
      const db = pooled.open({ url: `${pooled.url}?pgbouncer=true` });
      expect(db.connection?.known()).toEqual({
        mode: "transaction pooler",
        evidence: "its address says pgbouncer=true",
      });
      expect(await namedStatements(db)).toEqual([]);
    });

    it("brings an empty database up to date, with two instances that start at once", async () => {
      await given({}, "bare");
      const dbs = [pooled.open(), pooled.open()];
      await Promise.all(dbs.map((db) => db.migrate()));
      for (const db of dbs) expect(await db.pendingMigrations()).toEqual([]);
      const { rows } = await pooled.sql.query(
        "select count(*) = count(distinct version) as once from supabase_migrations.schema_migrations",
      );
      expect(rows).toEqual([{ once: true }]);
    });

    it("the channel stays closed, and says so once, with what to set", async () => {
      await given();
      const { logger, said } = recorder();
      const db = pooled.open({ logger });
      const channel = listen(db);
      await vi.waitFor(() => expect(said(CLOSED)).toHaveLength(1));
      expect(said(CLOSED)).toEqual([
        { reason: expect.stringMatching(/transaction pooler.*set DATABASE_DIRECT_URL/) },
      ]);
      // The second try would come after 75 to 125 ms, and 2 s for the notice that does not arrive.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(said(CLOSED)).toHaveLength(1);
      expect(channel.epoch()).toBeUndefined();
      await channel.stop();
    });

    it("the channel opens over a direct address, and what calls through the pooler change arrives", async () => {
      await given();
      const db = pooled.open({ directUrl: pooled.directUrl });
      await db.migrate();
      const channel = listen(db);
      const heard = vi.fn();
      channel.subscribe(heard);
      await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), 5_000);
      const { clients } = sqlStores(db);
      const { id } = await clients.install(aClient("old-oak"));
      await clients.uninstall("old-oak");
      await vi.waitFor(() => expect(heard).toHaveBeenCalledWith({ clientId: id }), 5_000);
      expect(await namedStatements(db)).toEqual([]);
      await channel.stop();
    });

    it("migrates over the direct address, where there is one", async () => {
      await given({}, "bare");
      const db = pooled.open({ directUrl: pooled.directUrl });
      await db.migrate();
      const databases = await pooled.pooler.admin("show stats");
      const name = new URL(pooled.url).pathname.slice(1);
      const row = databases.find(({ database }) => database === name);
      // The probe's few queries, and no migration.
      expect(Number(row?.total_query_count ?? 0)).toBeLessThan(20);
      expect(await db.pendingMigrations()).toEqual([]);
    });
  });

  describe("that pools sessions", () => {
    it("keeps named statements, and the channel", async () => {
      await given({ pool_mode: "session", default_pool_size: 10 });
      const { logger, said } = recorder();
      const db = pooled.open({ logger, maxConnections: 1 });
      await db.migrate();
      expect(db.connection?.known()?.mode).toBe("session pooler");
      expect(await namedStatements(db)).toEqual([expect.stringMatching(/^libero \S{43} 0$/)]);
      const channel = listen(db);
      await vi.waitFor(() => expect(channel.epoch()).toBeDefined(), 5_000);
      expect(said(DETECTED)).toEqual([]);
      await channel.stop();
    });

    it("and has no connection to spare for the probe: the start goes on", async () => {
      await given({ pool_mode: "session", default_pool_size: 1 });
      const db = pooled.open({ maxConnections: 1 });
      await db.migrate();
      expect(db.connection?.known()?.mode).toBe("session pooler");
      expect(await db.call("app_session_cleanup_is_scheduled")).toHaveLength(1);
    });
  });

  describe("that pools statements", () => {
    it("carries calls; migrations ask for a direct address, and go over it", async () => {
      await given({ pool_mode: "statement" }, "bare");
      const error = await pooled
        .open()
        .migrate()
        .catch((thrown) => thrown);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toContain("migrations need DATABASE_DIRECT_URL");
      const db = pooled.open({ directUrl: pooled.directUrl });
      await db.migrate();
      expect(await db.call("app_session_cleanup_is_scheduled")).toHaveLength(1);
    });
  });

  it("without a pooler the connection is direct, and statements are named", async () => {
    await given();
    const db = pooled.open({ url: pooled.directUrl, maxConnections: 1 });
    await db.migrate();
    expect(db.connection?.known()).toEqual({
      mode: "direct",
      evidence: "the server named its own process",
    });
    expect(await namedStatements(db)).toEqual([expect.stringMatching(/^libero \S{43} 0$/)]);
  });

  describe("no connection to be had is an outage, and the message names the setting", () => {
    const call = (db: Database) => db.call("app_session_cleanup_is_scheduled");
    const unavailable = async (db: Database, message: RegExp) => {
      const error = await call(db).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error.message).toMatch(message);
      expect(error.message).toContain("DATABASE_POOL_MAX");
    };

    it("PgBouncer's max_client_conn", async () => {
      await given({ max_client_conn: 2 });
      await holdOne();
      await holdOne();
      await unavailable(pooled.open(), /no more connections allowed \(max_client_conn\)/);
    });

    it("for the channel: the log names it as well", async () => {
      await given({ pool_mode: "session", max_client_conn: 2 });
      await holdOne();
      await holdOne();
      const { logger, said } = recorder();
      const channel = listen(pooled.open({ logger }));
      await vi.waitFor(() => expect(said(CLOSED).length).toBeGreaterThan(0), 5_000);
      expect(said(CLOSED)[0]).toEqual({ reason: expect.stringContaining("lower DATABASE_POOL_MAX") });
      await channel.stop();
    });

    it("PgBouncer's query_wait_timeout", async () => {
      await given({ default_pool_size: 1, query_wait_timeout: 1 });
      await holdOne();
      await unavailable(pooled.open(), /query_wait_timeout/);
    });

    it.each(["direct", "through a pooler"])("PostgreSQL's limit of a role, %s", async (how) => {
      await given();
      await pooled.sql.query(`
        drop role if exists limited; create role limited login password 'test' connection limit 0;
      `);
      const url = new URL(how === "direct" ? pooled.directUrl : pooled.url);
      url.username = "limited";
      await unavailable(pooled.open({ url: url.href }), /too many connections for role "limited"/);
      await pooled.sql.query("drop role limited");
    });
  });

  describe("an address that a pooler refuses is a fault of the configuration, and the message names it", () => {
    it.each([
      ["a setting", "?statement_timeout=1000", /setting statement_timeout: take it out of DATABASE_URL/],
      ["another user", "?user=nobody", /refuses us \(.*authentication failed.*\); check user.*DATABASE_URL/],
    ])("%s", async (_what, query, message) => {
      await given();
      const db = pooled.open({ url: `${pooled.url}${query}` });
      const error = await db.migrate().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toMatch(message);
    });
  });
});
