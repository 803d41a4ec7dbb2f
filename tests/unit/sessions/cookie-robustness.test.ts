import { performance } from "node:perf_hooks";
import { expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { aCookie, NAME, sentBack } from "./support";

const cookie = aCookie();
const pair = sentBack(cookie.write(newToken(), 60));

it.each([
  ["no header", undefined],
  ["null", null],
  ["an empty header", ""],
  ["a name alone", NAME],
  ["an empty value", `${NAME}=`],
  ["60 KB under our name", `${NAME}=${"A".repeat(60_000)}`],
  ["60 KB of separators", ";".repeat(60_000)],
  ["60 KB of white space", " ".repeat(60_000)],
  ["60 KB of our name", NAME.repeat(3_750)],
  ["thousands of duplicates", `${NAME}=x;`.repeat(3_300)],
  ["a NUL character", `${NAME}=\0`],
  ["lone surrogates", `${NAME}=\ud800.\udc00.\ud800`],
  ["broken percent signs", `${NAME}=%E0%A4%A; a=%`],
  ["JSON", `${NAME}={"id":1}`],
])("R2: %s is no session, never an error", (_what, header) => {
  expect(cookie.read(header)).toEqual([]);
});

it("reading 64 KB of the worst header is no work to speak of", () => {
  const headers = [";".repeat(65_536), `${NAME}=x;`.repeat(3_600), ` ${NAME}`.repeat(3_600)];
  const started = performance.now();
  for (let round = 0; round < 20; round += 1) for (const header of headers) cookie.read(header);
  // 60 reads; quadratic work would take minutes.
  expect(performance.now() - started).toBeLessThan(3_000);
});

/** Mulberry32: small, and the same numbers from the same seed. */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it("R2: none of 4,000 random headers is an error, and none opens a session", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const [, value = ""] = pair.split("=");
  const parts = [NAME, "=", ";", "; ", ".", " ", '"', "%", "\0", "\ud800", "é", "%2E", "a", "-", "\r\n"];
  const pieces = [...parts, ...value.split("."), value.slice(0, 60), value.slice(-60)];

  for (let round = 0; round < 4_000; round += 1) {
    const length = Math.floor(random() * 40);
    const header = Array.from({ length }, () => pick(pieces)).join("");
    if (header.includes(value)) continue;
    expect(cookie.read(header), `seed ${seed}, round ${round}, ${JSON.stringify(header)}`).toEqual([]);
  }
});
