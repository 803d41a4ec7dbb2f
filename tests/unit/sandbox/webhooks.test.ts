import { expect, test } from "vitest";
import { deliver } from "../../../sandbox/webhooks";
import { openSandbox, pageText, postForm, startApp } from "./support";

const installed = (page: string) => page.includes('<iframe title="Libero"');

test("install and uninstall post what the platform posts, with Basic auth", async () => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: `${app.url}/`, username: "libero", password: "a:b:ü" });
  await sandbox.install("spectrawinery");
  await sandbox.uninstall("spectrawinery");

  const [install, uninstall] = app.received;
  expect(install).toMatchObject({ method: "POST", url: "/install" });
  expect(install?.headers["content-type"]).toBe("application/json");
  const credentials = install?.headers.authorization?.replace("Basic ", "") ?? "";
  expect(Buffer.from(credentials, "base64").toString()).toBe("libero:a:b:ü");
  expect(JSON.parse(install?.body ?? "")).toEqual({
    tenantId: "spectrawinery",
    user: {
      id: "12211212-2706-4e36-bcf5-57a9248edcdf",
      firstName: "Jason",
      lastName: "Andres",
      email: "jason@spectrawinery.example",
    },
    "contact-email": "hello@spectrawinery.example",
  });
  expect(uninstall).toMatchObject({ method: "POST", url: "/uninstall" });
  expect(uninstall?.headers.authorization).toBe(install?.headers.authorization);
  expect(JSON.parse(uninstall?.body ?? "")).toEqual({ tenantId: "spectrawinery" });
});

test("a delivery tells what was sent and answered, newest first, without the password", async () => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: app.url, password: "hush-hush" });
  const first = await sandbox.install("old-oak-estate");
  app.answer((response) => response.writeHead(503).end("x".repeat(5000)));
  const second = await sandbox.uninstall("old-oak-estate");

  expect(first).toMatchObject({ kind: "install", tenantId: "old-oak-estate", url: `${app.url}/install` });
  expect(first).toMatchObject({ status: 200, responseBody: '{"ok":true}' });
  expect(first.error).toBeUndefined();
  expect(Math.abs(Date.now() - Date.parse(first.time))).toBeLessThan(10_000);
  expect(second.status).toBe(503);
  expect(second.responseBody).toHaveLength(2048);
  expect(sandbox.deliveries()).toEqual([second, first]);
  const basic = Buffer.from("commerce7:hush-hush").toString("base64");
  expect(JSON.stringify(sandbox.deliveries())).not.toMatch(new RegExp(`hush-hush|${basic}`));
});

test("a winery is installed by a 2xx alone, and uninstalled by a 2xx alone", async () => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: app.url });
  const page = () => pageText(sandbox, "/admin/spectrawinery");
  const answers = async (status: number) => {
    app.answer((response) => response.writeHead(status, { Location: `${app.url}/elsewhere` }).end());
    await sandbox[installed(await page()) ? "uninstall" : "install"]("spectrawinery");
    return installed(await page());
  };
  for (const status of [401, 500, 302, 400]) expect(await answers(status)).toBe(false);
  expect(await answers(204)).toBe(true);
  for (const status of [401, 500, 302, 400]) expect(await answers(status)).toBe(true);
  expect(await answers(200)).toBe(false);
  expect(app.received.map((each) => each.url)).not.toContain("/elsewhere");
});

test("an app that is not there is a delivery with an error, and installs nothing", async () => {
  const app = await startApp();
  await app.close();
  const sandbox = await openSandbox({ appUrl: app.url });
  const delivery = await sandbox.install("spectrawinery");
  expect(delivery.status).toBeUndefined();
  expect(delivery.error).toBe("connection refused: is the app running? (ECONNREFUSED)");
  expect(installed(await pageText(sandbox, "/admin/spectrawinery"))).toBe(false);
});

test("an answer that breaks off is an error, not a success", async () => {
  const app = await startApp();
  app.answer((response) => {
    response.writeHead(200, { "Content-Length": "100" });
    response.write("half", () => response.destroy());
  });
  const sandbox = await openSandbox({ appUrl: app.url });
  const delivery = await sandbox.install("spectrawinery");
  expect(delivery).toMatchObject({ status: 200, error: expect.any(String) });
  expect(installed(await pageText(sandbox, "/admin/spectrawinery"))).toBe(false);
});

test("a silent app is given up after the time-out", async () => {
  const app = await startApp();
  app.answer(() => undefined);
  const delivery = await deliver({
    kind: "install",
    tenantId: "spectrawinery",
    appUrl: app.url,
    body: {},
    credentials: { username: "u", password: "p" },
    timeoutMs: 100,
    closing: new AbortController().signal,
  });
  expect(delivery.error).toBe("no answer within 0.1 s");
  expect(delivery.durationMs).toBeGreaterThanOrEqual(95);
});

test("closing ends a webhook that is on its way", async () => {
  const app = await startApp();
  app.answer(() => undefined);
  const sandbox = await openSandbox({ appUrl: app.url });
  const sending = sandbox.install("spectrawinery");
  await expect.poll(() => app.received.length).toBe(1);
  await sandbox.close();
  expect((await sending).error).toContain("closed");
});

test("the app's address can be changed after the start", async () => {
  const app = await startApp();
  const sandbox = await openSandbox();
  sandbox.setAppUrl(app.url);
  expect((await postForm(sandbox, "/admin/bodega-del-sol/install")).status).toBe(303);
  expect(app.received).toHaveLength(1);
  expect(() => sandbox.setAppUrl("nonsense")).toThrow(/needs the app's address/);
});

test("an unknown winery can't be installed", async () => {
  const sandbox = await openSandbox();
  await expect(sandbox.install("nobody")).rejects.toThrow(/no winery/);
  await expect(sandbox.uninstall("nobody")).rejects.toThrow(/no winery/);
});
