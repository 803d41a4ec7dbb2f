import { spawn } from "node:child_process";

/** Installs what the benchmark's own package.json names, where something is missing, and builds the app. */
export async function prepare(say: (detail: string) => void, signal: AbortSignal): Promise<void> {
  say("looks for the benchmark's packages");
  const installed = await run("npm", ["ls", "--prefix", "bench"], signal);
  if (installed.code !== 0) {
    say("installs the benchmark's packages");
    const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
    await mustRun("npm", ["ci", "--prefix", "bench", ...flags], signal);
  }
  say("builds the app");
  await mustRun("npm", ["run", "build"], signal);
}

/** Quiet as long as all is well. @throws with all that was printed where it is not */
async function mustRun(command: string, args: string[], signal: AbortSignal): Promise<void> {
  const { code, printed } = await run(command, args, signal);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed\n${printed}`);
}

function run(command: string, args: string[], signal: AbortSignal) {
  return new Promise<{ code: number | null; printed: string }>((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, printed }));
  });
}
