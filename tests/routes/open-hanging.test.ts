import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loader } from "~/routes/app";
import { call, get, openApp } from "../support/routes";

const world = openApp();
beforeEach(() => world.install());
afterEach(() => void vi.restoreAllMocks());

it("A2, R31: where Commerce7 hangs it is given up after 8 seconds, and can be tried again", async () => {
  // The time-out itself runs; only its length is cut, so that nobody waits.
  const timeout = AbortSignal.timeout;
  const lengths = vi
    .spyOn(AbortSignal, "timeout")
    .mockImplementation((ms) => timeout.call(AbortSignal, ms / 40));
  world.sandbox.setFault("hang");
  const answer = await call(loader, get(world.openingUrl()));
  expect(answer).toMatchObject({ status: 503, body: { fault: "unreachable" } });
  expect(lengths.mock.calls).toEqual([[8_000]]);

  world.sandbox.setFault("none");
  expect(await call(loader, get(world.openingUrl()))).toRedirectTo("/app");
});
