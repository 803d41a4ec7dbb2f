import { afterEach, expect, it } from "vitest";
import { type Wiring, wire } from "../../app/lib/wiring.server";
import { envOf } from "./env/support";

let wired: Wiring | undefined;
afterEach(() => wired?.stop());

/** The attributes of the session cookie where browsers reach the app at this address. */
async function attributesAt(appUrl: string): Promise<string[]> {
  wired = wire(envOf({ APP_URL: appUrl, LOG_LEVEL: "silent" }));
  const removal = await wired.sessions.end(null);
  return removal
    .split("; ")
    .slice(1)
    .filter((attribute) => !attribute.startsWith("Max-Age"))
    .sort();
}

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
