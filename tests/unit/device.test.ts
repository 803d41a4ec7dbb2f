import { expect, it } from "vitest";
import { deviceOf, withKnownDevice } from "../../app/lib/device.server";
import type { SessionSummary } from "../../app/lib/sessions/session";

const named = (userAgent?: string) =>
  deviceOf(
    new Request("http://localhost:3000/app", { headers: userAgent ? { "user-agent": userAgent } : {} }),
  );

it.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Windows"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Chrome on macOS",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
    "Microsoft Edge on Windows",
  ],
])("E5: %s is called %s", (userAgent, name) => {
  expect(named(userAgent)).toBe(name);
});

it.each([undefined, " ", "x", "-", "(;;;)"])("E5: a browser that says %j has no name", (userAgent) => {
  expect(named(userAgent)).toBeNull();
});

const HOSTILE = [
  "Call-0800-555-now/1.0 (compatible)",
  "<script>alert(1)</script>/1.0",
  "https://evil.example/win/1.0 (Free-Gift)",
  "Your account is locked, call us/2 on Windows",
  `${"x".repeat(300)}/1.0 (compatible)`,
  `${"x".repeat(60_000)}/1.0 (compatible)`,
];

it.each(HOSTILE)("E5: what no browser is called is shown nowhere: %s", (userAgent) => {
  const name = named(userAgent);
  expect([null, "Windows"]).toContain(name);
});

const stored = (device: string | null) => withKnownDevice({ device } as SessionSummary).device;

it.each([...HOSTILE, "Firefox on Your Phone", "Call us on 0800-555", "Windows 95 on Firefox"])(
  "E5: nor where a version before stored it: %s",
  (device) => {
    expect([null, "Firefox"]).toContain(stored(device));
  },
);

it.each(["Firefox on Windows", "Safari on iOS", "Microsoft Edge on Windows", "Chrome", "Windows", null])(
  "E5: what was stored well is shown as it was: %s",
  (device) => {
    expect(stored(device)).toBe(device);
  },
);
