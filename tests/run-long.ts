import { build, exitWith, playwright, projects, vitest } from "./runs";
import { LONG_TESTS, RANDOM_RUNS } from "./support/run-length";

const env = { TEST_LENGTH: "long" };

/**
 * `npm run test:long`: random runs by the thousands, where `npm test` plays some hundred; suites that `npm test` has in
 * another form; servers that die under load; a minute of load; the first benchmark run of a fresh clone.
 */
build();
exitWith(
  vitest(
    [
      ...projects("database", "integration", "instances"),
      ...["tests/contract/", "tests/integration/malformed.test.ts", "tests/instances/revocation.test.ts"],
    ],
    { env, tagsFilter: RANDOM_RUNS },
  ),
  vitest(
    [
      ...projects("database", "integration", "instances", "faults", "load", "bench"),
      ...[LONG_TESTS, "tests/faults/", "tests/load/", "tests/bench/"],
    ],
    { env, tagsFilter: `!${RANDOM_RUNS}` },
  ),
  playwright(["\\.long\\.spec"], env),
);
