import { expect, it } from "vitest";
import { askWhoIsSignedIn } from "../../../app/lib/commerce7/account";
import { startRawServer } from "../../support/commerce7";

it.each([
  ["empty", ""],
  ["white space", " "],
  ["two words", "Bearer abc"],
  ["a header injected", "abc\r\nx-evil: 1"],
  ["a line feed at its end", "abc\n"],
  ["a NUL character", "abc\0"],
  ["a letter outside ASCII", "abcé"],
  ["a tab", "a\tb"],
  ["half a surrogate pair", "abc\ud800"],
  ["longer than a URL lets it be", "x".repeat(8_193)],
])("a token that cannot be one (%s) is refused without asking anybody", async (_what, account) => {
  const server = await startRawServer((response) => response.end('{"id":"1"}'));
  const answered = await askWhoIsSignedIn(
    { apiUrl: server.url, timeoutMs: 1_000 },
    { account, tenantId: "old-oak" },
  );
  expect(answered).toEqual({ outcome: "refused" });
  expect(server.requests).toEqual([]);
});

it("the longest token that can be one is asked about", async () => {
  const server = await startRawServer((response) => response.end('{"id":"1"}'));
  const account = "x".repeat(8_192);
  const answered = await askWhoIsSignedIn(
    { apiUrl: server.url, timeoutMs: 1_000 },
    { account, tenantId: "old-oak" },
  );
  expect(answered).toMatchObject({ outcome: "verified" });
});

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.secret-part.c2lnbmF0dXJl";

it.each([
  ["verified", 200, () => JSON.stringify({ id: "1" })],
  ["refused", 401, () => `no such token: ${TOKEN}`],
  ["an error", 500, () => `failed for ${TOKEN}`],
  ["nonsense", 200, () => `<p>${TOKEN}</p>`],
])("R26: the token is no part of the answer, whatever Commerce7 echoes: %s", async (_what, status, body) => {
  const server = await startRawServer((response) => response.writeHead(status).end(body()));
  const options = { apiUrl: server.url, timeoutMs: 1_000 };
  const answered = await askWhoIsSignedIn(options, { account: TOKEN, tenantId: "old-oak" });
  expect(server.requests).toHaveLength(1);
  expect(JSON.stringify(answered)).not.toContain("secret-part");
});

it("R26: nor of a reason why there was no answer", async () => {
  const server = await startRawServer((response) => response.destroy());
  const options = { apiUrl: server.url, timeoutMs: 1_000 };
  const answered = await askWhoIsSignedIn(options, { account: TOKEN, tenantId: "old-oak" });
  expect(answered).toMatchObject({ outcome: "unreachable" });
  expect(JSON.stringify(answered)).not.toContain("secret-part");
});
