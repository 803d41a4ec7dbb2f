import { type BrowserContext, type BrowserContextOptions, test as base, expect } from "@playwright/test";
import { Admin } from "./admin";
import { type Postgres, startPostgres } from "./postgres";
import { openStack, type Stack } from "./stack";

type TestFixtures = {
  /** The admin in the test's own tab, on a platform where nothing is installed yet. */
  admin: Admin;
  /** The same admin in a browser of its own, with its own cookies; it closes with the test. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<Admin>;
  /** Lets errors pass that the test itself brings about. */
  expectErrors: (pattern: RegExp) => void;
};

type WorkerFixtures = {
  /** The app on an embedded database. */
  stack: Stack;
  postgres: Postgres;
  /** The app on that. */
  stackOnPostgres: Stack;
};

/** One of each per worker, when its first test asks for it: to make one takes seconds, to reset it milliseconds. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const stack = await openStack();
      await use(stack);
      await stack.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  postgres: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const postgres = await startPostgres();
      await use(postgres);
      await postgres.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  stackOnPostgres: [
    async ({ postgres }, use) => {
      const stack = await openStack({ DATABASE_URL: postgres.url });
      await use(stack);
      await stack.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  admin: async ({ stack, page }, use) => {
    await stack.reset();
    await use(new Admin(page, stack));
  },

  anotherBrowser: async ({ browser, stack }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      opened.push(context);
      return new Admin(await context.newPage(), stack);
    });
    await Promise.all(opened.map((context) => context.close()));
  },

  expectErrors: [
    async ({ context }, use) => {
      const watch = watchErrors(context);
      await use(watch.expect);
      expect(watch.unexpected(), "complaints in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Collects whatever scripts throw and whatever the browser complains about, in all tabs and frames of a context. */
export function watchErrors(context: BrowserContext) {
  const errors: string[] = [];
  const expected: RegExp[] = [];
  context.on("weberror", (error) => errors.push(String(error.error())));
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      errors.push(`${message.text()} (${message.location().url.split("?")[0]})`);
  });
  return {
    expect: (pattern: RegExp) => void expected.push(pattern),
    unexpected: () => errors.filter((error) => !expected.some((pattern) => pattern.test(error))),
  };
}

export { expect };
