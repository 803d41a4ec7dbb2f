import { expect, it } from "vitest";
import { createRefusalLog } from "../../../app/lib/observability/refusals";
import { recordingLogger } from "../sessions/support";

function open() {
  const logger = recordingLogger();
  const time = { nowMs: 0 };
  const log = createRefusalLog(logger, () => time.nowMs);
  const lines = () => logger.lines.map(({ fields }) => fields);
  return { log, lines, time, logger };
}

const signIn = { what: "sign-in", reason: "refused", address: "192.0.2.7", tenantId: "old-oak" };

it("one line for a refusal: what, why, where from, at which winery", () => {
  const { log, logger } = open();
  log(signIn);
  expect(logger.lines).toEqual([{ level: "warn", fields: signIn, message: "request refused" }]);
});

it("of the same source and reason one line in ten seconds, with how many were left out", () => {
  const { log, lines, time } = open();
  for (let i = 0; i < 1_000; i += 1) log(signIn);
  expect(lines()).toHaveLength(1);
  time.nowMs += 9_999;
  log(signIn);
  expect(lines()).toHaveLength(1);
  time.nowMs += 1;
  log(signIn);
  expect(lines().at(-1)).toEqual({ ...signIn, leftOut: 1_000 });
});

it("another source, reason or winery has its own line", () => {
  const { log, lines } = open();
  log(signIn);
  for (const other of [
    { address: "192.0.2.8" },
    { reason: "too-many" },
    { tenantId: "bodega" },
    { what: "webhook" },
  ]) {
    log({ ...signIn, ...other });
  }
  expect(lines()).toHaveLength(5);
});

it("an attack from any number of sources is a hundred lines in ten seconds, and no memory to speak of", () => {
  const { log, lines, time } = open();
  for (let i = 0; i < 50_000; i += 1) log({ ...signIn, address: `2001:db8::${i.toString(16)}` });
  expect(lines()).toHaveLength(100);
  time.nowMs += 10_000;
  log(signIn);
  expect(lines()).toHaveLength(101);
});
