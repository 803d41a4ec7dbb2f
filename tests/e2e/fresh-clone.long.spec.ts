import { readFile, rm, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type FreshClone, makeFreshClone } from "../support/fresh-clone";
import { type NpmScript, runNpmScript } from "../support/npm-script";
import { Admin } from "./admin";

const TENANT = "spectrawinery";
/** Who may see all wineries while developing, see bin/dev.ts. */
const OPERATOR = "operator@example.com";

test.skip(process.platform === "win32", "Windows has neither signals nor process groups");

let clone: FreshClone;
let dev: Dev;
test.beforeAll(async () => {
  clone = await makeFreshClone();
});
test.afterAll(async () => {
  dev?.npm.kill();
  await clone?.remove();
});

test("npm run dev in a fresh clone: every page works at once, changes show, and no process outlives it", async ({
  context,
  page,
}) => {
  test.setTimeout(600_000);
  const noise = listenTo(context, page);

  await test.step("without a cache, from the moment that the address is printed", async () => {
    dev = await startDev(page);
    await new Admin(page, dev).signIn(TENANT);
    await clickThrough(page);
    expect(noise, "in the browser").toEqual([]);
    expect(dev.npm.output()).not.toMatch(/vite|error|warn/i);
  });

  await test.step("a page is styled before its scripts run", async () => {
    expect(await (await fetch(dev.app.url)).text()).toMatch(/<style[^>]*>[^<]*--surface:/);
  });

  await test.step("others on the network reach neither server, and no file of the database or the settings is served", async () => {
    for (const { url } of [dev.app, dev.sandbox]) {
      for (const address of networkAddresses()) {
        const there = fetch(Object.assign(new URL(url), { hostname: address }), {
          signal: AbortSignal.timeout(5_000),
        });
        await expect(there).rejects.toThrow();
      }
    }
    for (const path of [
      "/.data/libero/PG_VERSION",
      "/.data/sandbox.json",
      "/.env",
      "/.git/config",
      "/@fs/etc/passwd",
    ]) {
      const answer = await fetch(`${dev.app.url}${path}?raw`);
      expect([path, answer.ok], await answer.text()).toEqual([path, false]);
    }
  });

  await test.step("a migration that comes meanwhile is applied", async () => {
    const file = join(clone.folder, "supabase", "migrations", "29990101000001_a_barrel.sql");
    await writeFile(file, "create table public.barrels (id integer primary key);\n");
    await expect.poll(() => dev.npm.output()).toContain("29990101000001_a_barrel.sql");
    expect(dev.npm.output()).toContain("migration applied");
    await rm(file);
  });

  await test.step("a changed component shows in the open page and in the next document", async () => {
    // Of a change before that, the page never hears.
    const connected = page.waitForEvent("console", (message) => message.text().includes("[vite] connected"));
    await page.goto(dev.app.url);
    await connected;
    await hydrated(page);
    await edit("app/ui/landing-page.tsx", "How to open Libero", "How Libero is opened");
    await expect(page.getByRole("heading", { name: "How Libero is opened" })).toBeVisible();
    expect(await (await fetch(dev.app.url)).text()).toContain("How Libero is opened");
    expect(noise.splice(0).filter((line) => !line.includes("remix:hmr"))).toEqual([]);
  });

  await test.step("SIGTERM to npm alone ends all of it", async () => {
    dev.npm.signalNpm("SIGTERM");
    expect(await dev.npm.exited).toBe(0);
    await expectGone(dev);
    await edit("app/ui/landing-page.tsx", "How Libero is opened", "How to open Libero");
    // Until now it has looked for the server.
    await page.goto("about:blank");
    noise.length = 0;
  });

  await test.step("the second start, with a cache: likewise; and when npm is gone, so is the rest", async () => {
    dev = await startDev(page);
    await new Admin(page, dev).open(TENANT);
    await clickThrough(page);
    expect(noise, "in the browser").toEqual([]);
    dev.npm.signalNpm("SIGHUP");
    expect(await dev.npm.exited).toBe("SIGHUP");
    await expectGone(dev);
  });
});

/** Of this machine, as others on its network see it. */
const networkAddresses = () =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one && !one.internal && one.family === "IPv4" ? [one.address] : []));

type Dev = {
  npm: NpmScript;
  app: { url: string };
  sandbox: { url: string; install(tenantId: string): Promise<void> };
};

/** Waits for the address that `npm run dev` prints, and not a moment longer. */
async function startDev(page: Page): Promise<Dev> {
  const npm = runNpmScript("dev", {}, clone.folder);
  const printed = (pattern: RegExp) => pattern.exec(npm.output())?.[1] ?? "";
  const address = () => printed(/Open the Commerce7 sandbox: +(\S+)/);
  await expect.poll(() => npm.ended() || address(), { timeout: 150_000 }).toContain("http");
  const url = address();
  const install = async (tenantId: string) => {
    await page.goto(`${url}/admin/${tenantId}`);
    await page.getByRole("button", { name: "Install", exact: true }).click();
  };
  return { npm, app: { url: printed(/Libero listens on (\S+)/) }, sandbox: { url, install } };
}

/** Every page there is, one click after the other, without a pause for anything but the page itself. */
async function clickThrough(page: Page): Promise<void> {
  const admin = new Admin(page, dev);
  await expect(admin.welcome).toBeVisible();
  for (const name of ["Devices", "Settings", "Overview"] as const) await admin.goTo(name);
  // Until then a click loads a document; from here on, the scripts answer it.
  await admin.hydrated();
  for (const name of ["Devices", "Settings", "Overview"] as const) await admin.goTo(name);
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();

  await page.goto(dev.app.url);
  await page.getByRole("link", { name: "Sign in by e-mail" }).click();
  await page.getByLabel("E-mail address").fill(OPERATOR);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  await page.goto(`${dev.sandbox.url}/mailbox`);
  const link = page.getByRole("link", { name: /token=/ });
  await expect(async () => {
    await page.getByRole("link", { name: "Look again" }).click();
    await expect(link).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.goto((await link.getAttribute("href")) as string);
  await expect(page.getByRole("heading", { name: "All wineries" })).toBeVisible();
  await hydrated(page);
}

const hydrated = (page: Page) => page.waitForFunction(() => "__remixRouter" in window);

/** A script from a package as it is, which vite.config.ts does not name. */
const UNPREPARED = /\/node_modules\/(?!\.vite\/deps\/|vite\/dist\/client\/)[^?]+\.[cm]?js(\?|$)/;

/** Whatever goes wrong in a browser, and whatever Vite has it load again. */
function listenTo(context: BrowserContext, page: Page): string[] {
  const noise: string[] = [];
  context.on("weberror", (error) => noise.push(String(error.error())));
  context.on("console", (message) => {
    // A busy machine draws the sandbox's page late, and its font is then called unused.
    const late = message.text().includes("preloaded using link preload but not used within a few seconds");
    if (["error", "warning"].includes(message.type()) && !late) noise.push(message.text());
  });
  context.on("request", (request) => {
    if (UNPREPARED.test(request.url()))
      noise.push(`not among Vite's prepared dependencies: ${request.url()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) noise.push(`${response.status()} ${response.url()}`);
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      if (/full-reload|remix:hmr/.test(String(payload))) noise.push(String(payload));
    });
  });
  return noise;
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(clone.folder, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

async function expectGone({ npm }: Dev): Promise<void> {
  // Whose parent is gone waits for the system to take it away: that is not ours, and may take its time.
  await expect.poll(npm.isAlive, { timeout: 30_000 }).toBe(false);
  expect(npm.output()).not.toContain("not in order");
}
