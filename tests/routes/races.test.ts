import { expect, it } from "vitest";
import { loader as app } from "~/routes/app";
import { action as installAction } from "~/routes/install";
import { action as uninstallAction } from "~/routes/uninstall";
import { installBody, webhook } from "../support/commerce7";
import { call, get, openApp, TENANT } from "../support/routes";

const world = openApp();
const install = () => call(installAction, webhook("/install", installBody(TENANT)));
const uninstall = () => call(uninstallAction, webhook("/uninstall", { tenantId: TENANT }));
const open = () => call(app, get(world.openingUrl()));

it("E3, R11: installs and uninstalls at once: none fails, and the last uninstall leaves nobody", async () => {
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all([
      install(),
      uninstall(),
      install(),
      uninstall(),
      install(),
      uninstall(),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    await uninstall();
    expect(await world.countSessions()).toBe(0);
  }
});

it("A7, E3: staff who open the app beside an uninstall get in before it or not at all", async () => {
  const statuses = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    await install();
    const answers = await Promise.all([open(), open(), uninstall(), open(), open()]);
    for (const [index, { status }] of answers.entries()) if (index !== 2) statuses.add(status);
    expect(await world.countSessions()).toBe(0);
  }
  expect([302, 403]).toEqual(expect.arrayContaining([...statuses]));
});

it("A2: twenty openings at once are twenty sessions, and no error", async () => {
  await install();
  const answers = await Promise.all(Array.from({ length: 20 }, open));
  for (const answer of answers) expect(answer).toSetSessionCookie();
  expect(await world.countSessions()).toBe(21);
});
