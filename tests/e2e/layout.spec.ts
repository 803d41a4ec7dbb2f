import { SESSION_COOKIE } from "./admin";
import { expect, test } from "./fixtures";
import { stickingOut } from "./looks";
import type { Stack } from "./stack";

/** As long as a tenant, a name and an address may get. */
const LONG = {
  tenantId: "the-very-old-and-venerable-estate-of-saint-emilion-grand-cru-abc",
  user: {
    id: "4d6f1f0e-2b63-4c59-9a4b-0d3f6c1e7a55",
    firstName: "Maximiliana-Alexandrina",
    lastName: "von-Habsburg-Lothringen-zu-Trappe-und-Sankt-Gallen",
    email: `${"maximiliana.alexandrina".repeat(2)}@${"very-old-estate.".repeat(3)}example.com`,
  },
};

test("A1: nothing sticks out, in a window of any width, however long the names are", async ({
  context,
  stack,
  page,
}) => {
  await context.addCookies([
    { name: SESSION_COOKIE, value: await installAndSignIn(stack), url: stack.app.url },
  ]);
  for (const path of ["/app", "/devices", "/settings", "/"]) {
    const answer = await page.goto(`${stack.app.url}${path}`);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(path);
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(stickingOut), `${path} at ${width} pixels`).toEqual([]);
    }
  }
});

/** The session that the install webhook starts: its cookie's value. */
async function installAndSignIn(stack: Stack): Promise<string> {
  const answer = await stack.webhook("install", LONG);
  const [, value] = /^[^=]+=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "") ?? [];
  if (!value) throw new Error("the install started no session");
  return value;
}
