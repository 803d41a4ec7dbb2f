import { createCookieSessionStorage } from "@remix-run/node";
import { Authenticator } from "remix-auth";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  MagicLinkError,
  type MagicLinkMail,
  type MagicLinkOptions,
  MagicLinkStrategy,
} from "../../../app/lib/adapters/remix-auth-magic-link";
import { MINUTE_MS } from "../../../app/lib/base/durations";
import { createSignInLinks } from "../../../app/lib/sign-in-links/links";
import { createMailboxHash } from "../../../app/lib/sign-in-links/mailbox";
import type { KeptLink, SignInLinkStore } from "../../../app/lib/sign-in-links/store";

const ORIGIN = "http://localhost:3000";
const KEY = "triggerdotdev:magiclink";
const sessionStorage = createCookieSessionStorage({ cookie: { name: "__session", secrets: ["s"] } });

/** As a store of a program that keeps nothing might be. */
function inMemory(): SignInLinkStore {
  const kept = new Map<string, KeptLink & { used?: boolean }>();
  return {
    async issue(link) {
      kept.set(link.mailboxHash.toString("hex"), link);
    },
    async consume({ id, secretHash, browserHash }, nowMs) {
      const link = [...kept.values()].find((one) => one.id === id);
      if (!link?.secretHash.equals(secretHash) || !link.browserHash.equals(browserHash)) {
        return { outcome: "unknown" };
      }
      if (link.used) return { outcome: "used" };
      if (link.expiresAtMs <= nowMs) return { outcome: "expired" };
      link.used = true;
      return { outcome: "opened", sealedEmail: link.sealedEmail };
    },
  };
}

let nowMs = 0;
const sent = vi.fn<(mail: MagicLinkMail) => void>();
let authenticator: Authenticator<string>;

function strategy(changes: Partial<MagicLinkOptions> = {}) {
  const hashMailbox = createMailboxHash("a secret of the app, of thirty-two characters and more");
  const links = createSignInLinks({ store: inMemory(), hashMailbox, clock: () => nowMs });
  const options = { links, sessionStorage, sendEmail: sent, callbackURL: `${ORIGIN}/magic` };
  return new MagicLinkStrategy<string>(
    { ...options, pendingPath: "/login?sent", ...changes },
    async ({ email }) => email,
  );
}

beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 21);
  sent.mockReset();
  authenticator = new Authenticator<string>().use(strategy());
});

/** Asks for a link. @returns the answer that was thrown, the browser's Cookie header, and the link */
async function ask(email: string, cookie = "") {
  const body = new URLSearchParams({ email });
  const request = new Request(`${ORIGIN}/login`, { method: "POST", body, headers: { cookie } });
  const answer: unknown = await authenticator.authenticate("magic-link", request).catch((thrown) => thrown);
  if (!(answer instanceof Response)) throw answer;
  return {
    answer,
    cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "",
    link: sent.mock.lastCall?.[0].magicLink ?? "",
  };
}

const open = (link: string, cookie = "") =>
  authenticator.authenticate("magic-link", new Request(link, { headers: { cookie } }));

const faultOf = (link: string, cookie?: string) =>
  open(link, cookie).then(
    () => "opened",
    (error: unknown) => (error instanceof MagicLinkError ? error.fault : String(error)),
  );

describe("B7: remix-auth's MagicLinkStrategy", () => {
  it("a POST sends the link and throws the redirect; a GET in the same browser answers the mailbox, once", async () => {
    const { answer, cookie, link } = await ask(" Jason@Example.com ");
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/login?sent"]);
    expect(sent.mock.lastCall?.[0]).toMatchObject({
      emailAddress: "jason@example.com",
      expiresAtMs: nowMs + 10 * MINUTE_MS,
    });
    expect(link).toMatch(/^http:\/\/localhost:3000\/magic\?token=[0-9a-f-]{36}\.[\w-]{43}$/);
    expect(await open(link, cookie)).toBe("jason@example.com");
    expect(await faultOf(link, cookie)).toBe("used");
  });

  it("keeps its state under triggerdotdev:magiclink, beside what else the cookie holds, and never the link", async () => {
    const session = await sessionStorage.getSession();
    session.set("theme", "dark");
    const before = (await sessionStorage.commitSession(session)).split(";")[0];
    const { cookie, link } = await ask("jason@example.com", before);
    const { data } = await sessionStorage.getSession(cookie);
    expect(data).toEqual({ theme: "dark", [KEY]: { id: expect.any(String), nonce: expect.any(String) } });
    const [id, secret] = (new URL(link).searchParams.get("token") ?? "").split(".");
    expect(data[KEY].id).toBe(id);
    expect(JSON.stringify(data)).not.toContain(secret);
    expect(JSON.stringify(data)).not.toContain("jason");
  });

  it("in another browser it opens nothing, and is used up by nobody: by a mail scanner's look neither", async () => {
    const { cookie, link } = await ask("jason@example.com");
    const other = await ask("maya@example.com");
    expect(await faultOf(link)).toBe("foreign");
    expect(await faultOf(link, other.cookie)).toBe("foreign");
    expect(await open(link, cookie)).toBe("jason@example.com");
    // Whoever has the mail alone does not even learn that it was used.
    expect(await faultOf(link)).toBe("foreign");
  });

  it("a cookie that was made up does not help: it is signed", async () => {
    const { link } = await ask("jason@example.com");
    const [id] = (new URL(link).searchParams.get("token") ?? "").split(".");
    const made = Buffer.from(JSON.stringify({ [KEY]: { id, nonce: "x" } })).toString("base64");
    expect(await faultOf(link, `__session=${encodeURIComponent(made)}.x`)).toBe("foreign");
  });

  it.each([
    ["without a token", ""],
    ["with half of one", "d9428888-122b-4d0e-a5a1-3f1d9c3b2f10."],
    ["with what is none", "?token=<script>"],
  ])("%s: damaged", async (_, rest) => {
    const { cookie } = await ask("jason@example.com");
    expect(await faultOf(`${ORIGIN}/magic${rest && `?token=${encodeURIComponent(rest)}`}`, cookie)).toBe(
      "damaged",
    );
  });

  it("with another secret: void, and the right one still opens", async () => {
    const { cookie, link } = await ask("jason@example.com");
    const guess = `${link.slice(0, -43)}${"A".repeat(43)}`;
    expect(await faultOf(guess, cookie)).toBe("void");
    expect(await open(link, cookie)).toBe("jason@example.com");
  });

  it("after ten minutes: expired, to the millisecond", async () => {
    const [first, second] = [await ask("jason@example.com"), await ask("maya@example.com")];
    nowMs += 10 * MINUTE_MS - 1;
    expect(await open(first.link, first.cookie)).toBe("jason@example.com");
    nowMs += 1;
    expect(await faultOf(second.link, second.cookie)).toBe("expired");
  });

  it("a newer one in this browser, or for this mailbox from another, makes the older void", async () => {
    const first = await ask("jason@example.com");
    const second = await ask("jason@example.com", first.cookie);
    expect(await faultOf(first.link, second.cookie)).toBe("foreign");
    const elsewhere = await ask("jason@example.com");
    expect(await faultOf(second.link, second.cookie)).toBe("void");
    expect(await open(elsewhere.link, elsewhere.cookie)).toBe("jason@example.com");
  });

  it.each([
    "",
    "jason",
    "jason@example",
    "jason@example.com\r\nBcc: all@example.com",
    "a@b.example, c@d.example",
    `${"a".repeat(250)}@example.com`,
  ])("what is no address is refused with a sentence, and nothing is sent: %j", async (email) => {
    await expect(ask(email)).rejects.toThrow(/^Enter (your|an) e-mail address/);
    expect(sent).not.toHaveBeenCalled();
  });

  it("a body that is no form is refused as an address that is missing", async () => {
    const request = new Request(`${ORIGIN}/login`, { method: "POST", body: "{}" });
    await expect(authenticator.authenticate("magic-link", request)).rejects.toThrow(MagicLinkError);
  });

  it("every name can be chosen", async () => {
    authenticator = new Authenticator<string>().use(
      strategy({ magicLinkSearchParam: "key", sessionMagicLinkKey: "auth:magiclink", pendingPath: "/wait" }),
    );
    const { answer, cookie, link } = await ask("jason@example.com");
    expect(answer.headers.get("location")).toBe("/wait");
    expect(link).toContain("/magic?key=");
    expect(Object.keys((await sessionStorage.getSession(cookie)).data)).toEqual(["auth:magiclink"]);
    expect(await open(link, cookie)).toBe("jason@example.com");
  });
});
