/** The value that a share of all others does not exceed (nearest rank). @param share from 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** How far the middle half of the values lies apart, as a share of the median. */
export const spread = (values: readonly number[]) =>
  (percentile(values, 0.75) - percentile(values, 0.25)) / median(values);
