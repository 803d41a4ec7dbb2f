import { request as httpRequest } from "node:http";
import { describe, expect, it, test } from "vitest";
import { openSandbox, pageText, postForm, startApp } from "./support";

test("the overview names the wineries and says which have Libero", async () => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: app.url });
  await sandbox.install("old-oak-estate");
  const page = await pageText(sandbox, "/");
  for (const name of ["Spectra Winery", "Old Oak Estate", "Bodega del Sol"]) expect(page).toContain(name);
  expect(page.match(/>Installed</g)).toHaveLength(1);
  expect(page.match(/>Not installed</g)).toHaveLength(2);
});

test("the frame opens the app with tenant, token and theme", async () => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: app.url });
  await sandbox.install("spectrawinery");
  await postForm(sandbox, "/theme", { theme: "dark", tenant: "spectrawinery" });
  const page = await pageText(sandbox, "/admin/spectrawinery");
  const source = page.match(/<iframe[^>]* src="([^"]+)"/)?.[1]?.replaceAll("&#38;", "&") ?? "";
  const url = new URL(source);
  expect(url.origin + url.pathname).toBe(`${app.url}/app`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenantId: "spectrawinery",
    account: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    adminUITheme: "dark",
  });
});

test("pages with a token are neither stored nor told of", async () => {
  const sandbox = await openSandbox();
  for (const path of ["/", "/admin/spectrawinery", "/admin/nobody"]) {
    const { headers } = await fetch(`${sandbox.url}${path}`);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});

test("what the app answers is shown as text, never as markup", async () => {
  const app = await startApp();
  app.answer((response) => response.writeHead(400).end(`<script>alert("1")</script>'&`));
  const sandbox = await openSandbox({ appUrl: app.url });
  await sandbox.install("spectrawinery");
  const page = await pageText(sandbox, "/admin/spectrawinery");
  expect(page).not.toContain("<script>alert");
  expect(page).toContain("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;");
  expect(page).toContain("Libero could not be installed: the app answered 400.");
});

test("an unknown winery is a 404 page that escapes its name", async () => {
  const sandbox = await openSandbox();
  const response = await fetch(`${sandbox.url}/admin/${encodeURIComponent("<b>x</b>")}`);
  expect(response.status).toBe(404);
  const page = await response.text();
  expect(page).toContain("Winery not found");
  expect(page).not.toContain("<b>x</b>");
  expect((await postForm(sandbox, "/admin/nobody/install")).status).toBe(404);
  expect((await fetch(`${sandbox.url}/nowhere`)).status).toBe(404);
});

test("forms lead back to the page they came from, and never elsewhere", async () => {
  const sandbox = await openSandbox();
  const location = async (path: string, fields: Record<string, string>) => {
    const response = await postForm(sandbox, path, fields);
    expect(response.status).toBe(303);
    return response.headers.get("location");
  };
  expect(await location("/theme", { theme: "dark", tenant: "bodega-del-sol" })).toBe("/admin/bodega-del-sol");
  expect(await location("/theme", { theme: "light" })).toBe("/");
  expect(await location("/fault", { fault: "html", tenant: "//evil.example" })).toBe("/");
  expect(await location("/admin/spectrawinery/install", {})).toBe("/admin/spectrawinery");
});

test("the fault chosen in the admin is the one the API shows", async () => {
  const sandbox = await openSandbox();
  await postForm(sandbox, "/fault", { fault: "500" });
  expect((await fetch(`${sandbox.url}/v1/account/user`)).status).toBe(500);
  expect(await pageText(sandbox, "/admin/spectrawinery")).toContain('value="500" selected');
});

test("a form that does not hold is a 400 and changes nothing", async () => {
  const sandbox = await openSandbox();
  expect((await postForm(sandbox, "/theme", { theme: "pink" })).status).toBe(400);
  expect((await postForm(sandbox, "/fault", { fault: "flood" })).status).toBe(400);
  expect((await postForm(sandbox, "/admin/spectrawinery/staff", { staffId: "x" })).status).toBe(400);
  const foreign = { staffId: "8e2d6a90-1c47-4f35-b8a1-63d90f4e7c12" };
  expect((await postForm(sandbox, "/admin/spectrawinery/staff", foreign)).status).toBe(400);
  expect(await pageText(sandbox, "/")).toContain('data-theme="light"');
});

test.each([
  ["another origin", { Origin: "http://evil.example" }, 403],
  ["the app's origin", { Origin: "http://localhost:3000" }, 403],
  ["its own host over https", { Origin: "https://HOST" }, 403],
  ["an opaque origin", { Origin: "null", "Sec-Fetch-Site": "cross-site" }, 403],
  ["an opaque origin and nothing more", { Origin: "null" }, 403],
  ["its own form under no-referrer", { Origin: "null", "Sec-Fetch-Site": "same-origin" }, 303],
  ["its own origin", { Origin: "http://HOST" }, 303],
  ["no origin", {}, 303],
])("a POST of %s", async (_name, headers: Record<string, string>, status) => {
  const app = await startApp();
  const sandbox = await openSandbox({ appUrl: app.url });
  const { host } = new URL(sandbox.url);
  const sent = Object.entries(headers).map(([name, value]) => [name, value.replace("HOST", host)]);
  const response = await postForm(sandbox, "/admin/spectrawinery/install", {}, Object.fromEntries(sent));
  expect(response.status).toBe(status);
  expect(app.received).toHaveLength(status === 303 ? 1 : 0);
});

test("stylesheet, script, icon and font are served from here", async () => {
  const sandbox = await openSandbox();
  const page = await pageText(sandbox, "/");
  const addresses = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  expect(addresses).toHaveLength(4);
  for (const address of addresses) expect((await fetch(`${sandbox.url}${address}`)).status).toBe(200);
});

describe("answers as this machine alone", () => {
  /** What a request for this host gets, which `fetch` would not send. */
  const statusFor = (url: string, host: string) =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(url, { headers: { host }, agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      request.on("error", reject);
      request.end();
    });

  it.each(["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "LOCALHOST"])("to %s", async (host) => {
    const { url } = await openSandbox();
    expect(await statusFor(url, host)).not.toBe(403);
  });

  it("and by the names that a proxy serves it by", async () => {
    const { url } = await openSandbox({ hosts: ["admin.example"] });
    expect(await statusFor(url, "Admin.example:443")).toBe(200);
    expect(await statusFor(url, "other.example")).toBe(403);
  });

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:4000"])(
    "not to %j, whatever its name leads to",
    async (host) => {
      const { url } = await openSandbox();
      for (const path of ["/", "/v1/account/user", "/v2/commerce7.js"]) {
        expect(await statusFor(`${url}${path}`, host)).toBe(403);
      }
    },
  );
});
