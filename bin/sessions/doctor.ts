import { styleText } from "node:util";
import { type Examination, examine } from "../../app/lib/doctor.server";
import type { Command } from "./command";
import { counted, plain } from "./output";

const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

export const doctor: Command = {
  summary: "Examines the environment, the database, Redis and what is between them. Changes nothing.",
  forms: ["doctor"],
  async run() {
    const { checks, notChecked } = await examine();
    const failed = checks.filter(({ status }) => status === "fail").length;
    const warnings = checks.filter(({ status }) => status === "warn").length;
    const skipped =
      notChecked.length > 0 ? `\nNot checked, since it rests on what failed: ${notChecked.join(", ")}.` : "";
    const sum =
      failed + warnings === 0 ? "All is well." : `${failed} failed, ${counted(warnings, "warning")}.`;
    return {
      document: { ok: failed === 0, checks, notChecked },
      text: `${checks.map(lineOf).join("")}\n${sum}${skipped}\n`,
      exitCode: failed > 0 ? 1 : 0,
    };
  },
};

function lineOf({ check, status, found, mend }: Examination["checks"][number]): string {
  const indent = " ".repeat(19);
  const [first, ...rest] = found.split("\n").map(plain);
  const below = rest.concat(mend ? [`→ ${mend}`] : []).map((line) => `${indent}${line}\n`);
  return `${styleText(COLOURS[status], status.padEnd(4))}  ${check.padEnd(11)}  ${first}\n${below.join("")}`;
}
