import fc from "fast-check";
import { anything, nearly, utf8, type Wire } from "./text";

export type Body = { type: string; content: string };

const FIELDS = [
  "contactEmail",
  "defaultTheme",
  "sessionMaxAgeSeconds",
  "sessionIdleTimeoutSeconds",
  "sessionRenewalLimitSeconds",
  "sessionMaxPerUser",
  "sessionAtLimit",
  "intent",
  "sessionId",
  "userId",
  "__proto__",
];
const VALUES = ["light", "end", "end-person", "end-others", "cellar@example.com", "28800", "0", "refuse-new"];

const nested = fc
  .tuple(fc.constantFrom<[string, string]>(["[", "]"], ['{"a":', "}"]), fc.integer({ min: 1, max: 30_000 }))
  .map(([[open, close], depth]) => `${open.repeat(depth)}0${close.repeat(depth)}`)
  .map((json) => json.slice(0, 200_000));

const lone = fc.constantFrom('"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"', '{"\\u0000":1}', '{"\\ud83c":1}');

const value = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 3 }).map(utf8) },
  { weight: 2, arbitrary: lone },
  { weight: 1, arbitrary: nested },
  {
    weight: 2,
    arbitrary: fc.constantFrom("1e999", "-0", "1E-400", "9".repeat(400), "null", "true", '""', "[]"),
  },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 80_000 }).map((length) => `"${"x".repeat(length)}"`) },
);

function installs(tenantId: string): Wire {
  const key = fc.constantFrom(
    "user",
    "email",
    "firstName",
    "id",
    "settings",
    "__proto__",
    "constructor",
    "a",
  );
  const wrongTenant = fc.oneof(
    value,
    nearly(tenantId)
      .map((text) => JSON.stringify(text))
      .map(utf8),
  );
  const tenant = fc.oneof(
    { weight: 5, arbitrary: fc.constant(`"${tenantId}"`) },
    { weight: 2, arbitrary: wrongTenant },
  );
  const person = fc
    .tuple(value, value, value)
    .map(([id, name, email]) => `{"id":${id},"firstName":${name},"email":${email}}`);
  const member = fc.tuple(key, fc.oneof(value, person)).map(([name, json]) => `"${name}":${json}`);
  return fc
    .tuple(tenant, fc.array(member, { maxLength: 4 }))
    .map(([id, members]) => `{${[`"tenantId":${id}`, ...members].join(",")}}`);
}

/** What webhooks carry. @param tenantId of the client that they may install and uninstall */
export function jsonBodies(tenantId: string): fc.Arbitrary<Body> {
  const json = fc.oneof(installs(tenantId), installs(tenantId), value);
  const content = fc.oneof(
    { weight: 6, arbitrary: json },
    { weight: 2, arbitrary: json.chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))) },
    { weight: 1, arbitrary: json.map((text) => `\u00ef\u00bb\u00bf${text}`) },
    { weight: 1, arbitrary: json.map((text) => Buffer.from(text, "utf16le").toString("latin1")) },
    { weight: 1, arbitrary: json.map((text) => `${text}${text}`) },
    { weight: 1, arbitrary: anything },
  );
  const type = fc.constantFrom("application/json", "application/json; charset=utf-16", "application/x+json");
  return fc.record({ type, content });
}

/** What forms carry. */
export const formBodies: fc.Arbitrary<Body> = fc.record({
  type: fc.constantFrom("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=x"),
  content: fc.oneof(
    fc
      .array(
        fc.tuple(
          fc.oneof(fc.constantFrom(...FIELDS), anything),
          fc.oneof(fc.constantFrom(...VALUES), anything.map(escape), anything),
        ),
        { maxLength: 6 },
      )
      .map((pairs) => pairs.map((pair) => pair.join("=")).join("&")),
    anything,
    fc.integer({ min: 1_000, max: 12_000 }).map((times) => "a=b&".repeat(times)),
  ),
});

const part = fc
  .tuple(
    fc.oneof(fc.constantFrom(...FIELDS), anything),
    fc.constantFrom("", '; filename="a.txt"', '; filename="', "; filename*=UTF-8''%ff", '; filename=""'),
    fc.constantFrom("\r\n\r\n", "\n\n", "\r\n", "\r\nContent-Type: x/y\r\n\r\n"),
    fc.oneof(fc.constantFrom(...VALUES), anything),
  )
  .map(
    ([name, file, gap, content]) =>
      `Content-Disposition: form-data; name="${name}"${file}${gap}${content}\r\n`,
  );

const multipartBodies: fc.Arbitrary<Body> = fc
  .record({
    boundary: fc.constantFrom("x", "----Boundary", "a b", ""),
    written: fc.constantFrom("boundary=", "Boundary=", 'boundary="', ""),
    parts: fc.array(part, { maxLength: 4 }),
    end: fc.constantFrom("--\r\n", "--", "", "\r\n"),
  })
  .map(({ boundary, written, parts, end }) => ({
    type: `multipart/form-data; ${written}${boundary}`,
    content: `${parts.map((text) => `--${boundary}\r\n${text}`).join("")}--${boundary}${end}`,
  }));

const TYPES = [
  "",
  "text/plain",
  "application/json/json",
  "multipart/form-data",
  ";",
  "\u00ff/\u00ff",
  "a".repeat(3_000),
];
const otherBodies: fc.Arbitrary<Body> = fc.record({ type: fc.constantFrom(...TYPES), content: anything });

/** What a request carries. */
export function bodies(tenantId: string): fc.Arbitrary<Body> {
  return fc.oneof(
    { weight: 4, arbitrary: jsonBodies(tenantId) },
    { weight: 4, arbitrary: formBodies },
    { weight: 2, arbitrary: multipartBodies },
    { weight: 1, arbitrary: otherBodies },
  );
}
