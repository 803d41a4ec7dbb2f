/** Of runs that may stand for the project. */
export const RESULTS = "bench/results";
/** Of all others: quick ones, parts, and what did not come to its end. */
export const OTHER_RESULTS = "bench/results/quick";
export const PROFILES = "bench/results/profiles";

/** Where a suite's chart lies, beside its results. */
export const chartFile = (suite: string, index: number) =>
  index === 0 ? `${suite}.svg` : `${suite}-${index + 1}.svg`;
