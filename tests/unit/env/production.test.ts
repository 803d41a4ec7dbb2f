import { expect, it } from "vitest";
import { envOf, faultLines, PRODUCTION } from "./support";

it("starts with all it insists on", () => {
  expect(envOf(PRODUCTION)).toMatchObject({
    mode: "production",
    sessionSecrets: [PRODUCTION.SESSION_SECRET],
    commerce7: { username: "winery-app", password: "seven barrels: of red" },
  });
});

it("names everything that is missing, in one message", () => {
  expect(faultLines({ NODE_ENV: "production" })).toEqual([
    expect.stringMatching(/^APP_URL: is missing; .*https:/),
    expect.stringMatching(/^SESSION_SECRET: is missing; make one with: node -e /),
    expect.stringMatching(/^DATABASE_URL: is missing; .*postgres:.*pglite:.*SUPABASE_URL/),
    expect.stringMatching(/^COMMERCE7_INSTALL_USERNAME: is missing; .*developer centre/),
    expect.stringMatching(/^COMMERCE7_INSTALL_PASSWORD: is missing; .*developer centre/),
  ]);
});

it.each([
  "APP_URL",
  "SESSION_SECRET",
  "DATABASE_URL",
  "COMMERCE7_INSTALL_USERNAME",
  "COMMERCE7_INSTALL_PASSWORD",
])("does not start without %s alone", (variable) => {
  for (const missing of [undefined, "", " "]) {
    const lines = faultLines({ ...PRODUCTION, [variable]: missing });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${variable}: is missing`))]);
  }
});

it("Supabase's pair is a database too", () => {
  const { DATABASE_URL, ...rest } = PRODUCTION;
  const pair = { SUPABASE_URL: "https://a.supabase.co", SUPABASE_SERVICE_ROLE_KEY: "k".repeat(40) };
  expect(envOf({ ...rest, ...pair }).database.kind).toBe("supabase");
});

const GOOD = PRODUCTION.SESSION_SECRET;

it.each([
  ["our .env.example's", "example-secret-that-production-refuses-0123456789"],
  ["development's own", "libero-development-secret-never-for-production"],
  ["a document's", "your-random-secret-key-min-32-chars"],
  ["a document's", "your-secret-key-here-minimum-32-characters"],
  ["a document's", "your-very-secure-secret-key-at-least-32-characters"],
  ["a document's", "your_secure_session_secret_32_chars_minimum"],
  ["a document's in capitals", "YOUR-RANDOM-SECRET-KEY-MIN-32-CHARS"],
  ["a reminder", "changeme-changeme-changeme-0123456789"],
  ["one of few different characters", "abcabcabcabcabcabcabcabcabcabcabcabcabc"],
  ["one character many times", "x".repeat(64)],
  ["trigger.dev's published", "2818143646516f6fffd707b36f334bbb"],
  ["an example after a good one", `${GOOD},your-random-secret-key-min-32-chars`],
])("B3: refuses %s secret: %s", (_whose, secret) => {
  expect(faultLines({ ...PRODUCTION, SESSION_SECRET: secret })).toEqual([
    expect.stringMatching(/^SESSION_SECRET: is an example; make one with: node -e /),
  ]);
});

it("a published key for tokens is refused, and a missing one is not: few apps keep tokens", () => {
  const published = "libero-development-token-key-never-for-production";
  expect(faultLines({ ...PRODUCTION, TOKEN_ENCRYPTION_KEYS: published })).toEqual([
    expect.stringMatching(/^TOKEN_ENCRYPTION_KEYS: is an example; make one with: node -e /),
  ]);
  expect(envOf(PRODUCTION).tokenEncryptionKeys).toEqual([]);
});

it("B3: refuses a short secret with one fault alone", () => {
  expect(faultLines({ ...PRODUCTION, SESSION_SECRET: "x".repeat(31) })).toEqual([
    expect.stringMatching(/^SESSION_SECRET: .*at least 32 characters/),
  ]);
});

it.each(["example-password", "libero-development-password", "changeme"])(
  "refuses the password %s",
  (password) => {
    expect(faultLines({ ...PRODUCTION, COMMERCE7_INSTALL_PASSWORD: password })).toEqual([
      expect.stringMatching(/^COMMERCE7_INSTALL_PASSWORD: is an example/),
    ]);
  },
);

it("nobody but Commerce7 may frame the app, wherever the API is", () => {
  const { commerce7 } = envOf({ ...PRODUCTION, COMMERCE7_API_URL: "http://127.0.0.1:3100/v1" });
  expect(commerce7.frameAncestors).toEqual(["https://*.commerce7.com"]);
  expect(commerce7.scriptUrl).toBe("https://dev-center.platform.commerce7.com/v2/commerce7.js");
});

it("listens on all addresses in production, on localhost in development, and where HOST says", () => {
  expect(envOf(PRODUCTION).host).toBeUndefined();
  expect(envOf({}).host).toBe("localhost");
  for (const HOST of ["0.0.0.0", "::", "127.0.0.1", "libero.internal"]) {
    expect([envOf({ HOST }).host, envOf({ ...PRODUCTION, HOST }).host]).toEqual([HOST, HOST]);
  }
});
