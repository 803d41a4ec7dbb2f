import { randomUUID } from "node:crypto";
import type { Logger } from "../../../app/lib/base/logger";
import { createMemoryStores } from "../../../app/lib/session-stores/memory";
import type { ActivityRecorder } from "../../../app/lib/sessions/activity";
import { createSessionCookie } from "../../../app/lib/sessions/cookie";
import { createSessionManager } from "../../../app/lib/sessions/manager";
import type { SessionUser } from "../../../app/lib/sessions/session";
import { aClient } from "../../support/examples";

export const NAME = "__libero_session";
export const SECRET = "first-signing-key-of-thirty-two-or-more";
export const EIGHT_HOURS = 8 * 60 * 60;

/** The cookie as it is where browsers reach the app over https. */
export function aCookie({ name = NAME, secrets = [SECRET] }: { name?: string; secrets?: string[] } = {}) {
  return createSessionCookie({
    name,
    secrets,
    attributes: { sameSite: "none", secure: true, partitioned: true },
  });
}

/** The Cookie header that a browser makes of a Set-Cookie value. */
export const sentBack = (setCookie: string) => setCookie.split(";")[0] as string;

export const jason: SessionUser = {
  id: "12211212-2706-4e36-bcf5-57a9248edcdf",
  name: "Jason Andres",
  email: "jason@example.com",
  role: "Admin Owner",
};

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { lines: { level: string; fields: object; message: string }[] } {
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  } as never;
}

/** The engine over the memory store, at a time that a test moves. */
export async function openEngine() {
  const time = { nowMs: 1_800_000_000_000 };
  const clock = () => time.nowMs;
  const { clients, sessions: store } = createMemoryStores(clock);
  const noted: [sessionId: string, atMs: number][] = [];
  const activity: ActivityRecorder = {
    note: (sessionId, atMs) => void noted.push([sessionId, atMs]),
    flush: async () => {},
  };
  const cookie = aCookie();
  const manager = createSessionManager({ store, cookie, activity, clock, maxAgeSeconds: EIGHT_HOURS });
  const client = await clients.install(aClient(`winery-${randomUUID().slice(0, 8)}`));
  return {
    time,
    clients,
    store,
    cookie,
    manager,
    client,
    noted,
    /** Signs Jason in, and answers what his browser sends from now on. */
    async signIn(cookieHeader?: string | null, changes: { maxAgeSeconds?: number } = {}) {
      const signIn = { clientId: client.id, user: jason, ...changes };
      const { session, setCookie } = await manager.start(signIn, cookieHeader);
      return { session, setCookie, header: sentBack(setCookie) };
    },
  };
}
