import { fork, type Serializable } from "node:child_process";
import { once } from "node:events";

/** What a process of the benchmark's own does when it is asked to. */
// biome-ignore lint/suspicious/noExplicitAny: what each takes and answers is inferred where the handlers are
type Handlers = Record<string, (argument: any) => unknown>;

export type Child<H extends Handlers> = {
  pid: number;
  /** @throws what the handler threw; where the process ended; where no answer came in two minutes */
  ask<K extends keyof H & string>(name: K, ...argument: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
  /** Ends it, in order where it can. */
  stop(): Promise<void>;
};

type Question = { id: number; name: string; argument: unknown };
type Answer = { id: number; answer?: unknown; failure?: string };

const ANSWER_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;

/** Starts a module in a process of its own. It inherits nothing of this process's environment but PATH. */
export function startChild<H extends Handlers>(
  module: URL,
  { env = {}, flags = [] }: { env?: Record<string, string>; flags?: string[] } = {},
): Child<H> {
  const { PATH } = process.env;
  const child = fork(module, {
    execArgv: ["--import", "tsx", ...flags],
    env: { PATH, NODE_ENV: "production", ...env } as NodeJS.ProcessEnv,
    // The log of a server is written, as in production, but nobody here reads it.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  child.on("message", (answer: Answer) => waiting.get(answer.id)?.(answer));
  child.on("exit", () => {
    for (const [id, settle] of waiting) settle({ id, failure: "the process ended" });
  });
  let lastId = 0;
  return {
    pid: child.pid as number,
    async ask(name, ...[argument]) {
      lastId += 1;
      const { answer, failure } = await question(lastId, name, argument);
      if (failure) throw new Error(`${module.pathname.split("/").at(-1)}, ${name}: ${failure}`);
      return answer as never;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(late);
    },
  };

  function question(id: number, name: string, argument: unknown): Promise<Answer> {
    return new Promise((resolve) => {
      const late = setTimeout(() => settle({ id, failure: "no answer in time" }), ANSWER_LIMIT_MS);
      const settle = (answer: Answer) => {
        clearTimeout(late);
        waiting.delete(id);
        resolve(answer);
      };
      waiting.set(id, settle);
      const failed = (error: Error | null) => error && settle({ id, failure: error.message });
      child.send({ id, name, argument } as Serializable, failed);
    });
  }
}

/** In such a process: answers what the parent asks, until the parent is gone. */
export function answerParent(handlers: Handlers): void {
  process.on("message", async ({ id, name, argument }: Question) => {
    const answer = await run(handlers[name], argument);
    process.send?.({ id, ...answer });
  });
  process.on("disconnect", () => process.exit());
}

async function run(handler: Handlers[string] | undefined, argument: unknown): Promise<Omit<Answer, "id">> {
  try {
    if (!handler) throw new Error("nothing of this name can be asked");
    return { answer: await handler(argument) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
