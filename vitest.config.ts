import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { excludedTests, RANDOM_RUNS } from "./tests/support/run-length";

const alias = { "~": fileURLToPath(new URL("./app", import.meta.url)) };
const shared = { setupFiles: ["tests/support/quiet-console.ts"], exclude: excludedTests };
/** Files of such a project share a process: starting one and loading packages for each took as long as its tests. */
const sharingProcess = {
  ...shared,
  setupFiles: ["tests/support/shared-process.ts", ...shared.setupFiles],
  isolate: false,
};
const withServers = {
  globalSetup: ["tests/support/postgres-server.ts"],
  // A command over the embedded database takes seconds to load it, and a test gives several.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Suites of a minute and more. What begins last alone at the end keeps everybody waiting. */
const LONG = ["contract/supabase", "contract/pglite", "integration/malformed", "contract/"];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONG.findIndex((part) => moduleId.includes(`/tests/${part}`));
      return index === -1 ? LONG.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: { alias },
  test: {
    pool: "forks",
    // One more than the two cores that tests are timed on: a third of their time they wait for servers and processes.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    tags: [{ name: RANDOM_RUNS, description: "plays more random runs in npm run test:long" }],
    projects: [
      {
        extends: true,
        test: { ...sharingProcess, name: "unit", include: ["tests/unit/**/*.test.ts", "tests/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          ...sharingProcess,
          ...withServers,
          name: "database",
          include: ["tests/{contract,sql,redis}/*.test.ts"],
        },
      },
      {
        extends: true,
        test: { ...sharingProcess, ...withServers, name: "routes", include: ["tests/routes/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          ...sharingProcess,
          ...withServers,
          name: "integration",
          include: ["tests/integration/*.test.ts"],
        },
      },
      {
        extends: true,
        // Measures milliseconds: nothing else may run beside it.
        test: {
          ...shared,
          ...withServers,
          name: "instances",
          include: ["tests/instances/*.test.ts"],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        // Each fault has its own servers, and all of the machine.
        test: {
          ...shared,
          name: "faults",
          include: ["tests/faults/*.test.ts"],
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        // Loads the machine, and prints how fast it answers.
        test: {
          ...shared,
          ...withServers,
          name: "load",
          include: ["tests/load/*.test.ts"],
          sequence: { groupOrder: 3 },
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "bench",
          include: ["tests/bench/*.test.ts"],
          sequence: { groupOrder: 4 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
