import type { Servers } from "../servers";

/** A session system with sessions in it, as a server uses it for one request. */
export type Contender = {
  name: string;
  kind: "libero" | "peer" | "floor";
  /** Live sessions: the Cookie header that a browser sends, and whose it is. */
  sessions: { cookie: string; userId: string }[];
  /**
   * All that one request costs: the session is loaded, found to be live, and its use is kept where the system does that.
   * @returns the user's id; undefined where the cookie opens nothing
   */
  read(cookieHeader: string): Promise<string | undefined> | string | undefined;
  /** Whether it has a cache that runs out between two of its rounds. */
  refills?: boolean;
  close(): Promise<void>;
};

/** Opens a system of its own, with so many sessions, each of another user. */
export type OpenContender = (servers: Servers, sessionCount: number) => Promise<Contender>;

/**
 * Refuses a contender that does not do its work: each session has to open, and nothing else.
 * @throws where it opens the wrong session, none, or one whose cookie was tampered with
 */
export async function checkContender({ name, kind, sessions, read }: Contender): Promise<void> {
  for (const { cookie, userId } of sessions.slice(0, 100)) {
    if ((await read(cookie)) !== userId) throw new Error(`${name} does not open its own sessions`);
  }
  if (kind === "floor") return;
  const { cookie } = sessions[0] as Contender["sessions"][number];
  const at = Math.floor(cookie.length * 0.7);
  const tampered = cookie.slice(0, at) + (cookie[at] === "A" ? "B" : "A") + cookie.slice(at + 1);
  if ((await read(tampered)) !== undefined) throw new Error(`${name} opens a cookie that was tampered with`);
}
