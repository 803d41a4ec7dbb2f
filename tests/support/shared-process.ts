import { vi } from "vitest";

/**
 * Test files share a process, which saves starting one and loading packages for each. What a file may leave behind there goes
 * before the next one: our modules and what they keep, the values that outlive modules (`app/lib/base/remember.ts`), and
 * environment variables.
 */
vi.resetModules();

const shared = globalThis as typeof globalThis & { [key: symbol]: unknown };
for (const key of Object.getOwnPropertySymbols(shared)) {
  if (key.description?.startsWith("libero.")) delete shared[key];
}

const ENVIRONMENT = Symbol.for("tests' environment");
shared[ENVIRONMENT] ??= { ...process.env };
for (const name of Object.keys(process.env)) delete process.env[name];
Object.assign(process.env, shared[ENVIRONMENT]);
