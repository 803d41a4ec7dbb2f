import { createElement } from "react";
import { expect, it } from "vitest";
import { END_REASONS } from "../../../app/lib/sessions/session";
import { OperatorPage } from "../../../app/ui/operator-page";
import { renderPage } from "./support";

type Props = Parameters<typeof OperatorPage>[0];
type Sessions = NonNullable<Props["sessions"]>;

const NOON = Date.UTC(2026, 10, 20, 12);
const NONE = Object.fromEntries(END_REASONS.map((reason) => [reason, 0]));
const entry = {
  ...{ id: "s", clientId: "c", tenantId: "old-oak-estate", origin: "open" as const },
  ...{ device: "Firefox on Windows", user: { id: "u", name: "Maya Okafor" } },
  ...{ createdAtMs: NOON, lastActivityAtMs: NOON, expiresAtMs: NOON + 1 },
};
const figures = {
  ...{ total: 15, active: 12, expired: 3, clients: 2, users: 9, meanIdleMinutes: 4.25 },
  endings: { sinceMs: NOON - 86_400_000, reasons: { ...NONE, idle: 2, signed_out: 7, replayed: 1 } },
} as Sessions["figures"];
const since = "2026-11-20T09:00:00.000Z";
const stores: Props["stores"] = {
  database: { kind: "postgres", state: "up", since, latencyMs: 0.41 },
  redis: { state: "down", since, latencyMs: null },
  channel: { state: "closed", since },
  cache: { state: "off", since: null },
};

const render = (changes: Partial<Props> = {}) =>
  renderPage(
    createElement(OperatorPage, {
      ...{ email: "olga@libero.example", readAtMs: NOON, storage: "sessions live here", stores },
      sessions: { figures, newest: [entry] },
      ...changes,
    }),
  ).replaceAll("<!-- -->", "");
const sessionsWith = (changes: Partial<Sessions["figures"]>, newest = [entry]) => ({
  sessions: { figures: { ...figures, ...changes }, newest },
});
/** The words of each row of the table under a heading, the head left out. */
function rowsOf(html: string, labelledBy: string): string[] {
  const [, table = ""] =
    new RegExp(`<table aria-labelledby="${labelledBy}".*?<tbody[^>]*>(.*?)</tbody>`).exec(html) ?? [];
  return table
    .split("</tr>")
    .slice(0, -1)
    .map((row) =>
      row
        .replaceAll(/<[^>]+>/g, " ")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
}

it("D8: tells five figures, who reads them, and as of when", () => {
  const html = render();
  const figuresOf = [...html.matchAll(/<dt[^>]*>(.*?)<\/dt><dd[^>]*>(.*?)<\/dd><dd[^>]*>(.*?)<\/dd>/g)];
  expect(figuresOf.map(([, ...words]) => words.join(" | "))).toEqual([
    "Active sessions | 12 | Of 9 people",
    "Wineries | 2 | With an active session",
    "Mean idle time | 4.3 min | Of active sessions",
    "Sessions in the store | 15 | 3 expired, not cleaned up yet",
  ]);
  expect(render(sessionsWith({ users: 1 }))).toContain("Of 1 person<");
  expect(html).toMatch(/As of <time[^>]*>12:00 UTC/);
  expect(html).toContain("olga@libero.example");
});

it("why sessions ended, the most frequent reason first, and no reason that did not occur", () => {
  expect(rowsOf(render(), "endings")).toEqual([
    "Signed out 7",
    "Not used for too long 2",
    "A secret that had been replaced came again 1",
  ]);
  expect(render()).toMatch(/10 since <time[^>]*>19 Nov, 12:00 UTC/);
  const none = { ...figures.endings, reasons: NONE as Sessions["figures"]["endings"]["reasons"] };
  expect(render(sessionsWith({ endings: none }))).toMatch(/None since/);
  expect(rowsOf(render(sessionsWith({ endings: none })), "endings")).toEqual([]);
});

it("has words for every reason", () => {
  const all = Object.fromEntries(END_REASONS.map((reason) => [reason, 1])) as typeof figures.endings.reasons;
  const rows = rowsOf(render(sessionsWith({ endings: { sinceMs: 0, reasons: all } })), "endings");
  expect(new Set(rows).size).toBe(END_REASONS.length);
  for (const row of rows) expect(row).toMatch(/^[A-Z][a-zA-Z -]+ 1$/);
});

it("D8: the state of each store in a word, since when, and how fast it answered", () => {
  expect(rowsOf(render(), "stores")).toEqual([
    "Database PostgreSQL Since 20 Nov, 09:00 UTC Up 20 Nov, 09:00 UTC 0.41 ms",
    "Redis In front of the database Since 20 Nov, 09:00 UTC Down 20 Nov, 09:00 UTC –",
    "Notices of changes Between instances Since 20 Nov, 09:00 UTC Closed 20 Nov, 09:00 UTC –",
    "Memory Of this instance, while notices come Off – –",
  ]);
  const fast = { ...stores, database: { ...stores.database, latencyMs: 0 } };
  expect(rowsOf(render({ stores: fast }), "stores")[0]).toMatch(/ 0 ms$/);
  expect(render()).toContain("Sessions live here. This is how they look");
  expect(rowsOf(render({ stores: { ...stores, redis: null } }), "stores")[1]).toBe(
    "Redis In front of the database Off – –",
  );
});

it("the newest sign-ins with their winery, how many there are in all, and none to sign out", () => {
  const [row] = rowsOf(render(), "newest");
  expect(row).toContain("Maya Okafor old-oak-estate Firefox on Windows");
  expect(render()).toContain("The newest 1 of 12. ");
  expect(render()).not.toContain("This browser");
  expect(render(sessionsWith({ active: 1 }))).not.toContain("The newest 1");
  const empty = render(sessionsWith({ active: 0 }, []));
  expect(empty).toContain("Nobody is signed in anywhere.");
  expect(empty).not.toContain('aria-labelledby="newest" class="w-full');
});

it("R31: while the database is away, a note stands for the figures, and the stores say so", () => {
  const away = render({
    sessions: null,
    stores: { ...stores, database: { ...stores.database, state: "down" } },
  });
  expect(away).toContain("Figures cannot be shown right now");
  expect(rowsOf(away, "stores")[0]).toMatch(/^Database .* Down /);
  expect(away).not.toMatch(/Active sessions|Newest sign-ins|Sessions that ended/);
});

it("R13: the way out is one form, a POST", () => {
  const forms = [...render().matchAll(/<form[^>]*>/g)].map(([form]) => form);
  expect(forms).toHaveLength(1);
  expect(forms[0]).toMatch(/method="post" action="\/operator"/);
});
