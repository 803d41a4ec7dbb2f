import { operate } from "../../app/lib/operator.server";
import { readFigures } from "../../app/lib/operator-figures.server";
import type { Command } from "./command";
import { facts } from "./output";

const HOURS = 24;

export const stats: Command = {
  summary: "Says how many sessions there are, and why sessions ended in the last 24 hours.",
  forms: ["stats"],
  async run() {
    const figures = await operate(() => readFigures(HOURS));
    const { total, active, expired, clients, users, meanIdleMinutes, endings } = figures;
    const totals = facts([
      ["sessions", total],
      ["active", active],
      ["expired", expired],
      ["wineries", clients],
      ["people", users],
      ["mean idle minutes", meanIdleMinutes.toFixed(1)],
    ]);
    const occurred = Object.entries(endings.reasons).filter(([, count]) => count > 0);
    const ended = occurred.length > 0 ? facts(occurred) : "none\n";
    return { document: figures, text: `${totals}\nEnded in the last ${HOURS} hours:\n${ended}` };
  },
};
