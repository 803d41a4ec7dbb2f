import { build, exitWith, playwright, projects, vitest } from "./runs";
import { LONG_TESTS } from "./support/run-length";

/** Those whose tests change with `TEST_LENGTH`, and those that `npm test` leaves out. */
const FILES = [
  LONG_TESTS,
  ...["map", "memory", "pglite", "postgres", "cached-postgres", "supabase", "redis"].map(
    (store) => `tests/contract/${store}`,
  ),
  "tests/integration/malformed.test.ts",
  "tests/instances/revocation.test.ts",
  "tests/faults/",
  "tests/load/",
  "tests/bench/",
];

/**
 * `npm run test:long`: random runs by the thousands, where `npm test` plays some hundred; servers that die under load; a
 * minute of load; the first benchmark run of a fresh clone.
 */
build();
exitWith(
  vitest([...projects("database", "integration", "instances", "faults", "load", "bench"), ...FILES], {
    TEST_LENGTH: "long",
  }),
  playwright(["\\.long\\.spec"], { TEST_LENGTH: "long" }),
);
