import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import { readEnv } from "../../app/lib/env.server";
import { type Wiring, wire } from "../../app/lib/wiring.server";
import { callSessions, documentOf, runSessionsOnTerminal } from "../support/commands";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { aClient, aSession } from "../support/examples";

const jason = { id: "jason-1", name: "Jason Andres", email: null, role: null };
const maria = { id: "maria-1", name: "Maria Lopez", email: null, role: null };

describe("sessions end, beside an app that runs and reads sessions from memory", () => {
  let database: TestDatabase;
  let app: Wiring;
  let env: Record<string, string>;
  /** A cookie header by the name of whoever has it, with the session's id. */
  const open: Record<string, { id: string; cookie: string }> = {};

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
    app = wire(readEnv({ NODE_ENV: "test", LOG_LEVEL: "silent", ...env }));
    await app.start();
    await vi.waitFor(() => expect(app.channel?.epoch()).toBeDefined(), { timeout: 5_000 });
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  beforeEach(async () => {
    await database.reset();
    const clients = createSqlClientStore(app.db);
    const bodega = await clients.install(aClient("bodega"));
    const oak = await clients.install(aClient("old-oak"));
    for (const [name, clientId, user] of [
      ["jason", bodega.id, jason],
      ["jason again", bodega.id, jason],
      ["maria", bodega.id, maria],
      ["jason elsewhere", oak.id, jason],
    ] as const) {
      const { session, setCookie } = await app.sessions.start({
        clientId,
        user,
        device: "Firefox on Windows",
      });
      open[name] = { id: session.id, cookie: setCookie.split(";")[0] as string };
    }
    expect(await accepted()).toEqual(Object.keys(open));
  });

  /** Whom the app lets in. */
  const accepted = async () => {
    const names = Object.keys(open);
    const read = await Promise.all(names.map((name) => app.sessions.read(open[name]?.cookie)));
    return names.filter((_, index) => read[index] !== undefined);
  };
  const untilAccepted = (names: string[]) => vi.waitFor(async () => expect(await accepted()).toEqual(names));
  const reasonsOf = async (name: string) => {
    const events = await app.store.events({ sessionId: open[name]?.id as string }, 10);
    return events.filter(({ event }) => event === "ended").map(({ reason }) => reason);
  };

  it("E8, R10, R14: ends one session, which the running app refuses from then on; its history says why", async () => {
    const id = open.jason?.id as string;
    expect(await documentOf(["end", id, "--yes"], env)).toEqual({
      code: 0,
      stderr: "",
      document: { ended: 1 },
    });
    await untilAccepted(["jason again", "maria", "jason elsewhere"]);
    expect(await reasonsOf("jason")).toEqual(["operator"]);
    expect(await reasonsOf("jason again")).toEqual([]);

    const again = await callSessions(["end", id, "--yes"], env);
    expect(again).toEqual({ code: 1, stdout: "", stderr: `session ${id} is over already (operator)\n` });
  });

  it.each([
    {
      whose: "one person",
      scope: ["--tenant", "bodega", "--user", "jason-1"],
      left: ["maria", "jason elsewhere"],
    },
    { whose: "one winery", scope: ["--tenant", "bodega"], left: ["jason elsewhere"] },
    { whose: "everybody", scope: ["--all"], left: [] },
  ])("E8, R10, R14: ends all sessions of $whose, and says how many", async ({ scope, left }) => {
    const outcome = await callSessions(["end", ...scope, "--yes"], env);
    expect(outcome).toEqual({ code: 0, stdout: `${4 - left.length} sessions ended.\n`, stderr: "" });
    await untilAccepted(left);
    for (const name of Object.keys(open)) {
      expect(await reasonsOf(name), name).toEqual(left.includes(name) ? [] : ["operator"]);
    }
  });

  it.each([
    [["--operators"], 2, ["jason", "jason again", "maria", "jason elsewhere"]],
    [["--all"], 6, []],
  ])("R14: %j ends operators' sessions, and no session of another program", async (scope, ended, left) => {
    const expiresAtMs = Date.now() + 3_600_000;
    const operator = { operator: "olga@libero.example", signedInAtMs: Date.now() };
    const [here, there, shop] = [randomUUID(), randomUUID(), randomUUID()];
    for (const [sid, data] of [
      [here, operator],
      [there, operator],
      [shop, { operator: { id: 7 }, cart: [1] }],
    ] as const) {
      await app.httpSessions.set(sid, { data: data as never, expiresAtMs });
    }
    const outcome = await callSessions(["end", ...scope, "--yes"], env);
    expect(outcome).toEqual({ code: 0, stdout: `${ended} sessions ended.\n`, stderr: "" });
    await untilAccepted(left);
    expect(await app.httpSessions.get(here)).toBeUndefined();
    expect(await app.httpSessions.get(there)).toBeUndefined();
    expect(await app.httpSessions.get(shop)).toBeDefined();
    await app.httpSessions.clear();
  });

  it("R14, E3: a sign-in that began before all were ended is refused after", async () => {
    const ticket = await app.sessions.beginSignIn();
    const clientId = (await app.clients.findByTenant("bodega"))?.id as string;
    await callSessions(["end", "--tenant", "bodega", "--yes"], env);
    const late = aSession(clientId, { user: maria, ticket });
    await expect(app.store.create(late)).rejects.toThrow("all sessions were ended during this sign-in");
  });

  it("without a terminal it ends nothing unless told --yes, and says so with exit code 2", async () => {
    for (const scope of [[open.jason?.id as string], ["--tenant", "bodega"], ["--all"]]) {
      const { code, stdout, stderr } = await callSessions(["end", ...scope], env);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^ending sessions cannot be undone: add --yes/);
    }
    expect(await accepted()).toEqual(Object.keys(open));
  });

  // The command `script` of Linux makes a terminal; elsewhere it is called in another way.
  const canMakeTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
  describe.skipIf(!canMakeTerminal)("on a terminal (needs script, of util-linux)", () => {
    it.each([
      { answer: "y\n", code: 0, says: "3 sessions ended." },
      { answer: "n\n", code: 2, says: "Nothing was ended." },
      { answer: "\n", code: 2, says: "Nothing was ended." },
      { answer: "\u0003", code: 2, says: "Nothing was ended." },
      { answer: "\u0004", code: 2, says: "Nothing was ended." },
    ])("asks first, and takes $answer for an answer", async ({ answer, code, says }) => {
      const outcome = await runSessionsOnTerminal(["end", "--tenant", "bodega"], env, answer);
      expect(outcome.stdout).toContain("End all 3 sessions of bodega? [y/N]");
      expect(outcome.stdout).toContain(says);
      expect(outcome.code).toBe(code);
      await untilAccepted(code === 0 ? ["jason elsewhere"] : Object.keys(open));
    });

    it("names whose session it is about to end", async () => {
      const outcome = await runSessionsOnTerminal(["end", open.maria?.id as string], env, "yes\n");
      expect(outcome.stdout).toContain(
        "End the session of Maria Lopez at bodega (Firefox on Windows)? [y/N]",
      );
      await untilAccepted(["jason", "jason again", "jason elsewhere"]);
    });
  });
});
