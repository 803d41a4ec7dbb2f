import { expect, it, vi } from "vitest";

/** What an example writes, from beginning to end. */
async function printed(example: () => Promise<unknown>): Promise<string> {
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await example();
    return output.mock.calls.join("");
  } finally {
    output.mockRestore();
  }
}

it("B7: the examples on docs/adapters/remix-auth.md do what they say", async () => {
  expect(await printed(() => import("../../../docs/examples/remix-auth-commerce7"))).toMatch(
    /^200 \{"id":"12211212-.*","tenantId":"spectrawinery","isOwner":true\}\n401 no access\n$/,
  );
  const magicLink = await printed(() => import("../../../docs/examples/remix-auth-magic-link"));
  expect(magicLink.split("\n")).toEqual([
    "302 /login?sent",
    '410 {"fault":"foreign"}',
    '200 {"email":"jason@example.com"}',
    '410 {"fault":"used"}',
    "",
  ]);
}, 30_000);
