/** `npm run test:long` sets it. */
const isLong = process.env.TEST_LENGTH === "long";

/** How the names of files end that run in `npm run test:long` alone: suites that `npm test` has in another form. */
export const LONG_TESTS = ".long.test.ts";

/** As vitest's `exclude`. */
export const excludedTests = isLong ? [] : [`**/*${LONG_TESTS}`];

/** The tag of tests that play `runCount` runs: of their files `npm run test:long` repeats these alone. */
export const RANDOM_RUNS = "random-runs";

/**
 * How many random runs a test plays.
 * @param usual finds a mechanism that is broken, within seconds
 * @param long finds what goes wrong once in thousands of runs
 */
export const runCount = (usual: number, long: number): number => (isLong ? long : usual);
