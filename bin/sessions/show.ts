import { operate, readSession, type SessionReport } from "../../app/lib/operator.server";
import type { Command } from "./command";
import { facts, instant, table } from "./output";

export const show: Command = {
  summary: "Tells what there is to tell about one session, open or over, and what happened to it.",
  forms: ["show <session id>"],
  takesId: true,
  async run({ id }) {
    const report = await operate(() => readSession(id));
    const { session, events } = report;
    const parts = [
      facts([
        ["session", report.id],
        ["state", stateOf(report)],
        ["winery", report.tenantId],
      ]),
      session && factsOf(session),
      session && session.data.length > 0 && table(["DATA", "BYTES"], session.data.map(Object.values)),
      events.length > 0 && table(["TIME (UTC)", "EVENT", "REASON", "BROWSER"], events.map(rowOf)),
    ];
    return { document: report, text: parts.filter(Boolean).join("\n") };
  },
};

function stateOf({ state, endedAtMs, endReason }: SessionReport): string {
  if (state !== "ended") return state;
  return endedAtMs ? `ended at ${instant(endedAtMs)} UTC: ${endReason}` : "ended; when and why is not known";
}

function factsOf(session: NonNullable<SessionReport["session"]>): string {
  const { user, idleTimeoutSeconds: idle } = session;
  return facts([
    ["person", user.name],
    ["user id", user.id],
    ["e-mail", user.email],
    ["role", user.role],
    ["browser", session.device],
    ["origin", session.origin],
    ["started (UTC)", instant(session.createdAtMs)],
    ["last active", instant(session.lastActivityAtMs)],
    ["ends", instant(session.expiresAtMs)],
    ["renewable until", instant(session.renewableUntilMs)],
    ["ends when idle for", idle > 0 ? `${idle} s` : "no such limit"],
    ["changes of data", session.revision],
  ]);
}

function rowOf({ atMs, event, reason, device }: SessionReport["events"][number]) {
  return [instant(atMs), event, reason, device];
}
