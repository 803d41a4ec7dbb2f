import { type ParseArgsConfig, parseArgs } from "node:util";
import { InputError } from "../../app/lib/operator.server";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command answers: the same as a document and for reading. */
export type Answer = { document: unknown; text: string; exitCode?: 0 | 1 | 2 };

export type Input = { id: string | undefined; values: Record<string, string | boolean | undefined> };

export type Command = {
  /** One line. */
  summary: string;
  /** What follows `npm run sessions --`, a line for each form. */
  forms: string[];
  /** A line for each of its own options. */
  details?: string;
  options?: Options;
  /** Whether a session id may follow the command. */
  takesId?: boolean;
  /** @throws InputError, NotFoundError, ConfigurationError, UnavailableError */
  run(input: Input): Promise<Answer>;
};

const GLOBAL_OPTIONS = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } satisfies Options;

/** Reads what follows the command's name. @throws InputError for what the command does not know */
export function parseInput({ options, takesId = false }: Command, args: string[]): Input {
  try {
    const parsed = parseArgs({
      args,
      options: { ...options, ...GLOBAL_OPTIONS },
      allowPositionals: takesId,
      tokens: true,
    });
    const { values, positionals, tokens } = parsed;
    const given = tokens.filter((token) => token.kind === "option").map(({ name }) => name);
    const twice = given.find((name, index) => given.indexOf(name) !== index);
    if (twice) throw new InputError(`--${twice} was given twice`);
    if (positionals.length > 1) throw new InputError(`one session id at a time, not ${positionals.length}`);
    return { id: positionals[0], values: values as Input["values"] };
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS")) throw error;
    throw new InputError((error as Error).message);
  }
}

/** The ways to call a command. */
export function formsOf({ forms }: Command): string {
  return forms
    .map((form, index) => `${index === 0 ? "Usage:" : "      "} npm run sessions -- ${form}\n`)
    .join("");
}

/** What `--help` tells. */
export function usageOf(command: Command): string {
  const details = command.details ? `${command.details}\n` : "";
  const json = "  --json            one JSON document, instants in ISO 8601\n";
  return `${formsOf(command)}\n${command.summary}\n\n${details}${json}`;
}
