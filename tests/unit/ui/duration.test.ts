import { expect, it } from "vitest";
import { formatDuration } from "../../../app/ui/duration";

it.each([
  [60, "1 minute"],
  [900, "15 minutes"],
  [3_600, "1 hour"],
  [5_400, "90 minutes"],
  [28_800, "8 hours"],
  [86_400, "24 hours"],
  [901, "15 minutes"],
  [89, "1 minute"],
])("%i seconds are %s", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});
