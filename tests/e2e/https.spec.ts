import { type Browser, chromium, type Page } from "@playwright/test";
import { browserLaunchOptions } from "../support/browser";
import { Admin } from "./admin";
import { expect, test, watchErrors } from "./fixtures";
import { type ReverseProxy, startReverseProxy } from "./reverse-proxy";
import { openStack, type Stack } from "./stack";

const TENANT = "spectrawinery";
const ADMIN = `${TENANT}.admin.platform.commerce7.com`;
const PLATFORM = "dev-center.platform.commerce7.com";
const APP = "libero.example.com";
const EVIL = "evil.example.com";

let stack: Stack;
let proxy: ReverseProxy;
let browser: Browser;

/** Everything as it is deployed: production, TLS ended by a proxy, the platform's own host names. */
test.beforeAll(async () => {
  const settings = { NODE_ENV: "production", APP_URL: `https://${APP}`, TRUST_PROXY: "1" };
  stack = await openStack(settings, [ADMIN, PLATFORM]);
  proxy = await startReverseProxy({
    [ADMIN]: { forwardTo: stack.sandbox.url },
    [PLATFORM]: { forwardTo: stack.sandbox.url },
    [APP]: { forwardTo: stack.app.url },
    [EVIL]: {
      page: `<!doctype html><title>Evil</title><iframe title="Libero" src="https://${APP}/"></iframe>`,
    },
  });
  await stack.sandbox.install(TENANT);
  // The webhook came over the app's own address; browsers come over the proxy's.
  stack.sandbox.setAppUrl(`https://${APP}`);
  browser = await launchBehind(proxy);
});

test.afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await stack?.close();
});

test("A2 A6: opens in the admin's frame, remembers, signs out; third-party cookies blocked", async () => {
  await inNewTab(async (page) => {
    const admin = new Admin(page, stack);
    const opening = page.waitForResponse((response) => response.url().startsWith(`https://${APP}/app?`));
    await page.goto(`https://${ADMIN}/admin/${TENANT}`);
    await expect(admin.welcome).toBeVisible();
    expect((await admin.frame()).url()).toBe(`https://${APP}/app`);
    await expectSecureAnswer((await opening).headers());

    const [cookie] = await page.context().cookies(`https://${APP}`);
    expect(cookie).toMatchObject({ secure: true, sameSite: "None", partitionKey: "https://commerce7.com" });
    await admin.hydrated();
    await admin.link("Settings").click();
    await expect(admin.heading("Settings")).toBeVisible();
    await admin.signOutButton.click();
    await expect(admin.landing).toBeVisible();
  });
});

test("a page on any other host may not frame it", async () => {
  await inNewTab(async (page, expectErrors) => {
    expectErrors(/frame-ancestors|Framing .* violates/);
    const refused = page.waitForEvent("console", (message) => /frame-ancestors/.test(message.text()));
    await page.goto(`https://${EVIL}/`);
    await refused;
    const frame = await new Admin(page, stack).frame();
    await expect.poll(() => frame.url()).toBe("chrome-error://chromewebdata/");
    expect(await frame.content()).not.toContain("How to open Libero");
  });
});

/** HSTS, and a policy that lets Commerce7 alone frame the page. */
async function expectSecureAnswer(headers: Record<string, string>) {
  expect(headers["strict-transport-security"]).toMatch(/^max-age=\d{8,}/);
  const policy = headers["content-security-policy"]?.split(";").map((directive) => directive.trim());
  expect(policy).toContain("frame-ancestors https://*.commerce7.com");
  expect(headers).not.toHaveProperty("x-frame-options");
}

async function launchBehind({ port }: ReverseProxy): Promise<Browser> {
  const { args = [], ...options } = await browserLaunchOptions();
  const rules = [ADMIN, PLATFORM, APP, EVIL].map((host) => `MAP ${host} 127.0.0.1:${port}`).join(", ");
  const blocked = "--test-third-party-cookie-phaseout";
  return chromium.launch({ ...options, args: [...args, `--host-resolver-rules=${rules}`, blocked] });
}

async function inNewTab(use: (page: Page, expectErrors: (pattern: RegExp) => void) => Promise<void>) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const errors = watchErrors(context);
  await use(await context.newPage(), errors.expect);
  expect(errors.unexpected(), "complaints in the browser's console").toEqual([]);
  await context.close();
}
