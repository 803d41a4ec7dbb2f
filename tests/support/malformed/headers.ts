import fc from "fast-check";
import { anything, inHeader, nearly } from "./text";

export type Header = [name: string, value: string];
type Headers = fc.Arbitrary<Header[]>;

const SAMPLES: Record<string, string[]> = {
  Accept: ["*/*", "text/html", "application/json;q=9", ";q=,,;", "text/html;".repeat(500)],
  "Accept-Encoding": ["gzip", "br;q=1.0, gzip;q=x", "identity;q=0, *;q=0", ",,,"],
  "Accept-Language": ["de", "*;q=0", "x".repeat(3_000)],
  "User-Agent": ["Googlebot/2.1", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "(".repeat(5_000), "/;/;/"],
  "X-Forwarded-For": ["1.2.3.4", "::1, 999.1.1.1", 'unknown, "[::1]:99"', ",,,", "1.2.3.4, ".repeat(900)],
  "X-Forwarded-Port": ["99999", "x"],
  Forwarded: ['for="[::1]";host=%;proto=x', ";;;"],
  "X-HTTP-Method-Override": ["DELETE", "TRACE"],
  "X-Remix-Prefetch": ["yes"],
  "Sec-Fetch-Site": ["same-origin", "cross-site", "none", "same-origin, same-origin", "SAME-ORIGIN"],
  "Sec-Fetch-Mode": ["navigate", "cors"],
  "Sec-Fetch-Dest": ["iframe", "empty"],
  "Sec-Purpose": ["prefetch"],
  "If-None-Match": ["*", 'W/"', '""'],
  "If-Modified-Since": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 99999 99:99:99 GMT"],
  Range: ["bytes=0-0", "bytes=-", "bytes=9-1,2-,-3", "lines=1-2", "bytes=0-99999999999999999999"],
  Referer: ["http://localhost/app", "%", "javascript:alert(1)"],
  Connection: ["close", "keep-alive", "upgrade", "cookie, host"],
  TE: ["trailers"],
  Priority: ["u=9"],
};

/** Of these most make no address. */
const ADDRESSES: Record<string, string[]> = {
  "X-Forwarded-Host": ["evil.example", "evil.example:99999", "a:b:c", "[::1", "a b", "a/b?c#d", "%", ":"],
  "X-Forwarded-Proto": ["https", "gopher", "https, http", "java script", "://", "1", ","],
};

const sampled = fc
  .oneof(
    { weight: 20, arbitrary: fc.constantFrom(...Object.entries(SAMPLES)) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.entries(ADDRESSES)) },
  )
  .chain(([name, values]) =>
    fc.oneof(fc.constantFrom(...values), inHeader).map((value): Header => [name, value]),
  );

const token = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const unknown = fc.tuple(token, inHeader).map(([name, value]): Header => [`X-${name}`, value]);
/** Most of these the server's parser refuses. */
const broken = fc.tuple(anything, anything);
const upgrade = fc.constantFrom<Header>(
  ["Upgrade", "websocket"],
  ["Upgrade", "h2c"],
  ["HTTP2-Settings", "AAMAAABkAAQ"],
  ["Expect", "100-continue"],
  ["Expect", "200-ok"],
);

/** Some headers, each wrong in its own way; now and then one of them twice. */
export const oddHeaders: Headers = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: sampled },
      { weight: 3, arbitrary: unknown },
      { weight: 1, arbitrary: upgrade },
    ),
    { maxLength: 5 },
  )
  .chain((headers) => fc.constantFrom(headers, headers, headers, [...headers, ...headers.slice(0, 1)]));

export const brokenHeaders: Headers = fc.array(broken, { minLength: 1, maxLength: 2 });

/** Where it says that it goes; mostly the truth. */
export function hosts(host: string): Headers {
  const wrong = fc.oneof(
    fc.constantFrom(
      "",
      " ",
      "[",
      "[::1]",
      "a b",
      "localhost:99999",
      "localhost:-1",
      ":",
      "@",
      "a/b",
      "%",
      "..",
      "\u00fc.example",
    ),
    inHeader,
  );
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant<Header[]>([["Host", host]]) },
    { weight: 4, arbitrary: wrong.map((value): Header[] => [["Host", value]]) },
    { weight: 1, arbitrary: fc.constant<Header[]>([]) },
    {
      weight: 1,
      arbitrary: wrong.map((value): Header[] => [
        ["Host", host],
        ["Host", value],
      ]),
    },
  );
}

/** From a page of ours, as unsafe requests have to be; or not. */
export function origins(origin: string): Headers {
  const wrong = fc.oneof(fc.constantFrom("null", "https://evil.example", "", `${origin}/`, "*"), inHeader);
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant<Header[]>([["Origin", origin]]) },
    { weight: 1, arbitrary: wrong.map((value): Header[] => [["Origin", value]]) },
    { weight: 1, arbitrary: fc.constant<Header[]>([]) },
  );
}

/** A webhook's credentials: the right ones, nearly right ones, or something else. */
export function authorizations(right: string): Headers {
  const basic = inHeader.map((text) => `Basic ${Buffer.from(text, "latin1").toString("base64")}`);
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.constant(right) },
    { weight: 1, arbitrary: nearly(right).map((text) => text.replace(/[\r\n\0]/g, "")) },
    { weight: 1, arbitrary: basic },
    { weight: 1, arbitrary: inHeader },
  );
  return value.map((text): Header[] => [["Authorization", text]]);
}
