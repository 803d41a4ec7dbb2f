import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = async (file: string) =>
  (await promisify(execFile)(process.execPath, ["--import", "tsx", `docs/examples/${file}`])).stdout;

it("B7: the examples on docs/adapters/remix-auth.md do what they say", async () => {
  const [commerce7, magicLink] = await Promise.all([
    run("remix-auth-commerce7.ts"),
    run("remix-auth-magic-link.ts"),
  ]);
  expect(commerce7).toMatch(
    /^200 \{"id":"12211212-.*","tenantId":"spectrawinery","isOwner":true\}\n401 no access\n$/,
  );
  expect(magicLink.split("\n")).toEqual([
    "302 /login?sent",
    '410 {"fault":"foreign"}',
    '200 {"email":"jason@example.com"}',
    '410 {"fault":"used"}',
    "",
  ]);
}, 30_000);
