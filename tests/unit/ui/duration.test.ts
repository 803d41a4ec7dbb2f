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
  [7_140, "119 minutes"],
  [7_200, "2 hours"],
  [7_500, "2 hours 5 minutes"],
  [43_212, "12 hours"],
  [90_000, "25 hours"],
  [172_740, "47 hours 59 minutes"],
  [172_800, "2 days"],
  [176_400, "2 days 1 hour"],
  [2_592_000, "30 days"],
])("%i seconds are %s", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});
