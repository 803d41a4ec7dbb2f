import fc from "fast-check";
import type { RawRequest } from "../raw-client";
import { type Body, bodies, formBodies, jsonBodies } from "./bodies";
import { cookies } from "./cookies";
import { type Framed, framed, NO_BODY } from "./framing";
import { authorizations, brokenHeaders, type Header, hosts, oddHeaders, origins } from "./headers";
import { targets } from "./targets";
import { anything } from "./text";

/** What these requests know of the app. */
export type Known = {
  url: string;
  /** The value of a cookie that opens a session: it is never sent as it is. */
  good: string;
  /** What stands for the Cookie header of another session, at the other tenant: they may end it. */
  busy: string;
  /** The webhooks' Authorization header. */
  authorization: string;
  account: string;
  otherTenantId: string;
};

const METHODS = [
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "M-SEARCH",
  "get",
  "X",
];
const method = fc.oneof(
  { weight: 10, arbitrary: fc.constant("GET") },
  { weight: 10, arbitrary: fc.constant("POST") },
  { weight: 3, arbitrary: fc.constantFrom(...METHODS) },
);

/** Requests of which most get past the server's parser, so that it is the app that has to cope. */
export function malformedRequests(known: Known): fc.Arbitrary<RawRequest> {
  const anyBody = bodies(known.otherTenantId);
  const bare = fc.record({
    method,
    target: targets([known.account, known.otherTenantId]),
    headers: headersOf(known),
  });
  return fc.oneof(
    { weight: 10, arbitrary: bare.map((parts) => written(parts, NO_BODY)) },
    { weight: 5, arbitrary: withBody(bare, anyBody) },
    { weight: 6, arbitrary: withBody(webhooks(known), jsonBodies(known.otherTenantId)) },
    { weight: 6, arbitrary: withBody(forms(known), fc.oneof(formBodies, formBodies, anyBody)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(bare, brokenHeaders)
        .map(([parts, headers]) => written(parts, { headers, content: "", alone: true })),
    },
    {
      weight: 1,
      arbitrary: anything.map((text) => ({ bytes: Buffer.from(text, "latin1"), head: false, alone: true })),
    },
  );
}

/** Of a list, mostly: `often` times out of ten. */
function mostly(often: number, headers: fc.Arbitrary<Header[]>): fc.Arbitrary<Header[]> {
  const none = fc.constant<Header[]>([]);
  return fc.oneof({ weight: often, arbitrary: headers }, { weight: 10 - often, arbitrary: none });
}

const together = (...lists: fc.Arbitrary<Header[]>[]) => fc.tuple(...lists).map((all) => all.flat());

function headersOf({ url, good, busy, authorization }: Known): fc.Arbitrary<Header[]> {
  const { host, origin } = new URL(url);
  const cookie = cookies(good, busy).map((value): Header => ["Cookie", value]);
  const cookieHeaders = fc.oneof(
    { weight: 5, arbitrary: cookie.map((header) => [header]) },
    { weight: 1, arbitrary: fc.array(cookie, { maxLength: 3 }) },
  );
  const credentials = mostly(3, authorizations(authorization));
  return together(hosts(host), mostly(7, cookieHeaders), origins(origin), credentials, oddHeaders);
}

/** Malformed in the body alone, mostly. */
function webhooks({ url, authorization }: Known): fc.Arbitrary<Parts> {
  const host = fc.constant<Header[]>([["Host", new URL(url).host]]);
  return fc.record({
    method: fc.constant("POST"),
    target: fc.constantFrom("/install", "/install", "/install", "/uninstall"),
    headers: together(host, authorizations(authorization), mostly(2, oddHeaders)),
  });
}

/** Malformed in the body alone, mostly, and sent by somebody who is signed in. */
function forms({ url, busy }: Known): fc.Arbitrary<Parts> {
  const { host, origin } = new URL(url);
  const right = fc.constant<Header[]>([
    ["Host", host],
    ["Origin", origin],
    ["Cookie", busy],
  ]);
  const path = fc.constantFrom("/settings", "/settings", "/devices", "/app", "/login", "/magic");
  return fc.record({
    method: fc.constant("POST"),
    target: fc.tuple(path, fc.constantFrom("", ".data", "?index")).map((parts) => parts.join("")),
    headers: together(right, mostly(2, oddHeaders)),
  });
}

function withBody(parts: fc.Arbitrary<Parts>, body: fc.Arbitrary<Body>): fc.Arbitrary<RawRequest> {
  const framedBody = body.chain(({ type, content }) => framed(content).map((frame) => ({ ...frame, type })));
  return fc.tuple(parts, framedBody).map(([{ headers, ...rest }, { type, ...frame }]) => {
    const contentType: Header = ["Content-Type", type];
    return written({ ...rest, headers: [...headers, contentType] }, frame);
  });
}

type Parts = { method: string; target: string; headers: Header[] };

const line = ([name, value]: Header) => `${name}: ${value}\r\n`;

function written({ method, target, headers }: Parts, frame: Framed): RawRequest {
  const first = `${method} ${target} HTTP/1.1\r\n`;
  const text = `${first}${[...headers, ...frame.headers].map(line).join("")}\r\n${frame.content}`;
  return { bytes: Buffer.from(text, "latin1"), head: method === "HEAD", alone: frame.alone };
}
