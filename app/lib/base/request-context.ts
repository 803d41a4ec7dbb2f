import { AsyncLocalStorage } from "node:async_hooks";
import { remember } from "./remember";

/** Once in a process: the server that begins a request, and the build that answers it, are two module graphs. */
const storage = remember("request context", () => new AsyncLocalStorage<{ requestId: string }>());

/** Runs work on behalf of a request: every line that is logged meanwhile names it. */
export function runWithRequestId<T>(requestId: string, work: () => T): T {
  return storage.run({ requestId }, work);
}

/** The request on whose behalf this runs; undefined where there is none, as in a command or a timer of the app's own. */
export const currentRequestId = (): string | undefined => storage.getStore()?.requestId;
