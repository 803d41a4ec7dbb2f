import type { PGlite } from "@electric-sql/pglite";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { openPglite } from "../../app/lib/db/pglite";
import { readEnv } from "../../app/lib/env.server";
import { sweptOf } from "../../app/lib/wiring/stores";
import { openEmbedded } from "../support/embedded-database";
import { aClient, aSession } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";

const OPTIONS = { migrationsFolder: "supabase/migrations", logger: silentLogger };

let embedded: PGlite;
let db: Database;
beforeEach(async () => {
  ({ db, pglite: embedded } = await openEmbedded());
});
afterEach(() => db.close());

/** What the planner believes, and how much room is held by rows that are gone. */
async function bookkeeping() {
  const { rows } = await embedded.query<{ rows: number; pages: number }>(
    "select reltuples::integer as rows, relpages as pages from pg_class where oid = 'public.app_sessions'::regclass",
  );
  return rows[0];
}

it("the embedded database is vacuumed with the hourly clean-up: nobody else does it there", async () => {
  const { clients, sessions } = sqlStores(db);
  const { id } = await clients.install(aClient("old-oak"));
  for (let made = 0; made < 20; made++) await sessions.create(aSession(id));
  expect((await bookkeeping())?.rows).toBe(-1);

  const { others } = sweptOf(readEnv({ NODE_ENV: "test" }), db, sessions);
  expect(await others.at(-1)?.sweep(1_000)).toEqual({ deleted: 0 });
  expect((await bookkeeping())?.rows).toBe(20);
});

it("a database with an autovacuum of its own is left alone", () => {
  const { sessions } = sqlStores(db);
  const { vacuum: _, ...server } = db;
  expect(sweptOf(readEnv({ NODE_ENV: "test" }), server, sessions).others).toEqual([]);
});

it("there is nothing to vacuum in one that is closed", async () => {
  const closed = openPglite({ folder: "never-made", ...OPTIONS });
  await closed.close();
  await expect(closed.vacuum?.()).rejects.toThrow("closed");
});
