import { parseArgs } from "node:util";
import { migrate, stop } from "../app/lib/lifecycle.server";
import { cleanupExpiredSessions } from "../app/lib/sessions.server";
import { exitWith, loadDotEnv } from "./run-server";

const USAGE = `Usage: npm run sessions -- <command>

  cleanup   deletes every session that has expired, and says how many
`;

const COMMANDS: Record<string, () => Promise<void>> = {
  async cleanup() {
    process.stdout.write(`${await cleanupExpiredSessions()} expired sessions deleted.\n`);
  },
};

/** The operator's command line for sessions. Exit codes: 0 done, 1 failed, 2 not understood. */
const { positionals } = parseArgs({ allowPositionals: true, strict: false });
const command = COMMANDS[positionals[0] ?? ""];
if (!command || positionals.length > 1) {
  process.stderr.write(USAGE);
  process.exit(2);
}
try {
  loadDotEnv();
  await migrate();
  await command();
  await stop();
} catch (error) {
  exitWith(error);
}
