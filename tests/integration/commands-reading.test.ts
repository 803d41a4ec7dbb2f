import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MINUTE_MS } from "../../app/lib/base/durations";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import type { Database } from "../../app/lib/db/database";
import { createSqlSessionStore } from "../../app/lib/session-stores/sql";
import { callSessions, documentOf, hasHome, OPERATOR_HOMES, type OperatorHome } from "../support/commands";
import { aClient, aSession, HOUR, NOW } from "../support/examples";

const jason = { id: "jason-1", name: "Jason Andres", email: "jason@example.com", role: "Admin Owner" };
/** A name that would clear the screen and turn the rest of the line around. */
const mallory = { id: "mallory-1", name: "Mal\u001b[2Jlo\u202ery", email: null, role: null };
const KINDS = Object.keys(OPERATOR_HOMES) as Database["kind"][];

for (const kind of KINDS)
  describe.skipIf(!hasHome(kind))(`what the operator reads over ${kind}`, () => {
    let home: OperatorHome;
    const ids: Record<string, string> = {};

    /** At bodega Jason twice and Mallory once; at old-oak Jason, whose time is over; one more has signed out. */
    const furnish = async (db: Database) => {
      const [clients, store] = [createSqlClientStore(db), createSqlSessionStore(db)];
      const bodega = await clients.install(aClient("bodega"));
      const oak = await clients.install(aClient("old-oak"));
      for (const [name, clientId, user, ageMinutes, lastsMs] of [
        ["first", bodega.id, jason, 30, 8 * HOUR],
        ["second", bodega.id, jason, 20, 8 * HOUR],
        ["hers", bodega.id, mallory, 10, 8 * HOUR],
        ["over", oak.id, jason, 120, HOUR],
        ["gone", oak.id, mallory, 40, 8 * HOUR],
      ] as const) {
        const createdAtMs = NOW - ageMinutes * MINUTE_MS;
        const times = { createdAtMs, expiresAtMs: createdAtMs + lastsMs };
        const data = { theme: "dark", note: "hunter2 žluť" };
        ids[name] = (await store.create(aSession(clientId, { user, data, ...times }))).id;
      }
      await store.end(ids.gone as string, "signed_out");
    };
    beforeAll(async () => {
      home = await OPERATOR_HOMES[kind]();
      await home.prepare(furnish);
    });
    afterAll(() => home.close());

    it("E8, A10: stats tells totals, and the day's endings by every reason there is", async () => {
      const { code, stderr, document } = await documentOf(["stats"], home.env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(document).toMatchObject({ total: 4, active: 3, expired: 1, clients: 1, users: 2 });
      expect(document.meanIdleMinutes).toBeGreaterThan(19.9);
      expect(document.meanIdleMinutes).toBeLessThan(25);
      expect(document.endings.reasons).toMatchObject({ signed_out: 1, operator: 0, expired: 0, deleted: 0 });
      expect(Date.now() - Date.parse(document.endings.since)).toBeGreaterThan(24 * HOUR - 1);

      const { stdout } = await callSessions(["stats"], home.env);
      expect(stdout).toMatch(/^active +3$/m);
      expect(stdout).toMatch(/^signed_out +1$/m);
      expect(stdout).not.toContain("operator");
    });

    it("E8, R15: list tells open sessions, the newest first: all, a winery's, or a person's there", async () => {
      const listed = async (...args: string[]) => {
        const { document } = await documentOf(["list", ...args], home.env);
        return { ...document, sessions: document.sessions.map(({ id }: { id: string }) => id) };
      };
      const { hers, second, first } = ids;
      expect(await listed()).toEqual({ sessions: [hers, second, first], more: false });
      expect(await listed("--tenant", "bodega", "--limit", "2")).toEqual({
        sessions: [hers, second],
        more: true,
      });
      const his = await listed("--tenant", "bodega", "--user", "jason-1");
      expect(his).toEqual({ sessions: [second, first], more: false });
      expect(await listed("--tenant", "old-oak")).toEqual({ sessions: [], more: false });
    });

    it("lists for reading: a line a session, and nothing in it that steers a terminal", async () => {
      const { code, stdout, stderr } = await callSessions(["list", "--limit", "2"], home.env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const [head, ...lines] = stdout.trim().split("\n");
      expect(head).toMatch(/^SESSION +WINERY +PERSON +BROWSER /);
      expect(lines[0]).toMatch(
        new RegExp(`^${ids.hers}  bodega  Mal\ufffd\\[2Jlo\ufffdry +Firefox on Windows +2`),
      );
      expect(lines.slice(2)).toEqual(["", "There are more: --limit shows up to 500."]);
      for (const steering of ["\u001b", "\u202e"]) expect(stdout).not.toContain(steering);
      expect((await callSessions(["list", "--tenant", "old-oak"], home.env)).stdout).toBe(
        "No session is open.\n",
      );
    });

    it("E8, E1, R36: show tells of an open session all but its secret's hash and its data's values", async () => {
      const { document } = await documentOf(["show", (ids.first as string).toUpperCase()], home.env);
      expect(document).toMatchObject({
        id: ids.first,
        state: "open",
        tenantId: "bodega",
        endedAt: null,
        session: {
          user: jason,
          createdAt: new Date(NOW - 30 * MINUTE_MS).toISOString(),
          expiresAt: new Date(NOW - 30 * MINUTE_MS + 8 * HOUR).toISOString(),
        },
        events: [{ event: "started", reason: null, sessionId: ids.first }],
      });
      expect(document.session.data).toEqual(
        expect.arrayContaining([
          { key: "theme", bytes: 6 },
          { key: "note", bytes: 16 },
        ]),
      );
      const { stdout } = await callSessions(["show", ids.first as string], home.env);
      expect(stdout).toMatch(/^note +16$/m);
      for (const printed of [stdout, JSON.stringify(document)]) {
        expect(printed).not.toMatch(/hash|secret|hunter2/i);
        // As hex or base64, 32 bytes would be a run of this length.
        expect(printed).not.toMatch(/[0-9A-Za-z+/_-]{40}/);
      }
    });

    it("E8: show tells of a session that is over why and when, as long as there is history", async () => {
      expect((await documentOf(["show", ids.over as string], home.env)).document.state).toBe("expired");
      const { document } = await documentOf(["show", ids.gone as string], home.env);
      const [ended, started] = document.events;
      expect(document).toMatchObject({
        state: "ended",
        endReason: "signed_out",
        tenantId: "old-oak",
        session: null,
      });
      expect([ended.event, started.event]).toEqual(["ended", "started"]);
      expect(document.endedAt).toBe(ended.at);
      const { stdout } = await callSessions(["show", ids.gone as string], home.env);
      expect(stdout).toMatch(/^state +ended at 2[\d-]+ [\d:]+ UTC: signed_out$/m);
    });
  });
