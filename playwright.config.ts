import { defineConfig } from "@playwright/test";
import { browserLaunchOptions } from "./tests/support/browser";

export default defineConfig({
  testDir: "tests/e2e",
  // `npm run test:long` runs those.
  testIgnore: process.env.TEST_LENGTH === "long" ? [] : "**/*.long.spec.ts",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    // Awaited here, in the one process that starts the workers: a packed browser is unpacked once.
    launchOptions: await browserLaunchOptions(),
    actionTimeout: 10_000,
    locale: "en-GB",
    timezoneId: "America/Vancouver",
    screenshot: "only-on-failure",
  },
});
