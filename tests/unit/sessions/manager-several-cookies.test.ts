import { beforeEach, describe, expect, it } from "vitest";
import { newToken } from "../../../app/lib/sessions/token";
import { EIGHT_HOURS, type Engine, NAME, openEngine, sentBack } from "./support";

/**
 * F6: a browser sends several cookies of our name where one was set under another path, domain or partition: after a change of
 * settings, or by a sibling host. The first of them may be anything.
 */
let engine: Engine;
const GRACE_MS = 10_000;

describe.each([{ cached: false }, { cached: true }])("several cookies of our name (%o)", (options) => {
  beforeEach(async () => {
    engine = await openEngine({ ...options, policy: { idleTimeoutSeconds: 3_600 } });
  });

  const rotated = async (header: string) =>
    sentBack((await engine.manager.rotate(header))?.setCookie as string);
  const letPass = (ms: number) => {
    engine.time.nowMs += ms;
  };
  const together = (...headers: string[]) => headers.join("; ");
  const unknown = () => sentBack(engine.cookie.write(newToken(), 60));

  it.each([
    ["of a session that ended", (header: string) => engine.manager.destroy(header)],
    ["of a session that expired", () => letPass(EIGHT_HOURS * 1_000)],
    ["of a session that idled too long", () => letPass(3_600_000)],
  ])("one %s hides no live one behind it", async (_what, end) => {
    const old = await engine.signIn();
    await engine.manager.read(old.header);
    await end(old.header);
    const live = await engine.signIn();
    for (const _time of [1, 2]) {
      expect((await engine.manager.read(together(old.header, live.header)))?.id).toBe(live.session.id);
    }
  });

  it("nor does any number of those that are signed and unknown, or forged", async () => {
    const { session, header } = await engine.signIn();
    const before = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? unknown() : `${NAME}=${newToken().id}.${"A".repeat(87)}`,
    );
    expect((await engine.manager.read(together(...before, header)))?.id).toBe(session.id);
    expect((await engine.manager.read(together(...before, header), { fresh: true }))?.id).toBe(session.id);
  });

  it("of two live ones the first counts, whichever was read before", async () => {
    const [first, second] = [await engine.signIn(), await engine.signIn()];
    await engine.manager.read(second.header);
    for (const _time of [1, 2]) {
      expect((await engine.manager.read(together(first.header, second.header)))?.id).toBe(first.session.id);
    }
  });

  it("one from before a rotation, beside the one of now, is no replay, after the grace too", async () => {
    const { session, header } = await engine.signIn();
    const newer = await rotated(header);
    engine.time.nowMs += GRACE_MS;
    for (const both of [together(header, newer), together(newer, header)]) {
      for (const _time of [1, 2]) expect((await engine.manager.read(both))?.id).toBe(session.id);
    }
    expect(engine.logger.lines).toEqual([]);
  });

  it("nor beside a live one of another session", async () => {
    const { session, header } = await engine.signIn();
    const newer = await rotated(header);
    engine.time.nowMs += GRACE_MS;
    const other = await engine.signIn();
    expect((await engine.manager.read(together(header, other.header)))?.id).toBe(other.session.id);
    expect((await engine.manager.read(newer))?.id).toBe(session.id);
  });

  it("R34: where none opens a session, one whose secret was replaced is a replay", async () => {
    const { session, header } = await engine.signIn();
    const newer = await rotated(header);
    engine.time.nowMs += GRACE_MS;
    expect(await engine.manager.read(together(unknown(), header))).toBeUndefined();
    expect(await engine.endOf(session.id)).toBe("replayed");
    expect(await engine.manager.read(newer)).toBeUndefined();
  });

  it("a rotation replaces the secret of the one that is live", async () => {
    const old = await engine.signIn();
    await engine.manager.destroy(old.header);
    const live = await engine.signIn();
    const newer = await rotated(together(old.header, live.header));
    expect((await engine.manager.read(newer))?.id).toBe(live.session.id);
  });

  it("A6: a sign-out ends the sessions of all", async () => {
    const all = [await engine.signIn(), await engine.signIn(), await engine.signIn()];
    await engine.manager.destroy(together(...all.map(({ header }) => header)));
    for (const { session, header } of all) {
      expect(await engine.manager.read(header)).toBeUndefined();
      expect(await engine.endOf(session.id)).toBe("signed_out");
    }
  });

  it("C4: a sign-in replaces the sessions of all", async () => {
    const all = [await engine.signIn(), await engine.signIn(), await engine.signIn()];
    const { header } = await engine.signIn(together(...all.map((one) => one.header)));
    for (const { session } of all) expect(await engine.endOf(session.id)).toBe("replaced");
    expect(await engine.manager.read(header)).toBeDefined();
  });
});
