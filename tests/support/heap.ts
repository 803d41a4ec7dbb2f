import { once } from "node:events";
import WebSocket from "ws";
import type { AppServer, Environment } from "./app-server";

/** Lets `liveMemory` look into a server that is started with it. */
export const WITH_INSPECTOR: Environment = { NODE_OPTIONS: "--inspect=127.0.0.1:0" };

/** Of what is still in use after everything else was collected: objects, and buffers outside the heap. */
export type LiveMemory = { heapMegabytes: number; buffersMegabytes: number };

/** Collects the server's garbage and measures what is left, over the debugging protocol. */
export async function liveMemory(app: AppServer): Promise<LiveMemory> {
  const [url] = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(app.output()) ?? [];
  if (!url) throw new Error("the server was not started with WITH_INSPECTOR");
  const socket = new WebSocket(url);
  await once(socket, "open");
  try {
    // Twice: what finalizers let go of in the first collection is gone in the second.
    await ask(socket, "HeapProfiler.collectGarbage");
    await ask(socket, "HeapProfiler.collectGarbage");
    const expression = "JSON.stringify(process.memoryUsage())";
    const { result } = await ask(socket, "Runtime.evaluate", { expression });
    const { heapUsed, external } = JSON.parse(result.value);
    return { heapMegabytes: heapUsed / 2 ** 20, buffersMegabytes: external / 2 ** 20 };
  } finally {
    socket.close();
  }
}

let lastId = 0;

async function ask(socket: WebSocket, method: string, params = {}): Promise<{ result: { value: string } }> {
  lastId += 1;
  const id = lastId;
  socket.send(JSON.stringify({ id, method, params }));
  for (;;) {
    const [message] = await once(socket, "message");
    const answer = JSON.parse(String(message));
    if (answer.id === id) return answer.result;
  }
}
