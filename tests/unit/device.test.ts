import { expect, it } from "vitest";
import { deviceOf } from "../../app/lib/device.server";

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

it("E5: whatever a browser calls itself, its name is short", () => {
  expect(named(`${"x".repeat(300)}/1.0 (compatible)`)).toBe("x".repeat(80));
  expect(named(`${"x".repeat(60_000)}/1.0 (compatible)`)).toBeNull();
});
