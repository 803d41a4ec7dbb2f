import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { hasPgCron, startPgCronServer } from "../support/pg-cron-server";
import { COOKIE, engine, keepEverything, SECRETS, SIGN_INS } from "./keep-everything";
import { openWire, openWorld } from "./world";

const PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump";

describe("E1, R36: a stolen dump after a thousand sign-ins, and of everything else that is kept", () => {
  const world = openWorld();

  it("of every row of every table holds no secret, no signature and no cookie; its hashes open nothing", async () => {
    const judge = await keepEverything(world.db);
    const tables = await world.sql("select tablename as name from pg_tables where schemaname = 'public'");
    expect(tables.length).toBeGreaterThan(10);
    const lines: string[] = [];
    for (const { name } of tables) {
      const rows = await world.sql(`select to_jsonb(t)::text as row from public.${name} t`);
      expect([name, rows.length]).not.toEqual([name, 0]);
      lines.push(...rows.map(({ row }) => row));
    }
    judge(lines.join("\n"));
    await hashesOpenNothing();
  });

  const count = async () => (await world.sql("select count(*)::integer from public.app_sessions"))[0]?.count;

  /** Even where somebody could sign what they stole. */
  async function hashesOpenNothing() {
    const rows = await world.sql("select id, secret_hash, previous_secret_hash from public.app_sessions");
    const cookie = createSessionCookie({ name: "s", secrets: SECRETS, attributes: COOKIE });
    const manager = engine(world.db);
    const opened: unknown[] = [];
    const before = await count();
    const hashes = rows.flatMap(({ id, secret_hash, previous_secret_hash }) =>
      [secret_hash, previous_secret_hash].filter(Boolean).map((hash: Buffer) => [id, hash] as const),
    );
    expect(hashes.length).toBeGreaterThan(SIGN_INS * 0.8);
    for (const [id, hash] of hashes) {
      for (const secret of [hash.toString("hex"), hash.toString("base64url")]) {
        opened.push(
          await manager.read(`s=${id}.${secret}`),
          await manager.read(`s=${id}.${secret}.${secret}`),
        );
      }
    }
    expect(await count()).toBe(before);
    for (const [id, hash] of hashes.slice(0, 200)) {
      opened.push(await manager.read(cookie.write({ id, secret: hash.toString("base64url") }, 60)));
    }
    expect(opened.filter(Boolean)).toEqual([]);
  }
});

describe.skipIf(!hasPgCron || !existsSync(PG_DUMP))(
  "E1, R36: a real pg_dump (needs Debian's PostgreSQL 15)",
  () => {
    it("holds no secret, no signature and no cookie", async () => {
      const server = await startPgCronServer();
      const db = openWire(server.url);
      try {
        await db.migrate();
        const judge = await keepEverything(db);
        const options = { maxBuffer: 100_000_000 };
        const { stdout } = await promisify(execFile)(PG_DUMP, ["--data-only", server.url], options);
        expect(stdout).toContain("COPY public.app_session_events");
        judge(stdout);
      } finally {
        await db.close();
        await server.stop();
      }
    });
  },
);
