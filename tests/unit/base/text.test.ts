import { expect, it } from "vitest";
import { isStorable, storable } from "../../../app/lib/base/text";

it.each(["", "Jason", "Łucja Ó Sé", "🍷", "\n\t\u0001"])("%j can be stored", (text) => {
  expect(isStorable(text)).toBe(true);
});

it.each(["\0", "Ja\0son", "\ud83c", "\udf77 x", "\udf77\ud83c"])("%j cannot", (text) => {
  expect(isStorable(text)).toBe(false);
});

it.each([
  ["Ja\0son", "Jason"],
  [" Jason\n", "Jason"],
  ["\0 \0", ""],
  ["x\ud83cy", "x\ufffdy"],
  ["🍷", "🍷"],
])("of %j, %j is kept", (text, kept) => {
  expect(storable(text)).toBe(kept);
  expect(isStorable(kept)).toBe(true);
});
