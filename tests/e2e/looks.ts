import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Admin } from "./admin";
import { expect } from "./fixtures";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** What is behind a page of either theme. */
export const BACKGROUND = { light: "rgb(255, 255, 255)", dark: "rgb(22, 28, 39)" };

/** Runs axe on what is in the frame. */
export async function expectNothingSerious({ page }: Admin) {
  const axe = new AxeBuilder({ page }).include('iframe[title="Libero"]').withTags(RULES);
  let violations: Awaited<ReturnType<typeof axe.analyze>>["violations"] = [];
  // The contrast rule passes on every page of ours: where it did not run, the frame was not there yet.
  await expect(async () => {
    const results = await axe.analyze();
    expect(results.passes.map(({ id }) => id)).toContain("color-contrast");
    violations = results.violations;
  }).toPass({ timeout: 15_000 });
  expect(violations.filter(isGrave).map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual(
    [],
  );
}

/** Nothing serious for axe, and nothing sticks out, wide and narrow, light and dark. */
export async function expectFitToLookAt(page: Page) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(stickingOut)).toEqual([]);
    }
    // Colours change over to the other theme; their contrast counts once they have.
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
    const axe = await new AxeBuilder({ page }).withTags(RULES).analyze();
    expect(axe.violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
  }
}

function isGrave({ impact }: { impact?: string | null }): boolean {
  return impact === "serious" || impact === "critical";
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
