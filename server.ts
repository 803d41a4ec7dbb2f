import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { createRequestHandler, type GetLoadContextFunction } from "@remix-run/express";
import { createRequestHandler as createPageHandler, type ServerBuild } from "@remix-run/node";
import compression from "compression";
import express, { type RequestHandler } from "express";
import type { DevEnvironment, ViteDevServer } from "vite";
import { ConfigurationError, messageOf } from "./app/lib/base/errors";
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

/** `app/entry.server.tsx` adds these: state lives in the build's modules, and nowhere else. */
type Lifecycle = {
  start(): Promise<void>;
  migrate(): Promise<void>;
  stop(): Promise<void>;
  logStartupProblems(): Promise<void>;
};
type LiberoBuild = ServerBuild & { entry: { module: Lifecycle } };

/** Where pages come from: the build, read once, or Vite, asked anew for every request while developing. */
type Pages = {
  assets: RequestHandler[];
  build: LiberoBuild | (() => Promise<LiberoBuild>);
  /** Prepares what the first visitor would otherwise wait for. To be called once the app has started. */
  warmUp: (origin: string) => Promise<void>;
  close: () => Promise<void>;
};

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

async function builtPages(): Promise<Pages> {
  const [path, assets] = ["build/server/index.js", "build/client/assets"].map((part) => resolve(part)) as [
    string,
    string,
  ];
  if (!existsSync(path) || !existsSync(assets)) {
    throw new ConfigurationError('build/ is not whole: run "npm run build" again');
  }
  const build = await loadBuild(path);
  const hashed = express
    .Router()
    .use(
      "/assets",
      express.static("build/client/assets", { immutable: true, maxAge: "1y", redirect: false }),
    );
  return {
    assets: [hashed, express.static("build/client", { index: false, maxAge: "1h", redirect: false })],
    build,
    warmUp: async () => {},
    close: async () => {},
  };
}

async function loadBuild(path: string): Promise<LiberoBuild> {
  try {
    return (await import(pathToFileURL(path).href)) as LiberoBuild;
  } catch (error) {
    throw new ConfigurationError(
      `build/ does not load (${messageOf(error)}): run "npm ci" and "npm run build" again`,
      { cause: error },
    );
  }
}

async function developedPages(server: Server, logger: ReturnType<typeof createLogger>): Promise<Pages> {
  const { createServer: createVite } = await import("vite");
  const before = process.listeners("SIGTERM");
  const vite = await createVite({ server: { middlewareMode: true, hmr: { server } }, clearScreen: false });
  // Remix runs further Vites, which end the process at once when it is to stop.
  const theirs = process.listeners("SIGTERM").filter((listener) => !before.includes(listener));
  for (const listener of theirs) process.off("SIGTERM", listener);
  let refuse = (_error: Error) => {};
  const closing = new Promise<never>((_resolve, reject) => {
    refuse = reject;
  });
  closing.catch(() => undefined);
  // Vite never answers requests that arrive while it closes, and open pages ask whether it is back.
  const load = () => vite.ssrLoadModule("virtual:remix/server-build") as Promise<LiberoBuild>;
  const build = () => Promise.race([load(), closing]);
  migrateOnChange(vite.watcher, build, logger);
  return {
    assets: [vite.middlewares],
    build,
    warmUp: async (origin) => {
      const loaded = await build();
      const { entry, routes } = loaded.assets;
      const modules = [entry, ...Object.values(routes)].map(({ module }) => module);
      await transformForBrowsers(vite.environments.client, modules);
      const landingPage = await createPageHandler(loaded, "development")(new Request(origin));
      await landingPage.text();
    },
    close() {
      refuse(new Error("the development server is stopping"));
      return vite.close();
    },
  };
}

/**
 * A migration that comes while the server runs, as with another branch, is applied at once: requests would otherwise fail for what the
 * database lacks.
 */
function migrateOnChange(
  watcher: ViteDevServer["watcher"],
  build: () => Promise<LiberoBuild>,
  logger: ReturnType<typeof createLogger>,
): void {
  const folder = resolve("supabase", "migrations");
  watcher.add(folder);
  watcher.on("add", async (path) => {
    if (!resolve(path).startsWith(folder)) return;
    try {
      await (await build()).entry.module.migrate();
      logger.info({ migration: basename(path) }, "migration applied");
    } catch (error) {
      logger.error({ migration: basename(path), reason: messageOf(error) }, "migration not applied");
    }
  });
}

/** Transforms modules and what they import, as Vite otherwise does when a browser first asks for them. */
async function transformForBrowsers(client: DevEnvironment, urls: string[]): Promise<void> {
  const { isCSSRequest } = await import("vite");
  const seen = new Set<string>();
  const transform = async (url: string): Promise<void> => {
    if (seen.has(url)) return;
    seen.add(url);
    await client.warmupRequest(url);
    // Tailwind makes every file that it reads an import of the stylesheet.
    if (isCSSRequest(url)) return;
    const module = await client.moduleGraph.getModuleByUrl(url);
    await Promise.all(Array.from(module?.importedModules ?? [], (imported) => transform(imported.url)));
  };
  await Promise.all(urls.map(transform));
}

const LISTEN_FAULTS: Record<string, string> = {
  EADDRINUSE: "port {port} is taken: stop what listens there, or set PORT",
  EACCES: "port {port} is not ours to listen on: set PORT to 1024 or more, or give this process the right",
  EADDRNOTAVAIL: "HOST={host} is no address of this machine: set it to one, or leave it out",
  ENOTFOUND: "HOST={host} cannot be resolved: set it to an address of this machine, or leave it out",
};

function listen(server: Server, { port, host }: Pick<Env, "port" | "host">): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const fault = LISTEN_FAULTS[error.code ?? ""];
      reject(
        fault
          ? new ConfigurationError(fault.replace("{port}", String(port)).replace("{host}", host ?? ""))
          : error,
      );
    });
    server.listen({ port, host }, resolve);
  });
}
