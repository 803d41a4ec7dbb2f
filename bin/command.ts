import { existsSync } from "node:fs";
import { ConfigurationError, isOperational, messageOf } from "../app/lib/base/errors";

/** Reads `.env` where there is one; what the environment says already wins. @throws ConfigurationError */
export function loadDotEnv(): void {
  if (!existsSync(".env")) return;
  try {
    process.loadEnvFile(".env");
  } catch (error) {
    throw new ConfigurationError(
      `.env cannot be read (${messageOf(error)}): it must be a file that this process may read`,
      { cause: error },
    );
  }
}

/** Prints what an operator can mend as a sentence, anything else with its stack, and ends with exit code 1. */
export function exitWith(error: unknown): never {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
}

/** A sentence for what an operator can mend; the stack of any other error. */
export function describeFailure(error: unknown): string {
  return isOperational(error) ? messageOf(error) : ((error as Error | null)?.stack ?? messageOf(error));
}
