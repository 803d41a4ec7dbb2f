import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestHandler } from "@remix-run/express";
import type { LoaderFunctionArgs, ServerBuild } from "@remix-run/node";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { createCookieStorage } from "../../../app/lib/adapters/cookie-session-storage";
import { SECRET, sentBack } from "./support";

const auto = createCookieStorage({ secrets: [SECRET], secure: "auto" });
const isSecure = (setCookie: string) => setCookie.split("; ").includes("Secure");
const over = (scheme: string, cookie = "") => new Request(`${scheme}://a.example/`, { headers: { cookie } });

describe('B4: Secure: "auto"', () => {
  it.each([
    ["https", true],
    ["http", false],
  ])("follows the connection of the session's request: %s", async (scheme, secure) => {
    const session = await auto.getUserSession(over(scheme));
    session.set("theme", "dark");
    expect(isSecure(await auto.commitSession(session))).toBe(secure);
    expect(isSecure(await auto.destroySession(session))).toBe(secure);
  });

  it("is on where nobody knows the request, and as the caller says where they say", async () => {
    expect(isSecure(await auto.commitSession(await auto.getSession()))).toBe(true);
    const session = await auto.getUserSession(over("https"));
    expect(isSecure(await auto.commitSession(session, { secure: false }))).toBe(false);
  });

  it("true and false stay as they are, whatever the request was", async () => {
    for (const secure of [true, false]) {
      const storage = createCookieStorage({ secrets: [SECRET], secure });
      for (const scheme of ["http", "https"]) {
        const session = await storage.getUserSession(over(scheme));
        expect(isSecure(await storage.commitSession(session))).toBe(secure);
      }
    }
  });
});

describe("B4: behind a proxy that ends TLS, through Express and Remix", () => {
  const closing: (() => unknown)[] = [];
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

  /** What a Remix loader answers that keeps something in the session: its Set-Cookie, for these request headers. */
  async function setCookieOf(trustProxy: boolean | number, headers: Record<string, string>): Promise<string> {
    const loader = async ({ request }: LoaderFunctionArgs) => {
      const session = await auto.getUserSession(request);
      session.set("visits", (session.get("visits") ?? 0) + 1);
      return new Response("kept", { headers: { "Set-Cookie": await auto.commitSession(session) } });
    };
    const app = express().set("trust proxy", trustProxy);
    app.all("*", createRequestHandler({ build: buildOf(loader) }));
    const server = createServer(app).listen(0, "127.0.0.1");
    closing.push(() => new Promise((closed) => server.close(closed)));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close", ...headers } });
    expect(await answer.text()).toBe("kept");
    return answer.headers.get("set-cookie") ?? "";
  }

  it.each([
    ["a trusted proxy that got https", 1, { "x-forwarded-proto": "https" }, true],
    ["a trusted proxy that got http", 1, { "x-forwarded-proto": "http" }, false],
    ["a trusted proxy that says nothing", true, {}, false],
    ["a visitor who only says so", false, { "x-forwarded-proto": "https" }, false],
  ])("%s", async (_who, trustProxy, headers, secure) => {
    const setCookie = await setCookieOf(trustProxy, headers);
    expect(isSecure(setCookie)).toBe(secure);
    expect((await auto.getSession(sentBack(setCookie))).data).toEqual({ visits: 1 });
  });
});

/** A Remix app of one address. */
function buildOf(loader: (args: LoaderFunctionArgs) => Promise<Response>): ServerBuild {
  const route = { id: "routes/_index", index: true, path: undefined };
  return {
    entry: { module: { default: () => new Response() } },
    routes: { [route.id]: { ...route, module: { loader } } },
    assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
    assetsBuildDirectory: "",
    publicPath: "/",
    future: {},
    isSpaMode: false,
  } as unknown as ServerBuild;
}
