import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestHandler, type GetLoadContextFunction } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import compression from "compression";
import express, { type RequestHandler } from "express";
import { ConfigurationError } from "./app/lib/base/errors";
import { createLogger } from "./app/lib/base/logger";
import type { Env } from "./app/lib/env.server";
import { answerErrors } from "./app/lib/http/error-answer";
import { requestLog } from "./app/lib/http/request-log";
import { securityHeaders } from "./app/lib/http/security-headers";
import { guardUnsafeRequests } from "./app/lib/http/unsafe-requests";

/** `app/entry.server.tsx` adds these two: state lives in the build's modules, and nowhere else. */
type LiberoBuild = ServerBuild & { entry: { module: { start(): Promise<void>; stop(): Promise<void> } } };

/** Where pages come from: the build, read once, or Vite, asked anew for every request while developing. */
type Pages = {
  assets: RequestHandler[];
  build: LiberoBuild | (() => Promise<LiberoBuild>);
  close: () => Promise<void>;
};

export type RunningServer = { port: number; stop: () => Promise<void> };

const DRAIN_MS = 8_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A browser may send many cookies of other apps: a long header is no reason to turn it away. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Starts the app on `env.port`: database first, then the door opens.
 * @param develop serve through Vite, with hot reloading, instead of from `build/`
 * @throws ConfigurationError, UnavailableError where it cannot start; nothing is left open then
 */
export async function startServer(env: Env, { develop = false } = {}): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS });
  const pages = develop ? await developedPages(server) : await builtPages();
  const build = typeof pages.build === "function" ? await pages.build() : pages.build;
  const { start, stop } = build.entry.module;
  try {
    await start();
    server.on("request", createApp(env, pages, develop));
    await listen(server, env.port);
  } catch (error) {
    await pages.close();
    await stop();
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      // Vite first: its WebSockets would keep the server from closing.
      await pages.close();
      await drain(server);
      await stop();
    },
  };
}

function createApp(env: Env, pages: Pages, develop: boolean) {
  const logger = createLogger(env.logLevel);
  const https = env.appUrl.protocol === "https:";
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", env.trustProxy);
  app.use(securityHeaders({ ...env.commerce7, https, develop }));
  app.use(compression());
  app.use(...pages.assets);
  app.use(requestLog(logger));
  app.use(guardUnsafeRequests({ origin: env.appUrl.origin, exempt: ["/install", "/uninstall"] }));
  // Made once: the handler derives its routes from the build when it is first asked, and keeps them.
  const getLoadContext: GetLoadContextFunction = (_req, res) => ({ nonce: res.locals.nonce });
  app.all("*", createRequestHandler({ build: pages.build, mode: env.mode, getLoadContext }));
  app.use(answerErrors(logger));
  return app;
}

async function builtPages(): Promise<Pages> {
  const path = new URL("./build/server/index.js", import.meta.url);
  if (!existsSync(path)) throw new ConfigurationError('there is no build yet: run "npm run build" first');
  const build = (await import(path.href)) as LiberoBuild;
  const hashed = express
    .Router()
    .use("/assets", express.static("build/client/assets", { immutable: true, maxAge: "1y" }));
  return {
    assets: [hashed, express.static("build/client", { index: false, maxAge: "1h" })],
    build,
    close: async () => {},
  };
}

async function developedPages(server: Server): Promise<Pages> {
  const { createServer: createVite } = await import("vite");
  const vite = await createVite({ server: { middlewareMode: true, hmr: { server } }, clearScreen: false });
  return {
    assets: [vite.middlewares],
    build: () => vite.ssrLoadModule("virtual:remix/server-build") as Promise<LiberoBuild>,
    close: () => vite.close(),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        taken ? new ConfigurationError(`port ${port} is taken: stop what listens there, or set PORT`) : error,
      );
    });
    server.listen(port, resolve);
  });
}

/** Lets requests under way finish, and cuts off what has not after some seconds. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A client that never pauses would keep its connection, and so the server, alive.
  server.prependListener("request", (_req, res) => res.setHeader("Connection", "close"));
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}
