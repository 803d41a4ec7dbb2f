import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { Session } from "@shopify/shopify-api";
import { expect } from "vitest";
import { ExpressSessionStore } from "../../app/lib/adapters/express-session";
import { LiberoShopifySessionStorage } from "../../app/lib/adapters/shopify-session-storage";
import type { Database } from "../../app/lib/db/database";
import { keyOf } from "../../app/lib/http-sessions/key";
import { createSqlHttpSessionStore } from "../../app/lib/http-sessions/sql";
import { createSessionEngine } from "../../app/lib/sessions/engine";
import { createSignInLinks, type IssuedLink } from "../../app/lib/sign-in-links/links";
import { createMailboxHash } from "../../app/lib/sign-in-links/mailbox";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault } from "../../app/lib/vault/vault";
import { foundIn, writings } from "../support/dump";
import { aClient } from "../support/examples";
import { silentLogger } from "../support/silent-logger";
import { sqlStores } from "../support/stores";

export const SIGN_INS = 1_000;
export const SECRETS = ["a secret of more than thirty-two characters, for tests"];
export const COOKIE = { name: "s", sameSite: "lax" as const };
const ROTATIONS = 100;
const LINKS = 100;

/** Whether a dump of the tables is worth nothing to a thief. Fails the test where it is. */
type Judge = (dump: string) => void;

/** Keeps something of every kind there is, in every table. */
export async function keepEverything(db: Database): Promise<Judge> {
  const judges: Judge[] = [];
  for (const use of [signIns, httpSessions, tokens, links, shopify, theRest]) judges.push(await use(db));
  return (dump) => {
    for (const judge of judges) judge(dump);
  };
}

export const engine = (db: Database) =>
  createSessionEngine({
    store: sqlStores(db).sessions,
    logger: silentLogger,
    secrets: SECRETS,
    cookie: COOKIE,
  }).sessions;

async function signIns(db: Database): Promise<Judge> {
  const cookies = await manySignIns(db);
  return (dump) => expectNothingUsable(dump, cookies);
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
  await sqlStores(db).sessions.endAll({ clientId, userId: "user-7" }, "revoked");
  await db.call("refresh_app_session_figures");
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

async function httpSessions(db: Database): Promise<Judge> {
  const sids = await manyHttpSessions(db);
  return (dump) => expectNoIds(dump, sids);
}

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

/** Of HTTP sessions: of those that go on, and of those that ended, whose data is gone as well. */
function expectNoIds(dump: string, sids: string[]) {
  expect(dump).toContain(keyOf(sids[0] as string));
  expect([dump.includes("token 49"), dump.includes("token 50")]).toEqual([false, true]);
  expect(foundIn(dump, sids.flatMap(writings))).toEqual([]);
}

async function tokens(db: Database): Promise<Judge> {
  const kept = await keepTokens(db);
  return (dump) => expect(foundIn(dump, kept.flatMap(writings))).toEqual([]);
}

/** @returns every token that is kept, and the key that seals them */
async function keepTokens(db: Database): Promise<string[]> {
  const key = randomBytes(32).toString("base64url");
  const vault = createVault({ db, seal: () => createTokenSeal([key]), logger: silentLogger });
  const [access_token = "", refresh_token = ""] = [1, 2].map(() => randomBytes(32).toString("base64url"));
  const client = { id: "libero", authentication: "none" } as const;
  const provider = { name: "crm", tokenEndpoint: "https://crm.example/token", client };
  await vault.keep("old-oak", provider, { access_token, refresh_token, token_type: "Bearer" });
  expect(await vault.open("old-oak", provider)).toMatchObject({ accessToken: access_token });
  return [access_token, refresh_token, key];
}

async function links(db: Database): Promise<Judge> {
  const issued = await manyLinks(db);
  return (dump) => expectNoLinks(dump, issued);
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

async function shopify(db: Database): Promise<Judge> {
  const key = randomBytes(32).toString("base64url");
  const seal = createTokenSeal([key]);
  const storage = new LiberoShopifySessionStorage({ db, seal, logger: silentLogger });
  const shop = "old-oak.myshopify.com";
  const [accessToken = "", refreshToken = "", state = ""] = [1, 2, 3].map(() =>
    randomBytes(32).toString("base64url"),
  );
  const session = new Session({
    id: `offline_${shop}`,
    shop,
    state,
    isOnline: false,
    accessToken,
    refreshToken,
  });
  await storage.storeSession(session);
  expect((await storage.loadSession(session.id))?.accessToken).toBe(accessToken);
  return (dump) => {
    expect(dump).toContain(shop);
    expect(foundIn(dump, [accessToken, refreshToken, state, key].flatMap(writings))).toEqual([]);
  };
}

/** What holds no secret, so that each table has a row. */
async function theRest(db: Database): Promise<Judge> {
  await db.call("consume_rate_limit", { p_key: "sign-in by address", p_points: 1, p_window_ms: 60_000 });
  const { staff, clients } = sqlStores(db);
  const clientId = (await clients.findByTenant("old-oak"))?.id as string;
  const jason = { userId: "user-1", name: "Jason", email: "jason@example.com", role: null };
  await staff.remember({ clientId, ...jason, verifiedAtMs: Date.now() });
  return () => {};
}
