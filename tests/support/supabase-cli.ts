import { execFile } from "node:child_process";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The real Supabase CLI against a database; it asks nobody and needs no Docker. @returns what it prints */
export async function supabaseDb(databaseUrl: string, command: "push" | "advisors", ...options: string[]) {
  const home = await mkdtemp(join(tmpdir(), "libero-supabase-"));
  // A copy, because the CLI keeps notes beside the migrations.
  await cp("supabase", join(home, "supabase"), { recursive: true });
  const target = [`--db-url=${databaseUrl}?sslmode=disable`, `--workdir=${home}`];
  const args = ["supabase", "db", command, ...target, "--yes", "--agent=no", ...options];
  const env = {
    ...process.env,
    HOME: home,
    SUPABASE_YES: "true",
    DO_NOT_TRACK: "1",
    SUPABASE_TELEMETRY_DISABLED: "1",
  };
  return promisify(execFile)("npx", args, { env, maxBuffer: 10_000_000 });
}
