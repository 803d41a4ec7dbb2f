import { spawn } from "node:child_process";

/**
 * Has a shell command run when this process is gone, however it ended: a handler of "exit" would not run where the tests
 * are cut off by a signal.
 * @returns calls it off
 */
export function atOurEnd(command: string): () => void {
  // Its input ends when we do. In a group of its own, so that Ctrl-C does not end it first.
  const watcher = spawn("sh", ["-c", `read -r word || { ${command}; }`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.stdin.on("error", () => undefined);
  watcher.unref();
  return () => void watcher.stdin.end("off\n");
}
