import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { listenOnPostgres } from "../../app/lib/db/postgres-listener";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { silentLogger } from "../support/silent-logger";
import { startGate } from "../support/tcp-gate";

const CHANNEL = "a_channel";

describe("E4: listening on PostgreSQL", () => {
  let database: TestDatabase;
  let gate: Awaited<ReturnType<typeof startGate>>;
  let heard: string[];
  beforeAll(async () => {
    database = await createTestDatabase("bare");
    const { hostname, port } = new URL(database.url);
    gate = await startGate({ host: hostname, port: Number(port) });
  });
  beforeEach(() => {
    heard = [];
  });
  afterAll(async () => {
    await gate.stop();
    await database.drop();
  });

  const notify = (to: string, payload: string): Promise<unknown> =>
    database.sql.query("select pg_notify($1, $2)", [to, payload]);
  /** Listens through the gate. */
  function listen(options: { notify?: typeof notify; monotonic?: () => number } = {}) {
    const url = new URL(database.url);
    url.port = String(gate.port);
    const receive = (payload: string) => void heard.push(payload);
    const listening = listenOnPostgres({
      ...{ url: url.href, channel: CHANNEL, receive, notify, logger: silentLogger },
      ...options,
    });
    onTestFinished(async () => {
      gate.thaw();
      gate.reopen();
      await listening.stop();
    });
    return listening;
  }
  type Listening = ReturnType<typeof listen>;
  const epochOver = (listening: Listening, epoch: number, timeout = 5_000) =>
    vi.waitFor(() => expect(listening.epoch()).toBeGreaterThan(epoch), { timeout, interval: 5 });
  const closed = (listening: Listening, timeout = 5_000) =>
    vi.waitFor(() => expect(listening.epoch()).toBeUndefined(), { timeout, interval: 5 });
  const opened = async (options = {}) => {
    const listening = listen(options);
    await epochOver(listening, 0);
    return listening;
  };
  const msOf = async (work: () => Promise<unknown>) => {
    const startMs = performance.now();
    await work();
    return performance.now() - startMs;
  };
  const backends = async () => {
    const { rows } = await database.sql.query(
      "select pid from pg_stat_activity where application_name = 'libero listen' and datname = current_database()",
    );
    return rows.map(({ pid }) => pid as number);
  };

  it("opens within a second, once, and brings notices in their order", async () => {
    const listening = listen();
    expect(listening.epoch()).toBeUndefined();
    await epochOver(listening, 0, 1_000);
    expect(listening.epoch()).toBe(1);
    const sent = Array.from({ length: 200 }, (_, i) => `notice ${i}`);
    for (const payload of sent) await notify(CHANNEL, payload);
    await vi.waitFor(() => expect(heard).toHaveLength(200));
    expect(heard).toEqual(sent);
  });

  it("its own probes, and those of other instances, are no notices", async () => {
    await opened();
    await opened();
    await notify(CHANNEL, "last");
    await vi.waitFor(() => expect(heard).toEqual(["last", "last"]));
  });

  it("E3: a connection that the server ends closes it at once; the next one has another number", async () => {
    const listening = await opened();
    const [pid] = await backends();
    await database.sql.query("select pg_terminate_backend($1)", [pid]);
    expect(await msOf(() => closed(listening))).toBeLessThan(200);
    await epochOver(listening, 1);
    await notify(CHANNEL, "after");
    await vi.waitFor(() => expect(heard).toEqual(["after"]));
  });

  it("E3: a connection that is cut closes it at once, for as long as there is no way through", async () => {
    const listening = await opened();
    gate.shut();
    expect(await msOf(() => closed(listening))).toBeLessThan(200);
    await notify(CHANNEL, "unheard");
    gate.reopen();
    await epochOver(listening, 1);
    expect(heard).toEqual([]);
  });

  it("E3: a connection that hangs closes it in less than two seconds; it comes back by itself", async () => {
    const listening = await opened();
    gate.freeze();
    expect(await msOf(() => closed(listening))).toBeLessThan(2_000);
    gate.thaw();
    await epochOver(listening, 1, 10_000);
  });

  it("E3: what was not heard of for a second and a half is not trusted until it is heard of again", async () => {
    let aheadMs = 0;
    const listening = await opened({ monotonic: () => performance.now() + aheadMs });
    aheadMs += 1_500;
    expect(listening.epoch()).toBeUndefined();
    await epochOver(listening, 0, 1_000);
    // Nothing can have been missed: it is the same connection.
    expect(listening.epoch()).toBe(1);
  });

  it("a connection that hangs before LISTEN is answered is given up, and another one opens", async () => {
    gate.hangAt(`listen ${CHANNEL}`);
    const listening = listen();
    await epochOver(listening, 0);
    expect(listening.epoch()).toBe(1);
  });

  it("behind a pooler that lets no notice through it never opens", async () => {
    const asked = vi.fn(async () => undefined);
    const listening = listen({ notify: asked });
    const epochs = new Set<number | undefined>();
    await vi.waitFor(
      () => {
        epochs.add(listening.epoch());
        expect(asked.mock.calls.length).toBeGreaterThan(1);
      },
      { timeout: 6_000, interval: 10 },
    );
    expect([...epochs]).toEqual([undefined]);
  });

  describe("stops promptly", () => {
    const expectPrompt = async (listening: Listening, withinMs = 500) => {
      expect(await msOf(() => listening.stop())).toBeLessThan(withinMs);
      expect(listening.epoch()).toBeUndefined();
    };

    it("while it is open, and leaves no connection behind", async () => {
      const listening = await opened();
      expect(await backends()).toHaveLength(1);
      await expectPrompt(listening);
      await vi.waitFor(async () => expect(await backends()).toEqual([]), 5_000);
    });

    it("while the connection hangs", async () => {
      const listening = await opened();
      gate.freeze();
      await expectPrompt(listening);
    });

    it("while it connects to a server that does not answer", async () => {
      gate.freeze();
      const listening = listen();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await expectPrompt(listening);
    });

    it("while it waits to be notified", async () => {
      const asked = vi.fn(() => new Promise(() => undefined));
      const listening = listen({ notify: asked });
      await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 5_000);
      await expectPrompt(listening);
    });

    it("while it waits to try again", async () => {
      gate.shut();
      const listening = listen();
      // In the middle of the fourth wait, which begins after 525 to 875 ms and lasts 600 to 1,000.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await expectPrompt(listening, 100);
    });

    it("twice", async () => {
      const listening = await opened();
      await Promise.all([expectPrompt(listening), expectPrompt(listening)]);
    });
  });
});
