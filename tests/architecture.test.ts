import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/**
 * The house as data: what each part may import of ours, type imports included. Arrows point down only:
 * routes, bin → doors → wiring → rooms → base. What is not listed is forbidden.
 */
const ARROWS: Record<string, string[]> = {
  base: [],
  sessions: ["base"],
  db: ["base"],
  redis: ["base"],
  commerce7: ["base"],
  http: ["base"],
  mail: ["base"],
  clients: ["base", "db"],
  staff: ["base", "db"],
  "rate-limits": ["base", "db"],
  observability: ["base"],
  vault: ["base", "db"],
  "http-sessions": ["base", "db"],
  "sign-in-links": ["base", "sessions", "db", "vault"],
  "session-stores": ["base", "sessions", "http-sessions", "clients", "db", "redis"],
  adapters: ["base", "sessions", "commerce7", "http-sessions", "sign-in-links", "db", "vault"],
  env: ["base", "db", "redis", "sessions"],
  wiring: [
    ...[
      "env",
      "adapters",
      "sessions",
      "session-stores",
      "http-sessions",
      "sign-in-links",
      "clients",
      "staff",
    ],
    ...["rate-limits", "redis", "observability", "mail", "vault", "db", "base"],
  ],
  doors: [
    ...["doors", "wiring", "adapters", "sessions", "http-sessions", "sign-in-links", "clients", "staff"],
    ...["rate-limits", "commerce7", "vault", "base"],
  ],
  ui: ["ui", "doors (types)"],
  routes: ["doors", "ui"],
  root: ["doors", "ui"],
  server: ["env", "http", "observability", "base"],
  bin: ["bin", "doors", "env", "server", "sandbox", "base"],
  sandbox: ["sandbox"],
};

/** Which packages belong to which parts; a part that is not named may not import the package. */
const PACKAGES: Record<string, string[]> = {
  pg: ["db"],
  "@electric-sql/pglite": ["db"],
  "@supabase/supabase-js": ["db"],
  ws: ["db"],
  "@remix-run/node": ["adapters", "doors", "routes", "root", "server"],
  "remix-auth": ["adapters", "doors"],
  "@remix-run/express": ["server"],
  "@remix-run/react": ["ui", "routes", "root"],
  react: ["ui", "root"],
  express: ["http", "server", "sandbox"],
  vite: ["server"],
  "lru-cache": ["sessions", "observability"],
  dataloader: ["session-stores"],
  cookie: ["sessions", "adapters"],
  ioredis: ["redis", "rate-limits"],
  cockatiel: ["base"],
  "prom-client": ["observability"],
  bowser: ["doors"],
  "rate-limiter-flexible": ["rate-limits"],
  "ipaddr.js": ["rate-limits"],
  jose: ["vault"],
  oauth4webapi: ["vault"],
  "express-session": ["adapters"],
  "@shopify/shopify-api": ["adapters"],
  "@shopify/shopify-app-session-storage": ["adapters", "doors"],
  nodemailer: ["mail"],
  "smtp-server": ["sandbox"],
  "postal-mime": ["sandbox"],
};

type Import = { from: string; to: string; typeOnly: boolean };

const SOURCES = ["app", "bin", "sandbox", "server"]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.(js|tsx?)$/.test(file) && file !== "app/routes.ts")
  .concat("server.ts");

function partOf(file: string): string {
  const path = file.replaceAll("\\", "/").replace(/\.tsx?$/, "");
  const room = /^app\/lib\/([^/]+)\//.exec(path)?.[1];
  if (room) return room;
  if (path === "app/lib/wiring.server") return "wiring";
  if (path === "app/lib/env.server") return "env";
  if (path.startsWith("app/lib/")) return "doors";
  return (
    /^app\/(ui|routes)\//.exec(path)?.[1] ??
    (path.startsWith("app/") ? "root" : (path.split("/")[0] as string))
  );
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push({
        from: file,
        to: (node.moduleSpecifier as ts.StringLiteral).text,
        typeOnly: isTypeOnly(node),
      });
    }
    const [argument] = ts.isCallExpression(node) ? node.arguments : [];
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && argument) {
      if (ts.isStringLiteral(argument)) found.push({ from: file, to: argument.text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  const bindings = clause?.namedBindings;
  const allTypes =
    bindings && ts.isNamedImports(bindings) && bindings.elements.every((element) => element.isTypeOnly);
  return Boolean(clause?.isTypeOnly || (allTypes && !clause?.name));
}

const IMPORTS = SOURCES.flatMap(importsOf);
const isOurs = ({ to }: Import) => to.startsWith(".") || to.startsWith("~/");

function target({ from, to }: Import): string {
  return to.startsWith("~/") ? `app/${to.slice(2)}` : normalize(join(dirname(from), to));
}

function packageOf(to: string): string {
  return to
    .split("/")
    .slice(0, to.startsWith("@") ? 2 : 1)
    .join("/");
}

describe("architecture", () => {
  it("sees the house it judges", () => {
    expect(new Set(SOURCES.map(partOf))).toEqual(new Set(Object.keys(ARROWS)));
    expect(IMPORTS.filter(isOurs).length).toBeGreaterThan(100);
  });

  it("arrows point one way", () => {
    const wrong = IMPORTS.filter(isOurs).filter((arrow) => {
      const [from, to] = [partOf(arrow.from), partOf(target(arrow))];
      if (from === to || /\.(css|svg)$/.test(arrow.to)) return false;
      const allowed = ARROWS[from] ?? [];
      return !allowed.includes(to) && !(arrow.typeOnly && allowed.includes(`${to} (types)`));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("drivers and frameworks stay in their rooms", () => {
    const wrong = IMPORTS.filter((arrow) => !isOurs(arrow)).filter(({ from, to }) => {
      const parts = PACKAGES[packageOf(to)];
      return parts !== undefined && !parts.includes(partOf(from));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("the environment has one reader", () => {
    const readers = SOURCES.filter((file) => readFileSync(file, "utf8").includes("process.env"));
    // The commands that start the app set defaults before it is read, and ask whether npm runs them; the operator's sets a
    // log level of its own.
    expect(readers.sort()).toEqual([
      "app/lib/env.server.ts",
      "bin/dev.ts",
      "bin/sessions.ts",
      "bin/start.js",
      "bin/stop-request.ts",
    ]);
  });

  it("doors, panel and meter carry the suffix .server, rooms do not", () => {
    const files = SOURCES.filter((file) => file.startsWith("app/lib/"));
    const isRoom = (file: string) => file.split("/").length > 3;
    expect(files.filter((file) => isRoom(file) === file.endsWith(".server.ts"))).toEqual([]);
  });

  it("files stay small: one subject each", () => {
    const long = SOURCES.filter((file) => readFileSync(file, "utf8").split("\n").length > 250);
    expect(long).toEqual([]);
  });
});
