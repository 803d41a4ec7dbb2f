import { expect, it } from "vitest";
import { aSession, NOW } from "../support/examples";
import { openWorld } from "./world";

const world = openWorld();
const SESSIONS = 30_000;

const totals = () => world.sessions.totals(NOW);
const countedLongAgo = () =>
  world.sql("update public.app_session_figures set counted_at = counted_at - interval '61 seconds'");

it("A10: in a large table figures are read as they were last counted, and counted again after a minute by one instance", async () => {
  await world.insertSessions(SESSIONS);
  const first = await totals();
  expect(first).toMatchObject({ total: SESSIONS, active: SESSIONS, users: SESSIONS, clients: 1 });
  await expect
    .poll(() => world.sql("select total::integer from public.app_session_figures"))
    .toEqual([{ total: SESSIONS }]);

  await world.insertSessions(10);
  const { countedAtMs, ...counted } = await totals();
  expect(counted).toMatchObject({ total: SESSIONS, active: SESSIONS });
  expect((await totals()).countedAtMs).toBe(countedAtMs);

  await countedLongAgo();
  expect((await totals()).total).toBe(SESSIONS);
  await expect.poll(async () => (await totals()).total).toBe(SESSIONS + 10);
  expect((await totals()).countedAtMs).toBeGreaterThan(countedAtMs);
});

it("and one instance at a time counts them", async () => {
  await world.sql("begin");
  await world.sql("select public.refresh_app_session_figures()");
  expect(await world.db.call("refresh_app_session_figures")).toEqual([
    { refresh_app_session_figures: false },
  ]);
  await world.sql("rollback");
});

it("the newest open sessions of all wineries are read from an index, without reading or sorting the others", async () => {
  await world.insertSessions(SESSIONS);
  const read = async () => {
    await world.sql("select pg_stat_force_next_flush()");
    const [row] = await world.sql(
      "select seq_tup_read::integer, idx_tup_fetch::integer from pg_stat_user_tables where relname = 'app_sessions'",
    );
    return Number(row?.seq_tup_read) + Number(row?.idx_tup_fetch);
  };
  const before = await read();
  const { rows } = await world.database.sql.query(
    "select id from public.list_open_app_sessions(null, now(), 50)",
  );
  expect(rows).toHaveLength(50);
  expect((await read()) - before).toBeLessThan(500);
});

it("E3, R14: an end of all ends in steps, and tells how many ended; none opens from the first step on", async () => {
  const ids = await world.insertSessions(2_500);
  const [first] = await world.db.call("end_app_session_batch", {
    p_client_id: null,
    p_user_id: null,
    p_except: null,
    p_reason: "operator",
  });
  expect(first).toMatchObject({ ended: 1_000 });
  const found = await Promise.all(ids.map((id) => world.sessions.find(id, { fresh: true })));
  expect(found.filter(Boolean)).toEqual([]);
  expect(await world.sessions.listOpen({}, NOW, 10)).toEqual([]);
  expect(await world.sessions.stats(world.clientId, NOW)).toEqual({ openSessions: 0, signedInUsers: 0 });
  expect(await world.sessions.totals(NOW)).toMatchObject({ total: 1_500, active: 0, expired: 1_500 });
  const seen = { id: ids.at(-1) as string, lastActivityAtMs: NOW };
  expect(await world.sessions.renew(seen, NOW + 1, NOW)).toBeUndefined();
  expect(await world.sessions.endAll({}, "operator")).toBe(1_500);
});

it.each([
  ["of a winery", () => ({ clientId: world.clientId })],
  ["of all", () => ({})],
])("E3: an end %s tells the true number, beside sign-ins that go on", async (_scope, scope) => {
  await world.insertSessions(3_500);
  let ending = true;
  const started: string[] = [];
  const signIns = (async () => {
    while (ending) started.push((await world.sessions.create(aSession(world.clientId))).id);
  })();
  const ended = await world.sessions.endAll(scope(), "operator");
  ending = false;
  await signIns;
  const history = await world.sql(
    "select count(*)::integer as ended from public.app_session_events where event = 'ended'",
  );
  expect(history).toEqual([{ ended }]);
  expect(ended).toBeGreaterThanOrEqual(3_500);
  const open = await world.sessions.stats(world.clientId, Date.now());
  expect(open.openSessions).toBe(started.length - (ended - 3_500));
});

it("A7: an uninstall ends in steps too, and tells how many ended", async () => {
  await world.insertSessions(2_500);
  expect(await world.clients.uninstall("old-oak")).toBe(2_500);
  expect(await world.sql("select from public.app_sessions")).toEqual([]);
});
