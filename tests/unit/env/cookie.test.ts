import { describe, expect, it } from "vitest";
import { envOf, faultLines, PRODUCTION } from "./support";

describe("a session cookie that every browser refuses keeps the app from starting", () => {
  it.each([
    ["another site", "https://libero.example.com", "shop.example"],
    ["a site that only ends alike", "https://libero.example.com", "ample.com"],
    ["a host below APP_URL's", "https://example.com", "libero.example.com"],
    ["part of an address", "https://192.0.2.7", "0.2.7"],
    ["another address", "https://192.0.2.7", "192.0.2.8"],
    ["part of an IPv6 address", "https://[2001:db8::7]", "7"],
  ])("SESSION_COOKIE_DOMAIN that is %s: %s, %s", (_what, appUrl, domain) => {
    const host = new URL(appUrl).hostname;
    expect(faultLines({ ...PRODUCTION, APP_URL: appUrl, SESSION_COOKIE_DOMAIN: domain })).toEqual([
      `SESSION_COOKIE_DOMAIN: must be the host of APP_URL (${host}) or a parent domain of it, or browsers refuse the cookie; best leave it out`,
    ]);
  });

  it("SESSION_COOKIE_DOMAIN where APP_URL is not set, and is localhost therefore", () => {
    expect(faultLines({ SESSION_COOKIE_DOMAIN: "libero.example.com" })).toEqual([
      expect.stringMatching(/^SESSION_COOKIE_DOMAIN: must be the host of APP_URL \(localhost\)/),
    ]);
  });

  it.each([
    ["https://libero.example.com", "com"],
    ["https://libero.winery.com.au", "com.au"],
    ["https://libero.onrender.com", "onrender.com"],
    ["https://libero.herokuapp.com", "HerokuApp.com"],
    ["http://libero.localhost:3000", "localhost"],
  ])("SESSION_COOKIE_DOMAIN that other sites share: %s, %s", (appUrl, domain) => {
    expect(faultLines({ ...PRODUCTION, APP_URL: appUrl, SESSION_COOKIE_DOMAIN: domain })).toEqual([
      `SESSION_COOKIE_DOMAIN: is ${domain.toLowerCase()}, a suffix shared with other sites, for which browsers refuse cookies; leave it out`,
    ]);
  });

  it.each([
    ["https://libero.example.com", "libero.example.com"],
    ["https://libero.example.com", "Example.com"],
    ["https://libero.winery.com.au", "winery.com.au"],
    ["https://192.0.2.7", "192.0.2.7"],
  ])("SESSION_COOKIE_DOMAIN may be the host, or a parent domain: %s, %s", (appUrl, domain) => {
    const env = envOf({ ...PRODUCTION, APP_URL: appUrl, SESSION_COOKIE_DOMAIN: domain });
    expect(env.sessionCookie.domain).toBe(domain);
    expect(env.problems).toEqual([]);
  });

  it.each([{ SESSION_COOKIE_DOMAIN: "libero.example.com" }, { SESSION_COOKIE_PATH: "/app" }])(
    "__Host- with %j",
    (more) => {
      expect(faultLines({ ...PRODUCTION, SESSION_COOKIE_NAME: "__Host-libero", ...more })).toEqual([
        "SESSION_COOKIE_NAME: begins with __Host-, which browsers accept only without SESSION_COOKIE_DOMAIN and with SESSION_COOKIE_PATH=/",
      ]);
    },
  );

  it.each(["__Host-libero", "__Secure-libero", "__secure-libero"])("%s without https", (name) => {
    for (const variable of ["SESSION_COOKIE_NAME", "COOKIE_SESSION_NAME"]) {
      expect(faultLines({ APP_URL: "http://libero.example.com", [variable]: name })).toEqual([
        `${variable}: begins with __Host- or __Secure-, which browsers accept only where APP_URL is https`,
      ]);
    }
    const { problems, sessionCookie } = envOf({ ...PRODUCTION, SESSION_COOKIE_NAME: name });
    expect([problems, sessionCookie.name]).toEqual([[], name]);
    expect(envOf({ ...PRODUCTION, COOKIE_SESSION_NAME: name }).cookieSessionName).toBe(name);
  });

  it("one name for both cookies", () => {
    expect(faultLines({ ...PRODUCTION, COOKIE_SESSION_NAME: "__libero_session" })).toEqual([
      "COOKIE_SESSION_NAME: is SESSION_COOKIE_NAME as well; give each cookie a name of its own",
    ]);
  });

  it("an APP_URL that is at fault itself brings no second fault", () => {
    const broken = { APP_URL: "libero.example.com", SESSION_COOKIE_DOMAIN: "libero.example.com" };
    expect(faultLines(broken)).toEqual([expect.stringMatching(/^APP_URL: /)]);
  });
});

describe("a session cookie that does not reach the frame is a problem, with which the app starts", () => {
  const problemsOf = (variables: Record<string, string>) => envOf({ ...PRODUCTION, ...variables }).problems;
  const preventing = (text: string) => [{ problem: expect.stringContaining(text), preventsSignIn: true }];

  it.each(["lax", "strict"])("SESSION_COOKIE_SAME_SITE=%s", (sameSite) => {
    expect(problemsOf({ SESSION_COOKIE_SAME_SITE: sameSite })).toEqual([
      {
        problem:
          `SESSION_COOKIE_SAME_SITE is ${sameSite}: browsers do not send the session cookie in the frame of Commerce7's ` +
          "admin; set it to auto, unless users open Libero outside the admin only",
        preventsSignIn: true,
      },
    ]);
  });

  it.each(["auto", "none"])("SESSION_COOKIE_SAME_SITE=%s is none", (sameSite) => {
    expect(problemsOf({ SESSION_COOKIE_SAME_SITE: sameSite })).toEqual([]);
  });

  it("APP_URL without https, where production takes it: http://127.0.0.1:3000", () => {
    const appUrl = "http://127.0.0.1:3000";
    expect(problemsOf({ APP_URL: appUrl })).toEqual(preventing(`APP_URL is ${appUrl}: without https`));
  });

  it.each(["http://libero.example.com", "http://192.0.2.7:3000"])(
    "APP_URL without https, which production refuses: %s",
    (appUrl) => {
      expect(envOf({ APP_URL: appUrl }).problems).toEqual(preventing(`APP_URL is ${appUrl}: without https`));
      expect(faultLines({ ...PRODUCTION, APP_URL: appUrl })).toEqual([
        "APP_URL: is http://, where anyone on the way reads the session cookie; serve Libero over https",
      ]);
    },
  );

  it("APP_URL without https in development too, except where the sandbox is the same site", () => {
    const inDevelopment = (APP_URL: string) => envOf({ APP_URL }).problems;
    expect(inDevelopment("http://192.0.2.7:3000")).toEqual(preventing("APP_URL is http://192.0.2.7:3000"));
    expect(inDevelopment("http://127.0.0.1:3000")).toEqual([]);
    expect(inDevelopment("http://[::1]:3000")).toEqual([]);
    expect(inDevelopment("http://localhost:3000")).toEqual([]);
  });

  it.each(["/app", "/libero"])("SESSION_COOKIE_PATH=%s", (path) => {
    expect(problemsOf({ SESSION_COOKIE_PATH: path })).toEqual(
      preventing(`SESSION_COOKIE_PATH is ${path}: browsers do not send the session cookie to all`),
    );
  });

  it("each problem has its own sentence", () => {
    const all = problemsOf({
      APP_URL: "http://127.0.0.1:3000",
      SESSION_COOKIE_SAME_SITE: "lax",
      SESSION_COOKIE_PATH: "/app",
    });
    expect(all.map(({ problem }) => problem.split(" ")[0])).toEqual([
      "SESSION_COOKIE_SAME_SITE",
      "SESSION_COOKIE_PATH",
    ]);
  });
});
