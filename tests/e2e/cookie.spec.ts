import { type Admin, askWithCookie, SESSION_COOKIE } from "./admin";
import { expect, test } from "./fixtures";

const TENANT = "spectrawinery";
const EIGHT_HOURS_SECONDS = 8 * 60 * 60;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("A2 C4: the cookie is third-party, partitioned, and out of scripts' reach", async ({ admin }) => {
  const opening = admin.opening();
  await admin.signIn(TENANT);

  const header = (await (await opening).headerValue("set-cookie")) ?? "";
  const [pair = "", ...attributes] = header.split("; ");
  expect(pair.startsWith(`${SESSION_COOKIE}=`)).toBe(true);
  expect(attributes.sort()).toEqual(
    ["HttpOnly", `Max-Age=${EIGHT_HOURS_SECONDS}`, "Partitioned", "Path=/", "SameSite=None", "Secure"].sort(),
  );

  const cookie = await admin.cookie();
  expect(cookie).toMatchObject({
    // Without a leading dot: the host alone.
    domain: "localhost",
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "None",
    partitionKey: "http://127.0.0.1",
  });
  expect(cookie.value.split(".")[0]).toMatch(ID);
  expect(await (await admin.frame()).evaluate(() => document.cookie)).toBe("");
});

test("A2 C4 E1: no token, secret or cookie in an address, a referrer, a storage or the page", async ({
  admin,
  stack,
}) => {
  const addresses: string[] = [];
  admin.page.on("request", (request) => {
    addresses.push(request.url(), request.headers().referer ?? "");
  });
  await admin.signIn(TENANT);
  await admin.hydrated();
  await admin.link("Settings").click();
  await expect(admin.libero.getByLabel("Contact e-mail")).toBeVisible();

  const token = await tokenOf(admin);
  const { value } = await admin.cookie();
  const [id = "", secret = ""] = value.split(".");
  const frame = await admin.frame();
  const kept = await frame.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  const referrer = await frame.evaluate(() => document.referrer);
  const pages = ["/app", "/app.data", "/devices", "/devices.data", "/settings", "/settings.data", "/"];
  const answers = await Promise.all(pages.map((path) => askWithCookie(stack, path, value)));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  for (const place of [frame.url(), referrer, kept, ...texts]) {
    expect(place).not.toContain(token);
    expect(place).not.toContain(secret);
  }
  expect(addresses.filter((address) => address.includes(token))).toHaveLength(1);
  expect(addresses.filter((address) => address.includes(id) || address.includes(secret))).toEqual([]);
});

test("C4 E12: every opening makes a new id, and the one before is over", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  const first = await admin.cookie();
  await admin.open(TENANT);
  await expect(admin.welcome).toBeVisible();
  const second = await admin.cookie();

  expect(second.value.split(".")[0]).not.toBe(first.value.split(".")[0]);
  expect((await askWithCookie(stack, "/app", second.value)).status).toBe(200);
  expect((await askWithCookie(stack, "/app", first.value)).headers.get("location")).toBe("/");
});

test("C4 E3 E12: an old cookie put back into the browser is not adopted", async ({ admin, stack }) => {
  await admin.signIn(TENANT);
  const old = await admin.cookie();
  await admin.signOutButton.click();
  await expect(admin.landing).toBeVisible();

  await admin.page.context().addCookies([old]);
  expect((await admin.cookie()).value).toBe(old.value);
  await admin.open(TENANT);
  await expect(admin.welcome).toBeVisible();
  expect((await admin.cookie()).value.split(".")[0]).not.toBe(old.value.split(".")[0]);
  expect((await askWithCookie(stack, "/app", old.value)).headers.get("location")).toBe("/");
});

async function tokenOf(admin: Admin): Promise<string> {
  const src = await admin.page.locator("iframe").getAttribute("src");
  const token = new URL(src ?? "").searchParams.get("account");
  if (!token) throw new Error("the admin opened the frame without a token");
  return token;
}
