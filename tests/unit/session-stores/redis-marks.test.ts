import { expect, it } from "vitest";
import { createMarks } from "../../../app/lib/session-stores/redis-marks";
import { ENTRY_MS } from "../../../app/lib/session-stores/redis-stamps";

it("E3: a mark is kept for as long as an entry may live, whatever else is marked meanwhile", () => {
  let nowMs = 0;
  const marks = createMarks(() => nowMs);
  marks.keep("client one", 1);
  nowMs = ENTRY_MS - 1;
  marks.keep("client two", 2);
  expect([marks.newest("client one"), marks.newest("client two")]).toEqual([1, 2]);
  nowMs = ENTRY_MS;
  marks.keep("client three", 3);
  expect([marks.newest("client one"), marks.newest("client two")]).toEqual([0, 2]);
});

it("E3: a mark that is left again is kept from then on, and keeps no older one", () => {
  let nowMs = 0;
  const marks = createMarks(() => nowMs);
  marks.keep("client one", 1);
  marks.keep("client two", 2);
  nowMs = ENTRY_MS - 1;
  marks.keep("client one", 3);
  nowMs = ENTRY_MS;
  marks.keep("client three", 4);
  expect([marks.newest("client one"), marks.newest("client two")]).toEqual([3, 0]);
});
