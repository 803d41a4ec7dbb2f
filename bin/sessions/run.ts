import { InputError, NotFoundError } from "../../app/lib/operator.server";
import { describeFailure, loadDotEnv } from "../command";
import { cleanup } from "./cleanup";
import { type Command, formsOf, parseInput, usageOf } from "./command";
import { doctor } from "./doctor";
import { end } from "./end";
import { list } from "./list";
import { operatorLink } from "./operator-link";
import { toDocument } from "./output";
import { rekey } from "./rekey";
import { show } from "./show";
import { stats } from "./stats";

const COMMANDS: Record<string, Command> = {
  ...{ stats, list, show, end, cleanup, rekey, doctor },
  "operator-link": operatorLink,
};

const USAGE = `Usage: npm run sessions -- <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(13)}  ${summary}`)
  .join("\n")}

Every command takes --json and --help. Exit codes: 0 done, 1 failed, 2 not understood or not confirmed.
`;

/** What a command leaves: its exit code, the answer, and what was wrong. */
export type Outcome = { code: number; stdout: string; stderr: string };

/** Runs the operator's command line for sessions. @param args what follows `npm run sessions --` */
export async function runSessionsCommand([name = "", ...args]: string[]): Promise<Outcome> {
  if (["--help", "-h", "help"].includes(name)) return answer(USAGE);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return failure(name ? `there is no command ${JSON.stringify(name)}\n\n${USAGE}` : USAGE, 2);
  try {
    const input = parseInput(command, args);
    if (input.values.help) return answer(usageOf(command));
    loadDotEnv();
    const { document, text, exitCode } = await command.run(input);
    return answer(input.values.json ? `${JSON.stringify(toDocument(document), null, 2)}\n` : text, exitCode);
  } catch (error) {
    if (error instanceof InputError) return failure(`${error.message}\n\n${formsOf(command)}`, 2);
    if (error instanceof NotFoundError) return failure(`${error.message}\n`, 1);
    return failure(`${describeFailure(error)}\n`, 1);
  }
}

const answer = (stdout: string, code = 0): Outcome => ({ code, stdout, stderr: "" });

const failure = (stderr: string, code: number): Outcome => ({ code, stdout: "", stderr });
