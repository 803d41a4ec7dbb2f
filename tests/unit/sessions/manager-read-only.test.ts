import { beforeEach, expect, it, vi } from "vitest";
import { UnavailableError } from "../../../app/lib/base/errors";
import { type Engine, openEngine } from "./support";

const IDLE_MS = 600_000;
const refuse = () => Promise.reject(new UnavailableError("read-only", { kind: "read-only" }));

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ policy: { idleTimeoutSeconds: 600, renewalLimitSeconds: 1_000_000 } });
});

/** From now on the store answers and writes nothing. */
function becomeReadOnly() {
  for (const write of ["touch", "saveData", "rotate", "renew", "end", "endIdle", "endAll"] as const) {
    vi.spyOn(engine.store, write).mockImplementation(refuse);
  }
}

it("a session is read on, although its activity cannot be written", async () => {
  const { session, header } = await engine.signIn();
  becomeReadOnly();
  for (let use = 0; use < 5; use += 1) {
    engine.time.nowMs += IDLE_MS - 1;
    expect((await engine.manager.read(header))?.id, `use ${use}`).toBe(session.id);
  }
});

it("a session that nobody used is over, although it cannot be ended", async () => {
  const { header } = await engine.signIn();
  becomeReadOnly();
  engine.time.nowMs += IDLE_MS;
  expect(await engine.manager.read(header)).toBeUndefined();
});

it("a session whose renewal is due is read on; the log stays quiet about each of them", async () => {
  const { session } = await engine.signIn();
  becomeReadOnly();
  engine.time.nowMs += 5 * 3_600_000;
  expect(await engine.manager.refresh(session)).toEqual(session);
  expect(engine.logger.lines.map(({ level }) => level)).toEqual(["debug"]);
});

it("a replaced secret that comes back is refused, although its session cannot be ended; the log says so", async () => {
  const { header } = await engine.signIn();
  await engine.manager.rotate(header);
  engine.time.nowMs += 60_000;
  becomeReadOnly();
  expect(await engine.manager.read(header)).toBeUndefined();
  expect(engine.logger.lines.at(-1)).toMatchObject({
    level: "error",
    message: expect.stringContaining("could not be ended"),
  });
});

it("signing out is not done, and does not look as if it were", async () => {
  const { header } = await engine.signIn();
  becomeReadOnly();
  await expect(engine.manager.destroy(header)).rejects.toThrow("read-only");
});
