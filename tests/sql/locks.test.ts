import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClientNotInstalledError } from "../../app/lib/base/errors";
import type { Database } from "../../app/lib/db/database";
import { SessionLimitError, SignInOvertakenError } from "../../app/lib/sessions/errors";
import type { SessionStore } from "../../app/lib/sessions/store";
import { aClient, aSession, HOUR } from "../support/examples";
import { sqlStores } from "../support/stores";
import { openWire, openWorld, type World } from "./world";

const CONNECTIONS = 8;
const OPERATIONS = 300;
const TENANTS = ["old-oak", "bodega", "cellar-door"];
const USERS = ["ana", "ben", "cleo", "dan"];
const LIMIT = 3;

/** Small, fast and seeded (mulberry32), so that a failing run can be run again. */
function randomFrom(seed: number) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { random, pick: <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T };
}

/** What was acknowledged, to be looked for in the end. */
type Ledger = {
  clientIds: string[];
  /** Ids of the sessions so far, those that ended included. */
  ids: string[];
  saved: Map<string, string[]>;
  touched: Map<string, number>;
  counts: Map<string, number>;
};

/** The mix: how often each operation comes, and what it does. */
function operations(
  ledger: Ledger,
  worker: number,
  { sessions, clients }: Pick<World, "sessions" | "clients">,
) {
  const { random, pick } = randomFrom(worker + 1);
  const now = () => Date.now();
  const seen = (id: string) => ({ id, lastActivityAtMs: 0 });
  const shuffled = (ids: string[]) =>
    ids
      .map((id) => [random(), id] as const)
      .sort()
      .map(([, id]) => id);
  let saves = 0;

  const create = async () => {
    const atMax = pick(["end-oldest", "refuse-new"] as const);
    const replaces = random() < 0.3 ? [pick(ledger.ids)] : [];
    const user = { id: pick(USERS), name: "Una", email: null, role: random() < 0.1 ? "Owner" : "Admin" };
    const times = { createdAtMs: now(), expiresAtMs: now() + HOUR, idleTimeoutSeconds: 600 };
    const limit = { max: LIMIT, atMax };
    const started = await sessions.create(
      aSession(pick(ledger.clientIds), { user, replaces, limit, ...times }),
    );
    ledger.ids.push(started.id);
  };
  const touch = async () => {
    const atMs = now();
    const batch = new Map(shuffled(ledger.ids.slice(-60)).map((id) => [id, atMs]));
    await sessions.touch(batch);
    for (const id of batch.keys()) ledger.touched.set(id, Math.max(atMs, ledger.touched.get(id) ?? 0));
  };
  const save = async () => {
    const [id, key] = [pick(ledger.ids.slice(-4)), `w${worker}-${++saves}`];
    const patch = { set: { [key]: saves }, unset: [], overwrite: [], revision: 0, maxBytes: 100_000 };
    const saved = await sessions.saveData(seen(id), patch, now());
    if (saved) ledger.saved.set(id, [...(ledger.saved.get(id) ?? []), key]);
  };
  const rotate = async () => {
    const stored = await sessions.find(pick(ledger.ids.slice(-30)));
    if (!stored) return;
    const rotation = { from: stored.secretHash, to: Buffer.alloc(32, worker), graceUntilMs: now() };
    await sessions.rotate(stored.session, rotation, now());
  };
  const endUser = () =>
    sessions.endAll(
      { clientId: pick(ledger.clientIds), userId: pick(USERS), exceptId: pick(ledger.ids) },
      "revoked",
    );
  const reinstall = async () => {
    const tenantId = pick(TENANTS);
    await clients.uninstall(tenantId);
    await clients.install(aClient(tenantId));
  };
  const weighted: [number, string, () => Promise<unknown>][] = [
    [30, "touch", touch],
    [20, "save", save],
    [25, "create", create],
    [6, "rotate", rotate],
    [4, "renew", () => sessions.renew(seen(pick(ledger.ids)), now() + 2 * HOUR, now())],
    [4, "end", () => sessions.end(pick(ledger.ids), "signed_out")],
    [2, "end idle", () => sessions.endIdle(seen(pick(ledger.ids)), now())],
    [3, "end user", endUser],
    [1, "end client", () => sessions.endAll({ clientId: pick(ledger.clientIds) }, "operator")],
    [1, "end everything", () => sessions.endAll({}, "operator")],
    [1, "reinstall", reinstall],
    [2, "clean up", () => sessions.cleanup(100)],
    [1, "sweep", () => sessions.sweep(100, 90)],
  ];
  const drawn = weighted.flatMap(([weight, ...operation]) => Array<typeof operation>(weight).fill(operation));
  return () => pick(drawn);
}

const EXPECTED = [ClientNotInstalledError, SessionLimitError, SignInOvertakenError];

describe("anchor 2, 3: everything at once on the same rows", () => {
  const world = openWorld();

  it("E2, E3: no deadlock, no lost update, no user with more sessions than allowed", async () => {
    const clientIds = [];
    for (const tenantId of TENANTS) clientIds.push((await world.clients.install(aClient(tenantId))).id);
    const first = await world.sessions.create(aSession(world.clientId));
    const ledger: Ledger = {
      ...{ clientIds, ids: [first.id], saved: new Map(), touched: new Map(), counts: new Map() },
    };

    const wires = Array.from({ length: CONNECTIONS }, () =>
      openWire(world.database.url, { maxConnections: 1 }),
    );
    const errors: unknown[] = [];
    const work = async (stores: Pick<World, "sessions" | "clients">, worker: number) => {
      const draw = operations(ledger, worker, stores);
      for (let done = 0; done < OPERATIONS; done++) {
        const [name, operation] = draw();
        // So that there is something left to look at in the end.
        if (name === "end everything" && done > OPERATIONS / 2) continue;
        ledger.counts.set(name, (ledger.counts.get(name) ?? 0) + 1);
        await operation().catch((error) => {
          if (!EXPECTED.some((expected) => error instanceof expected)) errors.push([name, error]);
        });
      }
    };
    await Promise.all(wires.map((wire, worker) => work(sqlStores(wire), worker)));
    await Promise.all(wires.map((wire) => wire.close()));

    expect(errors).toEqual([]);
    expect(ledger.counts.size).toBe(13);
    await nothingIsLost(world.sessions, ledger);
    const crowds = await world.sql(
      "select client_id, user_id, count(*) from public.app_sessions group by 1, 2 having count(*) > $1",
      [LIMIT],
    );
    expect(crowds).toEqual([]);
  });
});

describe("the same thing on every connection at once", () => {
  const world = openWorld();
  let stores: SessionStore[];
  let wires: Database[];
  beforeAll(() => {
    wires = Array.from({ length: CONNECTIONS }, () => openWire(world.database.url, { maxConnections: 1 }));
    stores = wires.map((wire) => sqlStores(wire).sessions);
  });
  afterAll(() => Promise.all(wires.map((wire) => wire.close())));

  it("R9: sign-ins of one person never leave one session more than allowed", async () => {
    const user = { id: "ana", name: "Ana", email: null, role: "Admin" };
    const limit = { max: LIMIT, atMax: "end-oldest" as const };
    const left: number[] = [];
    for (let round = 0; round < 10; round++) {
      await Promise.all(stores.map((store) => store.create(aSession(world.clientId, { user, limit }))));
      left.push((await world.sessions.stats(world.clientId, Date.now())).openSessions);
    }
    expect(left).toEqual(Array(10).fill(LIMIT));
  });

  it("E2: of saves to one session none is lost", async () => {
    const { id } = await world.sessions.create(aSession(world.clientId));
    const save = (store: SessionStore, key: string) => {
      const patch = { set: { [key]: 1 }, unset: [], overwrite: [], revision: 0, maxBytes: 100_000 };
      return store.saveData({ id, lastActivityAtMs: 0 }, patch, Date.now());
    };
    const rounds = Array.from({ length: 25 }, (_, round) => round);
    const keys = stores.map((_, worker) => rounds.map((round) => `${worker}-${round}`));
    await Promise.all(
      stores.map((store, worker) => Promise.all((keys[worker] ?? []).map((key) => save(store, key)))),
    );
    const stored = await world.sessions.find(id);
    expect(Object.keys(stored?.session.data ?? {}).sort()).toEqual(keys.flat().sort());
    expect(stored?.session.revision).toBe(CONNECTIONS * rounds.length);
  });
});

/** Whatever was acknowledged for a session that still lives is there. */
async function nothingIsLost(sessions: SessionStore, { ids, saved, touched }: Ledger) {
  let living = 0;
  for (const id of ids) {
    const stored = await sessions.find(id);
    if (!stored) continue;
    living += 1;
    const { data, revision, lastActivityAtMs } = stored.session;
    expect(Object.keys(data).sort()).toEqual([...(saved.get(id) ?? [])].sort());
    expect(revision).toBe(saved.get(id)?.length ?? 0);
    expect(lastActivityAtMs).toBeGreaterThanOrEqual(touched.get(id) ?? 0);
  }
  expect(living).toBeGreaterThan(0);
}
