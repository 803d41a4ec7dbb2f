import { cleanUp, operate } from "../../app/lib/operator.server";
import type { Command } from "./command";
import { counted } from "./output";

export const cleanup: Command = {
  summary: "Deletes every session that has expired, and history older than SESSION_EVENT_RETENTION_DAYS.",
  forms: ["cleanup"],
  async run() {
    const { sessions, events, httpSessions } = await operate(cleanUp);
    const what = [counted(sessions, "expired session"), counted(httpSessions, "HTTP session")];
    const text = `${what.join(", ")} and ${counted(events, "old event")} deleted.\n`;
    const deletedHttpSessions = httpSessions;
    return { document: { deletedSessions: sessions, deletedHttpSessions, deletedEvents: events }, text };
  },
};
