import { listSessions, operate } from "../../app/lib/operator.server";
import type { Command } from "./command";
import { instant, table } from "./output";

const HEAD = ["SESSION", "WINERY", "PERSON", "BROWSER", "STARTED (UTC)", "LAST ACTIVE", "ENDS"];

export const list: Command = {
  summary: "Lists open sessions, the newest first.",
  forms: ["list [--tenant <tenant id> [--user <user id>]] [--limit <number>]"],
  details: `  --tenant          of one winery: the first label of its admin's host
  --user            of one person there: the platform's id of the account
  --limit           at most so many, 1 to 500; 50 where it is not given`,
  options: { tenant: { type: "string" }, user: { type: "string" }, limit: { type: "string" } },
  async run({ values }) {
    const found = await operate(() => listSessions(values));
    const rows = found.sessions.map((session) => [
      session.id,
      session.tenantId,
      session.user.name,
      session.device,
      ...[session.createdAtMs, session.lastActivityAtMs, session.expiresAtMs].map(instant),
    ]);
    if (rows.length === 0) return { document: found, text: "No session is open.\n" };
    const more = found.more ? "\nThere are more: --limit shows up to 500.\n" : "";
    return { document: found, text: table(HEAD, rows) + more };
  },
};
