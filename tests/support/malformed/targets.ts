import fc from "fast-check";
import { inTarget, nearly, type Wire } from "./text";

const PAGES = [
  ...["/", "/app", "/settings", "/devices", "/logout", "/install", "/uninstall"],
  ...["/login", "/magic", "/operator"],
];
const PATHS = [
  ...PAGES,
  ...PAGES.map((path) => `${path === "/" ? "/_root" : path}.data`),
  "/healthz",
  "/readyz",
  "/__manifest",
  "/assets/none.js",
  "/favicon.svg",
  "/nowhere",
];

const path = fc.constantFrom(...PAGES, ...PAGES, ...PATHS);

/** Forms that a request's first line may have besides a path (RFC 9112, 3.2), and some that it may not. */
const odd = fc.oneof(
  fc.constantFrom("*", "//", "//evil.example/app", "/\\evil.example", "?", "#", "app", "/app#x", "/app;a=b"),
  fc.constantFrom("http://localhost/app", "http://evil.example:99999/", "https://[::1/", "localhost:443"),
  fc
    .tuple(path, fc.constantFrom("/", "//", "/..", "/.", "%00", "%2f", ".data.data", "~", "?", "%ff"))
    .map(join),
  fc.tuple(path, inTarget).map(([known, text]) => `${known}/${text}`),
  inTarget.map((text) => `/${text}`),
  path.map((known) => known.toUpperCase()),
  path.map((known) => known.replace("/", "/%2e%2e/")),
);

const KEYS = [
  "account",
  "tenantId",
  "adminUITheme",
  "orderId",
  "customerId",
  "token",
  "sent",
  "_data",
  "_routes",
  "index",
  "p",
  "version",
  "__proto__",
  "account[]",
];

/** @param valid values that would be right for some key: a token, a tenant */
function queries(valid: string[]): Wire {
  const good = fc.constantFrom("light", "routes/app", "root", "/app", "/settings", ...valid);
  const value = fc.oneof(good, fc.constantFrom(...valid).chain(nearly), inTarget);
  const encoded = fc
    .tuple(value, fc.boolean())
    .map(([text, encode]) => (encode ? encodeURIComponent(text) : text.replace(/\s/g, "+")));
  const pair = fc
    .tuple(fc.oneof(fc.constantFrom(...KEYS), inTarget), fc.constantFrom("=", "=", "=", "==", ""), encoded)
    .map((parts) => parts.join(""));
  const opening = fc.tuple(encoded, encoded).map(([a, b]) => `account=${a}&tenantId=${b}`);
  const separator = fc.constantFrom("&", "&", "&", "&&", ";");
  const pairs = fc
    .tuple(fc.array(pair, { minLength: 1, maxLength: 5 }), separator)
    .map(([all, by]) => all.join(by));
  const repeated = fc
    .tuple(pair, fc.integer({ min: 50, max: 900 }))
    .map(([one, times]) => `${one.slice(0, 60)}&`.repeat(times));
  return fc.oneof(
    { weight: 6, arbitrary: pairs },
    { weight: 4, arbitrary: opening },
    { weight: 2, arbitrary: fc.tuple(opening, pairs).map((parts) => parts.join("&")) },
    { weight: 2, arbitrary: inTarget },
    { weight: 1, arbitrary: repeated },
  );
}

function join(parts: string[]): string {
  return parts.join("");
}

/** What a request's first line asks for. */
export function targets(valid: string[]): Wire {
  const query = queries(valid).map((text) => `?${text}`.replace(/[^\x21-\xff]/g, "+"));
  return fc.oneof(
    { weight: 4, arbitrary: path },
    { weight: 6, arbitrary: fc.tuple(path, query).map(join) },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: fc.tuple(odd, query).map(join) },
  );
}
