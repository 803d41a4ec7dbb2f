import { runSessionsCommand } from "./sessions/run";

// A reader such as `head` may close the pipe early.
process.stdout.on("error", () => {});
// Failures are logged, on standard error. `.env` speaks for the app, so its level counts for nothing here.
process.env.LOG_LEVEL ??= "warn";

const { code, stdout, stderr } = await runSessionsCommand(process.argv.slice(2));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
