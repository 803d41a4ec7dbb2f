import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ExpressSessionStore } from "../../app/lib/adapters/express-session";
import type { Database } from "../../app/lib/db/database";
import { keyOf } from "../../app/lib/http-sessions/key";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { createSessionCookie } from "../../app/lib/sessions/cookie";
import { createSessionEngine } from "../../app/lib/sessions/engine";
import { createSignInLinks, type IssuedLink } from "../../app/lib/sign-in-links/links";
import { createMailboxHash } from "../../app/lib/sign-in-links/mailbox";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";
import { aClient } from "../support/examples";
import { hasPgCron, startPgCronServer } from "../support/pg-cron-server";
import { foundIn, writings } from "../support/secrets-in";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";
import { openWire, openWorld } from "./world";

const PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump";
const SIGN_INS = 1_000;
const ROTATIONS = 100;
const LINKS = 100;
const SECRETS = ["a secret of more than thirty-two characters, for tests"];
const COOKIE = { name: "s", sameSite: "lax" as const };

const engine = (db: Database) =>
  createSessionEngine({
    store: sqlStores(db).sessions,
    logger: silentLogger,
    secrets: SECRETS,
    cookie: COOKIE,
  }).sessions;

/** Makes HTTP sessions, and ends some. @returns their ids, as express-session makes them */
async function manyHttpSessions(db: Database): Promise<string[]> {
  const store = new ExpressSessionStore({ sessions: createSqlHttpSessionStore({ db }) });
  const set = promisify(store.set.bind(store)) as (sid: string, session: object) => Promise<void>;
  const sids = Array.from({ length: 200 }, () => randomBytes(24).toString("base64url"));
  await Promise.all(
    sids.map((sid, n) => set(sid, { cookie: { originalMaxAge: 60_000 }, csrf: `token ${n}` })),
  );
  await Promise.all(sids.slice(0, 50).map((sid) => promisify(store.destroy.bind(store))(sid)));
  return sids;
}

/** Signs in, rotates some of the secrets and ends some of the sessions. @returns every cookie there was */
async function manySignIns(db: Database): Promise<string[]> {
  const { id: clientId } = await sqlStores(db).clients.install(aClient("old-oak"));
  const manager = engine(db);
  const user = (i: number) => ({
    id: `user-${i % 100}`,
    name: "Jason",
    email: "jason@example.com",
    role: null,
  });
  const starting = Array.from({ length: SIGN_INS }, (_, i) =>
    manager.start({ clientId, user: user(i), device: "Firefox on Windows", data: { theme: "dark" } }),
  );
  const started = (await Promise.all(starting)).map(({ setCookie }) => setCookie);
  const rotated = await Promise.all(started.slice(0, ROTATIONS).map((cookie) => manager.rotate(cookie)));
  const cookies = [...started, ...rotated.map((rotation) => rotation?.setCookie)];
  await Promise.all(started.slice(-ROTATIONS).map((cookie) => manager.destroy(cookie)));
  await sqlStores(db).sessions.endAll({ clientId, userId: "user-7" }, "revoked", Date.now());
  return cookies.map((cookie = "") => cookie.split(";")[0]?.slice("s=".length) ?? "");
}

function expectNothingUsable(dump: string, cookies: string[]) {
  expect(cookies).toHaveLength(SIGN_INS + ROTATIONS);
  const parts = cookies.map((cookie) => cookie.split("."));
  const ids = parts.map(([id = ""]) => id);
  // What is searched like this is found where it is.
  expect(new Set(foundIn(dump, ids)).size).toBe(SIGN_INS);
  for (const [, secret = "", mac = ""] of parts) expect([secret.length, mac.length]).toEqual([43, 43]);
  const secrets = parts.flatMap(([, secret = "", mac = ""]) => [...writings(secret), ...writings(mac)]);
  expect(foundIn(dump, secrets)).toEqual([]);
  for (const secret of SECRETS) expect(foundIn(dump, writings(secret))).toEqual([]);
}

/** Asks for links, and uses some of them. @returns each with the cookie's part of it */
async function manyLinks(db: Database): Promise<IssuedLink[]> {
  const hashMailbox = createMailboxHash(SECRETS[0] as string);
  const links = createSignInLinks({ store: createSqlSignInLinkStore(db), hashMailbox, clock: Date.now });
  const issuing = Array.from({ length: LINKS }, (_, i) =>
    links.issue(`jason-${i}@somebodys-mailbox.example`),
  );
  const issued = await Promise.all(issuing);
  await Promise.all(issued.slice(0, LINKS / 2).map(({ token, proof }) => links.open(token, proof)));
  return issued;
}

function expectNoLinks(dump: string, links: IssuedLink[]) {
  const ids = links.map(({ proof }) => proof.id);
  expect(new Set(foundIn(dump, ids)).size).toBe(LINKS);
  const secrets = links.flatMap(({ token, proof }) => [token.split(".")[1] ?? "", proof.nonce]);
  const mailboxes = links.map((_, i) => `jason-${i}@somebodys-mailbox.example`);
  expect(foundIn(dump, [...secrets, ...mailboxes].flatMap(writings))).toEqual([]);
}

/** Of HTTP sessions: of those that go on, and of those that ended, whose data is gone as well. */
function expectNoIds(dump: string, sids: string[]) {
  expect(dump).toContain(keyOf(sids[0] as string));
  expect([dump.includes("token 49"), dump.includes("token 50")]).toEqual([false, true]);
  expect(foundIn(dump, sids.flatMap(writings))).toEqual([]);
}

describe("E1, R36: a stolen dump after a thousand sign-ins", () => {
  const world = openWorld();

  it("of every row of every table holds no secret, no signature and no cookie; its hashes open nothing", async () => {
    const cookies = await manySignIns(world.db);
    const sids = await manyHttpSessions(world.db);
    await world.db.call("consume_rate_limit", {
      p_key: "sign-in by address",
      p_points: 1,
      p_window_ms: 60_000,
    });
    const links = await manyLinks(world.db);
    const { staff, clients } = sqlStores(world.db);
    const clientId = (await clients.findByTenant("old-oak"))?.id as string;
    const jason = { userId: "user-1", name: "Jason", email: "jason@example.com", role: null };
    await staff.remember({ clientId, ...jason, verifiedAtMs: Date.now() });
    const tables = await world.sql(
      "select tablename as name from pg_tables where schemaname = 'public' order by 1",
    );
    const names = tables.map(({ name }) => name);
    expect(names).toEqual([
      ...["app_session_cutoffs", "app_session_events", "app_session_memories", "app_sessions", "clients"],
      ...["http_sessions", "rate_limits", "sign_in_links", "staff_members"],
    ]);
    const lines: string[] = [];
    for (const name of names) {
      const rows = await world.sql(`select to_jsonb(t)::text as row from public.${name} t`);
      expect([name, rows.length]).not.toEqual([name, 0]);
      lines.push(...rows.map(({ row }) => row));
    }
    expectNothingUsable(lines.join("\n"), cookies);
    expectNoLinks(lines.join("\n"), links);
    expectNoIds(lines.join("\n"), sids);

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
        const cookies = await manySignIns(db);
        const links = await manyLinks(db);
        const sids = await manyHttpSessions(db);
        const options = { maxBuffer: 100_000_000 };
        const { stdout } = await promisify(execFile)(PG_DUMP, ["--data-only", server.url], options);
        expect(stdout).toContain("COPY public.app_session_events");
        expectNothingUsable(stdout, cookies);
        expectNoLinks(stdout, links);
        expectNoIds(stdout, sids);
      } finally {
        await db.close();
        await server.stop();
      }
    });
  },
);
