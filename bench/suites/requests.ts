import { CONNECT_REDIS, PG_SIMPLE } from "../contenders/express-session";
import { BY_POOL, HMAC, PIPELINED } from "../contenders/floors";
import { type ContenderProcess, openContender } from "../contenders/process";
import { contenderKeys } from "../contenders/registry";
import { REMIX_COOKIE } from "../contenders/remix-cookie";
import { TABLE_BY_SUPABASE } from "../contenders/remix-table";
import type { Bench, Chart, Suite, Table, Target } from "../measure/bench";
import { duration, percent, perSecond, times } from "../measure/format";
import { measureRounds, type Speed } from "../measure/rounds";

const CACHED = "Libero, with cache";
const UNCACHED = "Libero, PostgreSQL alone";
const OVER_SUPABASE = "Libero, over supabase-js";

/** How often Libero writes who was active. */
const WRITE_BEHIND_MS = 1_000;

const noteOf = (quick: boolean) =>
  [
    "One call is one request: from a real Cookie header to the user, and the answer is checked; no HTTP server is in front. Each system has a process of its own.",
    `Each system has ${quick ? "1,000" : "10,000"} live sessions (PGlite 1,000), picked at random; systems take turns, and speeds are medians of the rounds. Spread is how far the middle half of the rounds lies apart.`,
    "PostgreSQL waits for the disk at each commit, as it does by default. What talks to PostgREST passes a relay in this process, once a request.",
    "connect-pg-simple, connect-redis and Remix's tables write each use before they answer; Libero writes all uses of a second together,",
    quick ? "which short rounds leave out." : "within its rounds.",
    "Libero's cache believes what it read for 30 s and is filled before its rounds, untimed: in continuous use each session costs it a look-up in 30 s more.",
    "connect-pg-simple's clean-up is off, so that none falls into a round; better-auth's cached copies last an hour instead of five minutes, so that none runs out.",
    "Cookies that hold everything (Remix's, iron-session's, better-auth's cache) look nothing up: whoever has one is let in until it runs out, signed out or not.",
  ].join(" ");

export const requests: Suite = {
  title: "Per request, engine level",
  seconds: { quick: 34, full: 290 },
  async run(bench) {
    const contenders: ContenderProcess[] = [];
    try {
      await openAll(bench, contenders);
      const { many, one } = await measure(bench, contenders);
      const ours = new Set(contenders.filter(({ kind }) => kind === "libero").map(({ name }) => name));
      return {
        tables: [
          tableOf("32 requests at a time", many, noteOf(bench.quick)),
          tableOf("One request at a time", one),
        ],
        charts: [chartOf(many, ours)],
        targets: targetsOf(many),
        figures: { many, one },
      };
    } finally {
      await closeAll(contenders);
    }
  },
};

/** Two at a time: seeding waits for the database, and starting for the compiler. */
async function openAll({ quick, servers, say }: Bench, opened: ContenderProcess[]): Promise<void> {
  const keys = contenderKeys({ redis: servers.redis !== undefined });
  for (let first = 0; first < keys.length; first += 2) {
    say(`sessions, system ${first + 1} of ${keys.length}`);
    const opening = keys
      .slice(first, first + 2)
      .map((key) => openContender(key, servers, quick ? 1_000 : 10_000));
    const settled = await Promise.allSettled(opening);
    opened.push(...settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    for (const each of settled) if (each.status === "rejected") throw each.reason;
  }
}

/** @throws where one was answered with somebody else's session, or with none */
async function measure({ quick, say }: Bench, contenders: ContenderProcess[]) {
  const options = {
    roundMs: quick ? 90 : 600,
    writeBehindMs: quick ? 0 : WRITE_BEHIND_MS,
    say,
  };
  const many = await measureRounds(contenders, { ...options, rounds: quick ? 3 : 5, concurrency: 32 });
  const one = await measureRounds(contenders, { ...options, rounds: quick ? 2 : 3, concurrency: 1 });
  for (const { name, wrong } of [...many, ...one]) {
    if (wrong > 0) throw new Error(`${name}: ${wrong} requests were answered with another user, or none`);
  }
  return { many: fastestFirst(many), one: fastestFirst(one) };
}

async function closeAll(contenders: ContenderProcess[]): Promise<void> {
  const closed = await Promise.allSettled(contenders.map((contender) => contender.stop()));
  const reasons = closed.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  if (reasons.length > 0) throw new AggregateError(reasons, "not every system could be closed");
}

const fastestFirst = (speeds: Speed[]) => speeds.toSorted((a, b) => b.perSecond - a.perSecond);

function speedOf(speeds: Speed[], name: string): number {
  const found = speeds.find((speed) => speed.name === name);
  if (!found) throw new Error(`nothing was measured by the name of ${name}`);
  return found.perSecond;
}

function targetsOf(many: Speed[]): Target[] {
  const ratio = (of: string, to: string) => speedOf(many, of) / speedOf(many, to);
  const atLeast = (what: string, bound: number, measured: number): Target => ({
    what,
    bound,
    is: "at least",
    unit: "×",
    measured,
  });
  const atMost = (what: string, bound: number, measured: number): Target => ({
    ...atLeast(what, bound, measured),
    is: "at most",
  });
  const hasRedis = many.some(({ name }) => name === CONNECT_REDIS);
  return [
    atLeast("with cache: × connect-pg-simple", 60, ratio(CACHED, PG_SIMPLE)),
    ...(hasRedis ? [atLeast("with cache: × connect-redis", 10, ratio(CACHED, CONNECT_REDIS))] : []),
    atLeast("with cache: × Remix's signed cookie", 6, ratio(CACHED, REMIX_COOKIE)),
    atLeast("with cache: × bare HMAC check", 1, ratio(CACHED, HMAC)),
    atMost("PostgreSQL alone: time × bare select, pg pool of 10", 1.25, ratio(BY_POOL, UNCACHED)),
    atMost("PostgreSQL alone: time × bare select, pipelined", 1.25, ratio(PIPELINED, UNCACHED)),
    atLeast(
      "over supabase-js: × the obvious pattern over supabase-js",
      2,
      ratio(OVER_SUPABASE, TABLE_BY_SUPABASE),
    ),
  ];
}

function tableOf(title: string, speeds: Speed[], note?: string): Table {
  const known = speedOf(speeds, PG_SIMPLE);
  const ours = speedOf(speeds, CACHED);
  return {
    title,
    note,
    head: [
      "system",
      "requests/s",
      "× connect-pg-simple",
      "Libero with cache is … × as fast",
      "p50",
      "p99",
      "spread",
    ],
    rows: speeds.map((speed) => [
      speed.name,
      perSecond(speed.perSecond),
      times(speed.perSecond / known),
      times(ours / speed.perSecond),
      duration(speed.p50Us),
      duration(speed.p99Us),
      percent(speed.spread * 100),
    ]),
  };
}

const chartOf = (speeds: Speed[], ours: Set<string>): Chart => ({
  title: "Requests per second, 32 at a time",
  unit: "requests/s",
  bars: speeds.map(({ name, perSecond: value }) => ({ name, value, ours: ours.has(name) })),
});
