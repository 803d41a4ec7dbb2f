import { createElement } from "react";
import { expect, it } from "vitest";
import { OverviewPage } from "../../../app/ui/overview-page";
import { renderPage } from "./support";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20, 8);
const user = { id: "u", name: "Maya Okafor", email: "maya@example.com", role: "Admin Owner" };
const session = {
  id: "here",
  user,
  tenantId: "spectrawinery",
  origin: "open" as const,
  createdAtMs: START,
  expiresAtMs: START + 8 * HOUR,
};
const entry = {
  id: "here",
  clientId: "c",
  tenantId: "spectrawinery",
  origin: "open" as const,
  device: "Firefox on Windows",
  createdAtMs: START,
  lastActivityAtMs: START,
  expiresAtMs: START + 8 * HOUR,
  user: { id: "u", name: "Maya Okafor" },
};
const known = { recent: [entry], stats: { openSessions: 3, signedInUsers: 2 } };
const away = { recent: null, stats: null };

type Known = Pick<Parameters<typeof OverviewPage>[0], "recent" | "stats">;

const render = (what: Known, seesEverybody = true) =>
  renderPage(createElement(OverviewPage, { session, seesEverybody, ...what }));
const labels = (html: string) => [...html.matchAll(/<dt[^>]*>([^<]*)/g)].map(([, label]) => label);

it("tells who is signed in, three figures, and the newest sign-ins", () => {
  const html = render(known);
  expect(html).toMatch(/Welcome, (<!-- -->)?Maya Okafor/);
  expect(labels(html)).toEqual(["Signed in since", "Your session ends", "Staff signed in now"]);
  expect(html).toContain("In 3 open sessions");
  expect(html).toContain("The newest 1 of 3. ");
  expect(html).toMatch(/<table.*Firefox on Windows.*<\/table>/);
  expect(html).toMatch(/<a [^>]*href="\/devices"/);
  expect(html).not.toMatch(/role="status"|Try again/);
});

it("R31: while the database is away, what the session says stays, and a note stands for the rest", () => {
  const html = render(away);
  expect(html).toMatch(/Welcome, (<!-- -->)?Maya Okafor/);
  expect(labels(html)).toEqual(["Signed in since", "Your session ends"]);
  expect(html).toContain("08:00 UTC");
  expect(html).toContain("16:00 UTC");
  const [, note] = /<div role="status"[^>]*>(.*?)<\/div>/.exec(html) ?? [];
  expect(note).toContain("Sign-ins cannot be shown right now");
  expect(note).toContain("You stay signed in, and nothing that was saved is lost.");
  expect(html).toMatch(/<a href="" [^>]*>Try again<\/a>/);
  expect(html).not.toMatch(/<table|Staff signed in now|Whoever signs out|href="\/devices"/);
});

it("R31: the note stands under the heading of the list that it stands for", () => {
  expect(render(away)).toMatch(/<h2[^>]*>Recent sign-ins<\/h2>/);
  expect(render(away, false)).toMatch(/<h2[^>]*>Your recent sign-ins<\/h2>/);
});

it.each([
  ["open", "Confirmed by Commerce7"],
  ["link", "With a link sent by e-mail"],
  ["install", "When Libero was installed"],
] as const)("says who confirmed a sign-in by %s: %s", (origin, note) => {
  const html = renderPage(
    createElement(OverviewPage, { session: { ...session, origin }, seesEverybody: false, ...known }),
  );
  expect(html).toContain(note);
  expect(html.includes("Confirmed by Commerce7")).toBe(origin === "open");
});
