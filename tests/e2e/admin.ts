import { expect, type FrameLocator, type Locator, type Page, type Response } from "@playwright/test";
import type { Stack } from "./stack";

export const SESSION_COOKIE = "__libero_session";
const FRAME = 'iframe[title="Libero"]';

type Place = { sandbox: { url: string; install(tenantId: string): Promise<unknown> }; app: { url: string } };

/** The admin of the sandbox in one tab, and Libero in its frame. */
export class Admin {
  /** What is inside the frame. */
  readonly libero: FrameLocator;

  constructor(
    readonly page: Page,
    readonly stack: Place,
  ) {
    this.libero = page.frameLocator(FRAME);
  }

  /** Opens a winery's admin; where Libero is installed, its frame opens too. */
  async open(tenantId: string): Promise<void> {
    await this.page.goto(`${this.stack.sandbox.url}/admin/${tenantId}`);
  }

  /** Installs Libero for a winery and opens it, up to the page that welcomes the chosen staff member. */
  async signIn(tenantId: string): Promise<void> {
    await this.stack.sandbox.install(tenantId);
    await this.open(tenantId);
    await expect(this.welcome).toBeVisible();
  }

  /** Libero's next answer to a frame that brings a token. To be called before what makes the frame open. */
  opening(): Promise<Response> {
    const { url } = this.stack.app;
    const isOpening = (response: Response) => response.url().startsWith(`${url}/app?`);
    // Where Commerce7 hangs, the answer takes the app's whole patience of 8 s.
    return this.page.waitForResponse(isOpening, { timeout: 20_000 });
  }

  get welcome(): Locator {
    return this.libero.getByRole("heading", { name: /^Welcome/ });
  }

  get landing(): Locator {
    return this.libero.getByRole("heading", { name: "How to open Libero" });
  }

  get signOutButton(): Locator {
    return this.libero.getByRole("button", { name: "Sign out", exact: true });
  }

  link(name: string): Locator {
    return this.libero.getByRole("link", { name, exact: true });
  }

  heading(name: string | RegExp): Locator {
    return this.libero.getByRole("heading", { name });
  }

  /** A part of the page, by its heading. */
  section(name: string): Locator {
    return this.libero.getByRole("region", { name });
  }

  /** Goes on to a page of the app by its tab. */
  async goTo(page: "Overview" | "Devices" | "Settings"): Promise<void> {
    await this.link(page).click();
    await expect(this.heading(page === "Overview" ? /^Welcome/ : page)).toBeVisible();
  }

  /** The frame itself, for what a person does not see: its address, its document. */
  async frame() {
    const frame = await (await this.page.waitForSelector(FRAME)).contentFrame();
    if (!frame) throw new Error("Libero's frame has no document");
    return frame;
  }

  /** Chooses who is signed in to the admin, which loads the page again. */
  async chooseStaff(label: string): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await this.page.getByLabel("Signed in as").selectOption({ label });
    await loaded;
  }

  /** Presses the switch in the admin's bar, which loads the page again. */
  async switchTheme(theme: "light" | "dark"): Promise<void> {
    await this.page.getByRole("button", { name: `Switch to ${theme}` }).click();
    await expect(this.page.locator("html")).toHaveAttribute("data-theme", theme);
  }

  /** Presses the browser's Back button, whose steps include the frame's, and waits until it led the frame there. */
  async goBack({ leadsTo }: { leadsTo: string }): Promise<void> {
    const address = `${this.stack.app.url}${leadsTo}`;
    const arrived = this.page.waitForEvent("framenavigated", (frame) => frame.url() === address);
    await this.page.evaluate(() => history.back());
    await arrived;
  }

  /** Reloads the document in the frame at the address where it is now, as the browser's own menu does. */
  async reloadFrame(): Promise<void> {
    const frame = await this.frame();
    const reloaded = this.page.waitForEvent("framenavigated", (navigated) => navigated === frame);
    await frame.evaluate(() => location.reload());
    await reloaded;
  }

  /** Waits until the scripts of the page in the frame run; until then a click leads on as it does without them. */
  async hydrated(): Promise<void> {
    const frame = await this.frame();
    await frame.waitForFunction(() => "__remixRouter" in window);
  }

  /** Waits until the platform's script has made the frame as high as its page; while it grows, the page in it moves. */
  async fits(): Promise<void> {
    const frame = await this.frame();
    const hidden = () =>
      frame.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
    await expect.poll(hidden).toBe(0);
  }

  /** The session's cookie, as the browser keeps it. */
  async cookie() {
    const cookies = await this.page.context().cookies(this.stack.app.url);
    const [cookie, ...others] = cookies.filter(({ name }) => name === SESSION_COOKIE);
    expect(others, "a browser that holds one session").toEqual([]);
    if (!cookie) throw new Error("the browser holds no session");
    return cookie;
  }
}

/** Asks the app for a page as a program would, with a cookie that came from anywhere. */
export function askWithCookie({ app }: Stack, path: string, value: string, init: RequestInit = {}) {
  const headers = { Cookie: `${SESSION_COOKIE}=${value}`, "Sec-Fetch-Site": "same-origin" };
  return fetch(`${app.url}${path}`, { ...init, headers, redirect: "manual" });
}
