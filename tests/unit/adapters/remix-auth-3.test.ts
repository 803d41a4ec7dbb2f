import type { SessionStorage } from "@remix-run/node";
import { type AuthenticateOptions, Authenticator, Strategy } from "remix-auth-3";
import { describe, expect, it } from "vitest";
import { sessionStorage } from "~/lib/session-storage.server";

type AuthUser = { userId: string };

const ORIGIN = "http://localhost:3000";
const KEY = "triggerdotdev:magiclink";

/** As remix-auth 3's strategies are: it keeps its state in the session storage that the authenticator hands to it. */
class OneTimeCode extends Strategy<AuthUser, { email: string }> {
  name = "one-time-code";

  async authenticate(request: Request, storage: SessionStorage, options: AuthenticateOptions) {
    const session = await storage.getSession(request.headers.get("Cookie"));
    const form = await request.formData();
    const expected = session.get(KEY);
    if (!expected) {
      session.set(KEY, { email: form.get("email"), code: "4711" });
      const headers = { Location: "/login?sent", "Set-Cookie": await storage.commitSession(session) };
      throw new Response(null, { status: 302, headers });
    }
    if (form.get("code") !== expected.code)
      return this.failure("that is another code", request, storage, options);
    return this.success(await this.verify({ email: expected.email }), request, storage, options);
  }
}

// The seeds' form, word for word.
const authenticator = new Authenticator<AuthUser>(sessionStorage);
authenticator.use(new OneTimeCode(async ({ email }) => ({ userId: email })));

/** A browser with a cookie, which follows nothing. */
function aBrowser() {
  let cookie = "";
  const request = (fields?: Record<string, string>) =>
    new Request(`${ORIGIN}/login`, {
      headers: { cookie },
      ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
    });
  const follow = async (asked: Promise<unknown>) => {
    const answer = (await asked.catch((thrown) => thrown)) as Response;
    const [line = ""] = answer.headers.getSetCookie();
    cookie = line.split(";")[0] ?? "";
    return [answer.status, answer.headers.get("location")];
  };
  return {
    post: (fields: Record<string, string>) =>
      follow(
        authenticator.authenticate("one-time-code", request(fields), {
          successRedirect: "/account",
          failureRedirect: "/login",
        }),
      ),
    logout: () => follow(authenticator.logout(request(), { redirectTo: "/" })),
    isAuthenticated: () => authenticator.isAuthenticated(request()),
    session: () => sessionStorage.getSession(cookie),
    cookie: () => cookie,
  };
}

describe("B7: remix-auth 3 in the seeds' form, new Authenticator<AuthUser>(sessionStorage)", () => {
  it("signs in, knows who is signed in, and signs out, with its state under triggerdotdev:magiclink", async () => {
    const browser = aBrowser();
    expect(await browser.isAuthenticated()).toBeNull();
    expect(await browser.post({ email: "jason@example.com" })).toEqual([302, "/login?sent"]);
    expect((await browser.session()).get(KEY)).toEqual({ email: "jason@example.com", code: "4711" });
    expect(await browser.isAuthenticated()).toBeNull();

    expect(await browser.post({ code: "4711" })).toEqual([302, "/account"]);
    expect(await browser.isAuthenticated()).toEqual({ userId: "jason@example.com" });
    expect((await browser.session()).get("strategy")).toBe("one-time-code");

    expect(await browser.logout()).toEqual([302, "/"]);
    expect(browser.cookie()).toBe("__session=");
    expect(await browser.isAuthenticated()).toBeNull();
  });

  it("a failure leads back with the reason, told once, and signs nobody in", async () => {
    const browser = aBrowser();
    await browser.post({ email: "jason@example.com" });
    expect(await browser.post({ code: "0815" })).toEqual([302, "/login"]);
    expect((await browser.session()).get("auth:error")).toEqual({ message: "that is another code" });
    expect(await browser.isAuthenticated()).toBeNull();
  });

  it("a cookie that was made up is nobody's", async () => {
    const made = Buffer.from(JSON.stringify({ user: { userId: "admin" } })).toString("base64");
    const request = new Request(ORIGIN, { headers: { cookie: `__session=${encodeURIComponent(made)}.x` } });
    expect(await authenticator.isAuthenticated(request)).toBeNull();
  });
});
