import { cleanUp, operate } from "../../app/lib/operator.server";
import type { Command } from "./command";
import { counted } from "./output";

export const cleanup: Command = {
  summary: "Deletes every session that has expired, and history older than SESSION_EVENT_RETENTION_DAYS.",
  forms: ["cleanup"],
  async run() {
    const { sessions, events } = await operate(cleanUp);
    const text = `${counted(sessions, "expired session")} and ${counted(events, "old event")} deleted.\n`;
    return { document: { deletedSessions: sessions, deletedEvents: events }, text };
  },
};
