import { expect, it } from "vitest";
import { renderFault, thrownData } from "./support";

const titleOf = (html: string) => /<h1[^>]*>([^<]*)<\/h1>/.exec(html)?.[1];

const TRY_AGAIN = /<a href="" [^>]*>Try again<\/a>/;
const HOME = /<a [^>]*href="\/"[^>]*>How to open Libero<\/a>/;

it.each([
  ["refused", 401, "Commerce7 did not confirm your access", HOME],
  ["not-installed", 403, "Libero is not installed for this winery", HOME],
  ["unreachable", 503, "Commerce7 cannot be reached right now", TRY_AGAIN],
  ["limit", 403, "You are signed in on as many browsers as your winery allows", TRY_AGAIN],
  ["too-many", 429, "Too many attempts in a short time", TRY_AGAIN],
  ["not-allowed", 403, "Only an administrator can do that", HOME],
  ["database", 503, "Libero is taking a short break", TRY_AGAIN],
  ["bad-request", 400, "This form could not be read", HOME],
  ["not-found", 404, "There is no page at this address", HOME],
] as const)("%s is a page that says what happened and how to go on", (fault, status, title, action) => {
  const html = renderFault(thrownData({ fault }, status));
  expect(titleOf(html)).toBe(title);
  expect(html).toMatch(action);
});

it("R9: at the limit, the page says what frees a session", () => {
  const html = renderFault(thrownData({ fault: "limit" }, 403));
  expect(html).toContain(
    "Sign out of Libero in another browser, or ask an administrator to sign you out there.",
  );
});

it("a 404 that nobody named is the same page", () => {
  expect(titleOf(renderFault(thrownData("Not Found", 404)))).toBe("There is no page at this address");
});

it.each([
  ["an error", new Error("relation app_sessions does not exist at 10.0.0.7:5432")],
  ["a text", "secret text of 10.0.0.7:5432"],
  ["an unknown fault", thrownData({ fault: "10.0.0.7:5432" }, 500)],
  ["a key that every object has", thrownData({ fault: "constructor" }, 500)],
  ["a fault that is no text", thrownData({ fault: { a: "10.0.0.7:5432" } }, 500)],
  ["no data", thrownData(null, 500)],
  ["text for data", thrownData("10.0.0.7:5432", 500)],
])("%s gets a page of ours, never its own words", (_what, error) => {
  const html = renderFault(error);
  expect(titleOf(html)).toBe("Something went wrong on our side");
  expect(html).toMatch(TRY_AGAIN);
  expect(html).not.toMatch(/10\.0\.0\.7|app_sessions|secret/);
});

it("G4: a reference by which the log finds the request stands below, and nothing else in its place", () => {
  const html = renderFault(thrownData({ fault: "refused", reference: "7F3A12BC90DE" }, 401));
  expect(html).toMatch(/Reference (<!-- -->)?7F3A12BC90DE</);
  for (const reference of [undefined, { a: 1 }, 7]) {
    expect(renderFault(thrownData({ fault: "refused", reference }, 401))).not.toContain("Reference");
  }
});

it("R26: no page writes out the address that holds the token: an empty one is the browser's own", () => {
  expect(renderFault(thrownData({ fault: "unreachable" }, 503))).not.toContain("account=");
});

const signedIn = { winery: "spectrawinery", user: { id: "u", name: "Maya Okafor", role: "Admin Owner" } };

it("R31: whoever is known to be signed in keeps the shell and the theme, with one main part and one heading", () => {
  const html = renderFault(thrownData({ fault: "database", signedIn: { ...signedIn, theme: "dark" } }, 503));
  expect(titleOf(html)).toBe("Libero is taking a short break");
  expect(html).toMatch(/data-theme="dark"/);
  expect(html).toContain("Maya Okafor");
  expect([...html.matchAll(/<a [^>]*href="(\/\w+)"/g)].map(([, to]) => to)).toEqual([
    "/app",
    "/devices",
    "/settings",
  ]);
  expect(html).toMatch(/<form [^>]*action="\/logout"/);
  expect(html).toMatch(TRY_AGAIN);
  expect(html.match(/<main|<h1/g)).toEqual(["<main", "<h1"]);
});

it("R31: without a theme the browser's own counts, and without a session there is no shell", () => {
  const themeless = thrownData({ fault: "database", signedIn: { ...signedIn, theme: null } }, 503);
  expect(renderFault(themeless)).not.toContain("data-theme");
  expect(renderFault(thrownData({ fault: "database" }, 503))).not.toMatch(/<nav|<form|data-theme/);
});
