import type { Fault } from "../../sandbox/server";
import type { Admin } from "./admin";
import { expect } from "./fixtures";
import type { Stack } from "./stack";

export const TENANT = "spectrawinery";

/** Opens the admin, and tells what Libero answered to its frame. */
export async function statusOfOpening(admin: Admin): Promise<number> {
  const opening = admin.opening();
  await admin.open(TENANT);
  return (await opening).status();
}

/**
 * Where Commerce7 does not answer as it should, the page says so, and goes on once it does.
 * @returns how long the page took to say so, in milliseconds
 */
export async function expectUnreachableUntilTriedAgain(
  admin: Admin,
  { sandbox, app }: Stack,
  fault: Fault,
): Promise<number> {
  await sandbox.install(TENANT);
  sandbox.setFault(fault);
  const startedMs = Date.now();
  expect(await statusOfOpening(admin)).toBe(503);
  const tookMs = Date.now() - startedMs;
  await expect(admin.heading("Commerce7 cannot be reached right now")).toBeVisible();
  expect(await admin.page.context().cookies(app.url)).toEqual([]);

  sandbox.setFault("none");
  await admin.link("Try again").click();
  await expect(admin.welcome).toBeVisible();
  expect((await admin.frame()).url()).toBe(`${app.url}/app`);
  return tookMs;
}
