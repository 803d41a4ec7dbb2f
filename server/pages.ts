import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequestHandler, type ServerBuild } from "@remix-run/node";
import express, { type RequestHandler } from "express";
import type { DevEnvironment, ViteDevServer } from "vite";
import { ConfigurationError, messageOf } from "../app/lib/base/errors";
import type { createLogger } from "../app/lib/base/logger";

/** `app/entry.server.tsx` adds these: state lives in the build's modules, and nowhere else. */
type Lifecycle = {
  start(): Promise<void>;
  migrate(): Promise<void>;
  stop(): Promise<void>;
  logStartupProblems(): Promise<void>;
};
export type LiberoBuild = ServerBuild & { entry: { module: Lifecycle } };

/** Where pages come from: the build, read once, or Vite, asked for every request while developing. */
export type Pages = {
  assets: RequestHandler[];
  build: LiberoBuild | (() => Promise<LiberoBuild>);
  /** Prepares what the first visitor would otherwise wait for. To be called once the app has started. */
  warmUp: (origin: string) => Promise<void>;
  close: () => Promise<void>;
};

/** Pages of the build, which `npm run build` made. @throws ConfigurationError where it is not whole */
export async function builtPages(): Promise<Pages> {
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

/** Pages by way of Vite, with hot reloading. */
export async function developedPages(
  server: Server,
  logger: ReturnType<typeof createLogger>,
): Promise<Pages> {
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
      const landingPage = await createRequestHandler(loaded, "development")(new Request(origin));
      await landingPage.text();
    },
    close() {
      refuse(new Error("the development server is stopping"));
      return vite.close();
    },
  };
}

/**
 * Applies a migration that comes while the server runs, as with another branch: requests would otherwise fail for what the
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
