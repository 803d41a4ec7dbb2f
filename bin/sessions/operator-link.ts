import { makeOperatorLink, operate } from "../../app/lib/operator.server";
import type { Command } from "./command";
import { instant } from "./output";

export const operatorLink: Command = {
  summary: "Makes a link that signs an operator in, once, in any browser, without a mail.",
  forms: ["operator-link --email <address>"],
  details: `  --email           an address of OPERATOR_EMAILS`,
  options: { email: { type: "string" } },
  async run({ values: { email } }) {
    const { link, expiresAtMs } = await operate(() => makeOperatorLink(email as string | undefined));
    const text = `${link}\n\nIt works once, until ${instant(expiresAtMs)} UTC, in any browser: do not pass it on.\n`;
    return { document: { link, expiresAtMs }, text };
  },
};
