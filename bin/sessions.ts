import { InputError, NotFoundError } from "../app/lib/operator.server";
import { describeFailure, loadDotEnv } from "./command";
import { cleanup } from "./sessions/cleanup";
import { type Command, formsOf, parseInput, usageOf } from "./sessions/command";
import { doctor } from "./sessions/doctor";
import { end } from "./sessions/end";
import { list } from "./sessions/list";
import { toDocument } from "./sessions/output";
import { rekey } from "./sessions/rekey";
import { show } from "./sessions/show";
import { stats } from "./sessions/stats";

const COMMANDS: Record<string, Command> = { stats, list, show, end, cleanup, rekey, doctor };

const USAGE = `Usage: npm run sessions -- <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)}  ${summary}`)
  .join("\n")}

Every command takes --json and --help. Exit codes: 0 done, 1 failed, 2 not understood or not confirmed.
`;

/** The operator's command line for sessions. @returns the exit code */
async function main([name = "", ...args]: string[]): Promise<number> {
  if (["--help", "-h", "help"].includes(name)) return answer(USAGE);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return complain(name ? `there is no command ${JSON.stringify(name)}\n\n${USAGE}` : USAGE, 2);
  try {
    const input = parseInput(command, args);
    if (input.values.help) return answer(usageOf(command));
    loadDotEnv();
    const { document, text, exitCode } = await command.run(input);
    return answer(input.values.json ? `${JSON.stringify(toDocument(document), null, 2)}\n` : text, exitCode);
  } catch (error) {
    if (error instanceof InputError) return complain(`${error.message}\n\n${formsOf(command)}`, 2);
    if (error instanceof NotFoundError) return complain(`${error.message}\n`, 1);
    return complain(`${describeFailure(error)}\n`, 1);
  }
}

function answer(text: string, exitCode = 0): number {
  process.stdout.write(text);
  return exitCode;
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(text);
  return exitCode;
}

// Whoever reads along may have seen enough, like `head`.
process.stdout.on("error", () => {});
// What went wrong is logged, on standard error. `.env` speaks for the app, so its level counts for nothing here.
process.env.LOG_LEVEL ??= "warn";
process.exitCode = await main(process.argv.slice(2));
