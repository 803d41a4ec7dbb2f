import { expectUnreachableUntilTriedAgain } from "./faults";
import { expect, test } from "./fixtures";

test("A2: Commerce7 hangs: 503 after 8 seconds, until Try again finds it", async ({
  admin,
  stack,
  expectErrors,
}) => {
  expectErrors(/status of 503/);
  expect(await expectUnreachableUntilTriedAgain(admin, stack, "hang")).toBeLessThan(11_000);
});
