import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { createRequestHandler, type GetLoadContextFunction } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import compression from "compression";
import express from "express";
import { ConfigurationError } from "./app/lib/base/errors";
import { createLogger } from "./app/lib/base/logger";
import type { Env } from "./app/lib/env.server";
import { createDrain, type Drain } from "./app/lib/http/drain";
import { answerErrors } from "./app/lib/http/error-answer";
import { createHttpServer } from "./app/lib/http/http-server";
import { refuseMalformedRequests } from "./app/lib/http/malformed-requests";
import { noticeUntrustedProxy } from "./app/lib/http/proxy-notice";
import { requestId } from "./app/lib/http/request-id";
import { requestLog } from "./app/lib/http/request-log";
import { normalizeTarget } from "./app/lib/http/request-target";
import { keepConnectionsReusable } from "./app/lib/http/reusable-connections";
import { securityHeaders } from "./app/lib/http/security-headers";
import { stopInOrder } from "./app/lib/http/stop-in-order";
import { guardUnsafeRequests } from "./app/lib/http/unsafe-requests";
import { createRefusalLog } from "./app/lib/observability/refusals";
import { builtPages, developedPages, type Pages } from "./server/pages";

export type RunningServer = {
  port: number;
  /**
   * Stops in order, in less than ten seconds whatever hangs; never fails.
   * @returns whether nothing was cut short; what was, is in the log
   */
  stop: () => Promise<boolean>;
};

/**
 * Starts the app on `env.port`: database first, then the door opens.
 * @param develop serve through Vite, with hot reloading, instead of from `build/`
 * @throws ConfigurationError, UnavailableError where it cannot start; nothing is left open then
 */
export async function startServer(env: Env, { develop = false } = {}): Promise<RunningServer> {
  const server = createHttpServer();
  const logger = createLogger(env.logLevel);
  const pages = develop ? await developedPages(server, logger) : await builtPages();
  const build = typeof pages.build === "function" ? await pages.build() : pages.build;
  const { start, stop, logStartupProblems } = build.entry.module;
  const drain = createDrain(server);
  try {
    await start();
    await pages.warmUp(env.appUrl.origin);
    server.on("request", createApp(env, { pages, paths: pathsOf(build), drain, logger, develop }));
    await listen(server, env);
  } catch (error) {
    await pages.close();
    await stop();
    throw error;
  }
  // Neither delays the start nor fails it.
  void logStartupProblems();
  return {
    port: (server.address() as AddressInfo).port,
    // Vite first: its WebSockets would keep the server from closing.
    stop: () => stopInOrder({ before: pages.close, drain, after: stop, logger }),
  };
}

type AppParts = {
  pages: Pages;
  /** Of all routes. */
  paths: string[];
  drain: Drain;
  logger: ReturnType<typeof createLogger>;
  develop: boolean;
};

/** Where routes answer; of those with parameters or a rest nothing can be said. */
const pathsOf = ({ routes }: ServerBuild) =>
  Object.values(routes).flatMap((route) => (route?.path && !/[:*]/.test(route.path) ? `/${route.path}` : []));

function createApp(env: Env, { pages, paths, drain, logger, develop }: AppParts) {
  const https = env.appUrl.protocol === "https:";
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", env.trustProxy);
  app.use(keepConnectionsReusable);
  app.use(requestId(env.trustProxy));
  app.use(normalizeTarget(paths));
  app.use(securityHeaders({ ...env.commerce7, https, develop }));
  app.get("/readyz", drain.tellProbes);
  app.use(compression());
  app.use(...pages.assets);
  app.use(requestLog(logger));
  app.use(noticeUntrustedProxy(env.trustProxy, logger));
  app.use(refuseMalformedRequests);
  const logRefusal = createRefusalLog(logger);
  app.use(
    guardUnsafeRequests({
      origin: env.appUrl.origin,
      exempt: ["/install", "/uninstall"],
      onRefusal: ({ ip }) => logRefusal({ what: "form", reason: "from another site", address: ip }),
    }),
  );
  // Made once: the handler derives its routes from the build when it is first asked, and keeps them.
  const getLoadContext: GetLoadContextFunction = (req, res) => ({
    nonce: res.locals.nonce,
    loadsPlatformScript: res.locals.loadsPlatformScript,
    address: req.ip,
    isDataRequest: req.path.endsWith(".data"),
    whenAnswered: () => finished(res).catch(() => {}),
  });
  app.all("*", createRequestHandler({ build: pages.build, mode: env.mode, getLoadContext }));
  app.use(answerErrors(logger));
  return app;
}

type Address = Pick<Env, "port" | "host">;

const LISTEN_ERRORS: Record<string, (address: Address) => string> = {
  EADDRINUSE: ({ port }) => `port ${port} is taken: stop what listens there, or set PORT`,
  EACCES: ({ port }) =>
    `port ${port} is not ours to listen on: set PORT to 1024 or more, or give this process the right`,
  EADDRNOTAVAIL: ({ host }) => `HOST=${host} is no address of this machine: set it to one, or leave it out`,
  ENOTFOUND: ({ host }) =>
    `HOST=${host} cannot be resolved: set it to an address of this machine, or leave it out`,
};

function listen(server: Server, { port, host }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const message = LISTEN_ERRORS[error.code ?? ""];
      reject(message ? new ConfigurationError(message({ port, host })) : error);
    });
    server.listen({ port, host }, resolve);
  });
}
