import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { RequestHandler } from "express";

export interface Drain {
  /** Answers readiness probes over connections that are still open with 503, once the stop has begun. */
  tellProbes: RequestHandler;
  /**
   * Takes no more connections, and lets requests under way finish.
   * @returns how many had to be cut off after `limitMs`
   */
  run(limitMs: number): Promise<number>;
}

const LOOK_EVERY_MS = 50;

/** Watches a server from its beginning, so that it can stop without cutting anybody off. */
export function createDrain(server: Server): Drain {
  const underWay = new Set<ServerResponse>();
  const connections = new Set<Socket>();
  let begun = false;
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.prependListener("request", (_req, res) => {
    underWay.add(res);
    res.once("close", () => underWay.delete(res));
    if (begun) endConnectionWith(res);
  });

  /** Those that wait for a next request, and those that browsers open ahead of a first one. */
  const closeIdle = () => {
    server.closeIdleConnections();
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  };

  return {
    tellProbes: (_req, res, next) => {
      if (!begun) return next();
      res.status(503).set("Cache-Control", "no-store").json({ ready: false, reason: "stopping" });
    },
    async run(limitMs) {
      begun = true;
      let cutOff = 0;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const res of underWay) endConnectionWith(res);
      // An answer whose head was sent before the stop leaves its connection open.
      const looking = setInterval(closeIdle, LOOK_EVERY_MS);
      const limit = setTimeout(() => {
        cutOff = underWay.size;
        server.closeAllConnections();
      }, limitMs);
      await closed;
      clearInterval(looking);
      clearTimeout(limit);
      return cutOff;
    },
  };
}

/** A client that never pauses would keep its connection, and so the server, alive. */
function endConnectionWith(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader("Connection", "close");
}
