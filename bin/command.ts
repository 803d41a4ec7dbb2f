import { existsSync } from "node:fs";
import { isOperational, messageOf } from "../app/lib/base/errors";

/** Reads `.env` where there is one; what the environment says already wins. */
export function loadDotEnv(): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
}

/** Prints what an operator can mend as a sentence, anything else with its stack, and ends with exit code 1. */
export function exitWith(error: unknown): never {
  process.stderr.write(`${isOperational(error) ? messageOf(error) : ((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
}
