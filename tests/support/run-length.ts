/** `npm run test:long` sets it. */
const isLong = process.env.TEST_LENGTH === "long";

/**
 * How many random runs a test plays.
 * @param usual finds a mechanism that is broken, within seconds
 * @param long finds what goes wrong once in thousands of runs
 */
export const runCount = (usual: number, long: number): number => (isLong ? long : usual);
