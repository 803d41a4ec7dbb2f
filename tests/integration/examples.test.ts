import { expect, it } from "vitest";
import { runExample } from "../support/commands";

it.each([
  ["cookie-sessions", {}, { visits: 2 }],
  ["remix-session-storage", { DATABASE_URL: "memory://", LOG_LEVEL: "warn" }, { cookieOpens: {} }],
])("docs/examples/%s.ts does what its page says", async (name, env, answer) => {
  const { code, stdout, stderr } = await runExample(name, env);
  expect([code, stderr, JSON.parse(stdout)]).toEqual([0, "", answer]);
});
