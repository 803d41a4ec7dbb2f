import fc from "fast-check";

/** Text whose characters are bytes (0 to 255): what goes over the wire, whatever it means there. */
export type Wire = fc.Arbitrary<string>;

/** The bytes that UTF-8 has for it. */
export const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

const CURIOUS = [
  "",
  " ",
  "%",
  "%%%",
  "%00",
  "%0d%0aSet-Cookie:%20a=b",
  "%E0%A4%A",
  "%C0%AE%C0%AE/",
  "%ud800",
  "\u00ff\u00fe",
  utf8("🍷 Weingut Größe"),
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "'; drop table app_sessions; --",
  '"><script>alert(1)</script>',
  "$" + "{7*7}",
  "__proto__",
  "constructor",
  "toString",
  "[object Object]",
  "undefined",
  "null",
  "NaN",
  "-1",
  "1e999",
  "0x10",
  "9".repeat(400),
  "true",
  "[]",
  "{}",
  "a[b][c]=d",
  "00000000-0000-4000-8000-000000000000",
];

const curious = fc.constantFrom(...CURIOUS);
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString("latin1"));
const unicode = fc.string({ unit: "binary", maxLength: 30 }).map(utf8);
const long = fc
  .tuple(fc.constantFrom("a", "%", "%41", "\u00e9", "(", "; "), fc.integer({ min: 200, max: 9_000 }))
  .map(([piece, times]) => piece.repeat(times).slice(0, 9_000));

/** Anything, line breaks and NUL among it. */
export const anything: Wire = fc.oneof(
  { weight: 5, arbitrary: curious },
  { weight: 3, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 2, arbitrary: bytes },
  { weight: 2, arbitrary: unicode },
  { weight: 1, arbitrary: long },
);

/** What may stand in a header, so that the request gets past the server's parser. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that end a header, or that it must not hold
export const inHeader: Wire = anything.map((text) => text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, "?"));

/** What may stand in a request's first line. */
export const inTarget: Wire = inHeader.map((text) => text.replace(/[\s\x80-\xff]/g, "+"));

/** A text of which little is wrong: one character another, cut short, doubled, in quotes, encoded. */
export function nearly(text: string): Wire {
  const at = fc.nat(Math.max(text.length - 1, 0));
  const piece = fc.oneof(curious, fc.string({ minLength: 1, maxLength: 1 }));
  return fc.oneof(
    fc.tuple(at, piece).map(([index, other]) => text.slice(0, index) + other + text.slice(index + 1)),
    at.map((index) => text.slice(0, index)),
    at.map((index) => text.slice(index + 1)),
    fc.tuple(at, at).map(([from, to]) => text.slice(0, from) + text.slice(to)),
    fc.constantFrom(
      text + text,
      `${text}.${text}`,
      `"${text}"`,
      `"${text}`,
      ` ${text} `,
      text.toUpperCase(),
      encodeURIComponent(text),
      text.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
      [...text].reverse().join(""),
    ),
  );
}
