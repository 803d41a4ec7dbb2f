import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openState } from "../../../sandbox/state";
import { askWho, openSandbox, pageText, postForm, startApp } from "./support";

let folder: string;
let stateFile: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "libero-sandbox-"));
  stateFile = path.join(folder, "below", "sandbox.json");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("wineries, theme, staff, webhooks and the signing secret outlast a restart", async () => {
  const app = await startApp();
  const first = await openSandbox({ appUrl: app.url, stateFile });
  await first.install("spectrawinery");
  await postForm(first, "/theme", { theme: "dark" });
  const staffId = "c3a94d52-7e18-4b6f-9f0d-2a8b5e61d704";
  await postForm(first, "/admin/spectrawinery/staff", { staffId });
  const token = first.accountToken("spectrawinery");
  await first.close();

  const second = await openSandbox({ appUrl: app.url, stateFile });
  const page = await pageText(second, "/admin/spectrawinery");
  expect(page).toContain('<iframe title="Libero"');
  expect(page).toContain('data-theme="dark"');
  expect(second.deliveries()).toEqual(first.deliveries());
  expect(second.deliveries()).toHaveLength(1);
  const answer = await askWho(second, "spectrawinery", second.accountToken("spectrawinery"));
  expect(await answer.json()).toMatchObject({ id: staffId });
  expect((await askWho(second, "spectrawinery", token)).status).toBe(200);
});

test("each change is in the file at once", () => {
  const staffId = "f70b3c18-52d9-4ea6-8c74-9b1e0d6a3f85";
  openState(stateFile).setTheme("dark");
  openState(stateFile).setInstalled("old-oak-estate", true);
  openState(stateFile).setStaff("old-oak-estate", staffId);
  const state = openState(stateFile);
  expect(state.theme()).toBe("dark");
  expect(state.installed("old-oak-estate")).toBe(true);
  expect(state.staff("old-oak-estate").id).toBe(staffId);
});

test("the file is written in one step, for its owner alone", () => {
  openState(stateFile).setTheme("dark");
  expect(readdirSync(path.dirname(stateFile))).toEqual(["sandbox.json"]);
  expect(statSync(stateFile).mode & 0o077).toBe(0);
});

test("without a file nothing is written and a new secret is drawn", () => {
  expect(openState().secret).not.toBe(openState().secret);
});

test("the last 50 webhooks are kept", () => {
  const state = openState();
  for (let index = 0; index < 60; index += 1) {
    const sent = { kind: "install" as const, tenantId: "spectrawinery", url: "", requestBody: {} };
    state.addDelivery({ ...sent, time: new Date().toISOString(), responseBody: "", durationMs: index });
  }
  expect(state.deliveries()).toHaveLength(50);
  expect(state.deliveries()[0]?.durationMs).toBe(59);
});

test.each([
  ["no JSON", "{ half", /JSON/],
  ["an empty file", "", /JSON/],
  ["a wrong value", "theme", /theme/],
  ["a short secret", "secret", /secret/],
])("a damaged file is named, with the way to mend it: %s", async (_name, damage, reason) => {
  openState(stateFile);
  const text = readFileSync(stateFile, "utf8");
  const value = text.replace(new RegExp(`("${damage}": )".*"`), '$1"x"');
  writeFileSync(stateFile, value === text ? damage : value);
  const opening = openSandbox({ stateFile });
  await expect(opening).rejects.toThrow(stateFile);
  await expect(opening).rejects.toThrow(/Mend it by deleting the file/);
  await expect(opening).rejects.toThrow(reason);
});

test("a file that can't be read is named", async () => {
  await expect(openSandbox({ stateFile: folder })).rejects.toThrow(`can't read its state file ${folder}`);
});
