import AxeBuilder from "@axe-core/playwright";
import type { Frame, Page } from "@playwright/test";
import type { Theme } from "../../sandbox/types";
import type { Admin } from "./admin";
import { expect } from "./fixtures";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** What is behind a page of either theme. */
export const BACKGROUND: Record<Theme, string> = { light: "rgb(255, 255, 255)", dark: "rgb(22, 28, 39)" };

/**
 * axe finds nothing on the page in the frame, whose theme is this one: all rules, and in the other theme the contrast,
 * for a theme changes colors alone.
 */
export async function expectAccessible(admin: Admin, theme: Theme) {
  const frame = await admin.frame();
  await expectNoViolations(frame);
  await paint(frame, theme === "light" ? "dark" : "light");
  await expectEnoughContrast(frame);
  await paint(frame, theme);
}

/** Nothing for axe, and nothing sticks out, wide and narrow, light and dark. */
export async function expectFitToLookAt(page: Page) {
  await page.emulateMedia({ colorScheme: "light" });
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate(stickingOut)).toEqual([]);
  }
  await colorsSettled(page);
  await expectNoViolations(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await colorsSettled(page);
  await expectEnoughContrast(page);
}

/** Gives the window a width, and waits until the frame in it has one that fits: it is laid out in another process. */
export async function setWidth(admin: Admin, width: number) {
  await admin.page.setViewportSize({ width, height: 900 });
  const frame = await admin.frame();
  await frame.waitForFunction((most) => window.innerWidth <= most, width);
}

/** What reaches beyond the window's sides, cut short for reading. To be evaluated in the page. */
export function stickingOut(): string[] {
  const elements = [...document.body.querySelectorAll("*:not(.sr-only, script)")];
  const out = elements.filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < -1 || right > window.innerWidth + 1;
  });
  return out.map(({ outerHTML }) => outerHTML.slice(0, 120));
}

async function expectNoViolations(page: Page | Frame) {
  const { violations, passes } = await axeIn(page).withTags(RULES).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
  // Every page of ours has text: where there was none to pass, it was not there yet.
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
}

/** The contrast alone, of a page that axe is already in. */
async function expectEnoughContrast(page: Page | Frame) {
  const { violations, passes } = await axeIn(page, "void 0").withRules("color-contrast").analyze();
  expect(violations.flatMap(({ nodes }) => nodes.map(({ target }) => target))).toEqual([]);
  expect(passes).toHaveLength(1);
}

/**
 * axe for one document. By default it looks through the whole tab, and loads itself into each frame and into one more
 * tab; in its legacy mode it asks for no more than to evaluate.
 */
function axeIn(page: Page | Frame, axeSource?: string) {
  const document = { evaluate: page.evaluate.bind(page), frames: () => [] } as unknown as Page;
  return new AxeBuilder({ page: document, axeSource }).setLegacyMode().options({ iframes: false });
}

/** Gives the page a theme as the server does. */
async function paint(frame: Frame, theme: Theme) {
  await frame.evaluate((name) => {
    for (const element of document.querySelectorAll<HTMLElement>("[data-theme]"))
      element.dataset.theme = name;
  }, theme);
  await colorsSettled(frame);
  expect(await frame.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(BACKGROUND[theme]);
}

/** Some colors change slowly; their contrast counts once they have. */
async function colorsSettled(page: Page | Frame) {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
}
