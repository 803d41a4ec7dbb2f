import {
  InputError,
  NotFoundError,
  operate,
  prepareEnding,
  understandEnding,
} from "../../app/lib/operator.server";
import type { Answer, Command } from "./command";
import { confirm } from "./confirm";
import { counted, plain } from "./output";

export const end: Command = {
  summary: "Ends sessions at once, for good; asks before it does.",
  forms: [
    "end <session id> [--yes]",
    "end --tenant <tenant id> [--user <user id>] [--yes]",
    "end --operators [--yes]",
    "end --all [--yes]",
  ],
  details: `  --tenant          all of one winery: the first label of its admin's host
  --user            all of one person there: the platform's id of the account
  --operators       all of operators
  --all             every session there is, operators' too
  --yes             does not ask; needed where there is no terminal to ask on`,
  options: {
    tenant: { type: "string" },
    user: { type: "string" },
    operators: { type: "boolean" },
    all: { type: "boolean" },
    yes: { type: "boolean" },
  },
  takesId: true,
  async run({ id, values: { yes, ...scope } }) {
    const target = understandEnding({ id, ...scope });
    if (!yes && !process.stdin.isTTY) {
      throw new InputError(
        "ending sessions cannot be undone: add --yes, or call it on a terminal to be asked",
      );
    }
    return operate(async (): Promise<Answer> => {
      const { of, open, end } = await prepareEnding(target);
      const all = open === 1 ? "1 session" : `all ${open} sessions`;
      const question = `End ${target.id ? "the session" : all}${of ? ` of ${plain(of)}` : ""}?`;
      const sure = yes || (await confirm(question));
      if (!sure) return { document: { ended: 0 }, text: "Nothing was ended.\n", exitCode: 2 };
      const ended = await end();
      if (target.id && ended === 0) throw new NotFoundError(`session ${target.id} ended by itself meanwhile`);
      return { document: { ended }, text: `${counted(ended, "session")} ended.\n` };
    });
  },
};
