import { afterEach, expect, it } from "vitest";
import { type Wiring, wire } from "../../app/lib/wiring.server";
import { envOf } from "./env/support";

let wired: Wiring | undefined;
afterEach(() => wired?.stop());

/** What removes the session cookie in an app with these settings: its name, and its attributes but one. */
async function cookieOf(variables: Record<string, string>) {
  wired = wire(envOf({ LOG_LEVEL: "silent", ...variables }));
  const [pair = "", ...attributes] = (await wired.sessions.destroy(null)).split("; ");
  return {
    name: pair.split("=")[0],
    attributes: attributes.filter((attribute) => !attribute.startsWith("Max-Age")).sort(),
  };
}

const attributesAt = async (appUrl: string) => (await cookieOf({ APP_URL: appUrl })).attributes;

it.each(["https://libero.example.com", "http://localhost:3000", "http://libero.localhost:3000"])(
  "R19, E7: at %s the cookie is Secure, SameSite=None and Partitioned, so that it works in the admin's frame",
  async (appUrl) => {
    expect(await attributesAt(appUrl)).toEqual(
      ["HttpOnly", "Partitioned", "Path=/", "SameSite=None", "Secure"].sort(),
    );
  },
);

it.each(["http://192.0.2.7:3000", "http://libero.example.com", "http://localhost.example.com"])(
  "R21: at %s, where browsers take no Secure cookie, it is Lax",
  async (appUrl) => {
    expect(await attributesAt(appUrl)).toEqual(["HttpOnly", "Path=/", "SameSite=Lax"]);
  },
);

it.each([
  ["strict", "SameSite=Strict"],
  ["lax", "SameSite=Lax"],
])(
  "C3, R21: it may be %s, for an app that is not framed, and is not partitioned then",
  async (sameSite, written) => {
    const { attributes } = await cookieOf({
      APP_URL: "https://libero.example.com",
      SESSION_COOKIE_SAME_SITE: sameSite,
    });
    expect(attributes).toEqual(["HttpOnly", "Path=/", "Secure", written].sort());
  },
);

it("A1, R23: its name is __libero_session, for the whole of one host, where nothing else is set", async () => {
  const { name, attributes } = await cookieOf({ APP_URL: "https://libero.example.com" });
  expect(name).toBe("__libero_session");
  expect(attributes.filter((attribute) => /^(Path|Domain)/.test(attribute))).toEqual(["Path=/"]);
});

it("C3: name, path and domain may be set", async () => {
  const { name, attributes } = await cookieOf({
    APP_URL: "https://libero.example.com",
    SESSION_COOKIE_NAME: "staff",
    SESSION_COOKIE_PATH: "/libero",
    SESSION_COOKIE_DOMAIN: "example.com",
  });
  expect(name).toBe("staff");
  expect(attributes).toEqual(
    ["Domain=example.com", "HttpOnly", "Partitioned", "Path=/libero", "SameSite=None", "Secure"].sort(),
  );
});
