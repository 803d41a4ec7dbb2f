import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { openSupabase } from "../../app/lib/db/supabase";
import { keyOf } from "../../app/lib/http-sessions/key";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession, HOUR, NOW } from "../support/examples";
import { hasPostgrest, type Postgrest, startPostgrest } from "../support/postgrest";
import { sqlStores } from "../support/stores";

/** PostgREST ends an answer after `max-rows` rows, and says nothing: a 200 like any other. */
describe.skipIf(!hasPostgrest).each([1, 100])("over a PostgREST whose max-rows is %i", (maxRows) => {
  let database: TestDatabase;
  let postgrest: Postgrest;
  let db: Database;
  let clientId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    postgrest = await startPostgrest(database.url, { maxRows });
    db = openSupabase({ url: postgrest.url, secretKey: postgrest.key("service_role") });
  });
  beforeEach(async () => {
    await database.reset();
    clientId = (await sqlStores(db).clients.install(aClient("old-oak"))).id;
  });
  afterAll(async () => {
    await postgrest.stop();
    await database.drop();
  });

  /** Many sessions of one user each, by hand. @returns their ids */
  async function begun(count: number): Promise<string[]> {
    const { rows } = await database.sql.query(
      `insert into public.app_sessions (
         id, client_id, secret_hash, user_id, user_name, created_at, expires_at, last_activity_at
       )
       select gen_random_uuid(), $1, sha256(i::text::bytea), 'user-' || i, 'User', now(), now() + interval '1 hour', now()
       from generate_series(1, $2::integer) i returning id`,
      [clientId, count],
    );
    return rows.map(({ id }) => id);
  }

  it("600 sessions that are asked for at once are all found, and one that has ended is not", async () => {
    const { sessions } = sqlStores(db);
    const ids = await begun(600);
    await sessions.end(ids[300] as string, "signed_out");
    const found = await Promise.all(ids.map((id) => sessions.find(id)));
    expect(found.flatMap((stored, n) => (stored ? [] : [n]))).toEqual([300]);
    expect(found.map((stored) => stored?.session.id ?? ids[300])).toEqual(ids);
  });

  it("250 live sessions are listed, and all that happened to them", async () => {
    const { sessions } = sqlStores(db);
    await begun(250);
    expect(await sessions.listOpen({ clientId }, NOW, 1_000)).toHaveLength(250);
    expect(await sessions.listOpen({}, NOW, 200)).toHaveLength(200);
    for (const reason of ["signed_out", "revoked"] as const) {
      const { id } = await sessions.create(aSession(clientId));
      await sessions.end(id, reason);
    }
    await sessions.endAll({ clientId }, "replaced");
    expect(await sessions.events({ clientId }, 1_000)).toHaveLength(254);
    expect(await sessions.endings(NOW - HOUR)).toMatchObject({ signed_out: 1, revoked: 1, replaced: 250 });
  });

  it("all 2,500 HTTP sessions are listed", async () => {
    await database.sql.query("truncate public.http_sessions");
    await database.sql.query(
      `insert into public.http_sessions (key, data, expires_at)
       select sha256(i::text::bytea), '{}', now() + interval '1 hour' from generate_series(1, 2500) i`,
    );
    const store = createSqlHttpSessionStore({ db });
    const sid = randomUUID();
    await store.set(sid, { data: { here: true }, expiresAtMs: NOW + HOUR });
    const keys: string[] = [];
    for await (const { key } of store.all()) keys.push(key);
    expect(new Set(keys).size).toBe(2_501);
    expect(keys).toContain(keyOf(sid));
    expect(keys).toEqual(keys.toSorted());
  });
});
