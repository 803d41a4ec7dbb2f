import { migrate, stop } from "../app/lib/lifecycle.server";
import { exitWith, loadDotEnv } from "./command";

/** `npm run db:migrate`: brings the database up to date; the app does the same when it starts. */
try {
  loadDotEnv();
  await migrate();
  await stop();
  process.stdout.write("The database is up to date.\n");
} catch (error) {
  exitWith(error);
}
