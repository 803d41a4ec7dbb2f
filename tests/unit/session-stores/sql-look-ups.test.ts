import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { UnavailableError } from "../../../app/lib/base/errors";
import type { CallOptions, Database, Row } from "../../../app/lib/db/database";
import { createSqlLookUps } from "../../../app/lib/session-stores/sql-look-ups";
import { hashSecret } from "../../../app/lib/sessions/token";
import { held, START } from "../sessions/support";

/** A database that answers each question when a test wants it to. */
function openDatabase() {
  const asked: { ids: string[]; options: CallOptions | undefined; answer: ReturnType<typeof held<Row[]>> }[] =
    [];
  const call: Database["call"] = (name, args, options) => {
    expect(name).toBe("find_app_sessions");
    const answer = held<Row[]>();
    asked.push({ ids: args?.p_ids as string[], options, answer });
    return answer.promise;
  };
  const find = createSqlLookUps({ call } as Database);
  return {
    find,
    asked,
    /** Answers the nth question with a row for each id but these. */
    answer(nth: number, ...but: string[]) {
      const question = asked[nth];
      question?.answer.resolve(
        question.ids.filter((id) => !but.includes(id)).map((id) => ({ session: aRow(id) })),
      );
    },
  };
}

const aRow = (id: string): Row => ({
  id,
  client_id: "c",
  tenant_id: "old-oak",
  secret_hash: hashSecret("s").toString("hex"),
  user_id: `user of ${id}`,
  user_name: "Una",
  user_email: null,
  user_role: null,
  data: {},
  created_at: START,
  expires_at: START,
  last_activity_at: START,
  origin: "open",
  device: null,
  revision: 0,
  previous_secret_hash: null,
  previous_secret_until: null,
  renewable_until: null,
  max_age_seconds: 60,
  idle_timeout_seconds: null,
});

const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("look-ups travel together", () => {
  it("those of one moment in one question, and each gets its own session", async () => {
    const { find, asked, answer } = openDatabase();
    const [a, b, c] = ids(3) as [string, string, string];
    const found = Promise.all([a, b, c].map(find));
    await turn();
    expect(asked.map((question) => question.ids)).toEqual([[a, b, c]]);
    answer(0, b);
    const users = (await found).map((stored) => stored?.session.user.id);
    expect(users).toEqual([`user of ${a}`, undefined, `user of ${c}`]);
  });

  it("a look-up that comes alone waits for nobody", async () => {
    const { find, asked } = openDatabase();
    const [a, b] = ids(2) as [string, string];
    void find(a);
    await turn();
    void find(b);
    await turn();
    expect(asked.map((question) => question.ids)).toEqual([[a], [b]]);
  });

  it("one id is asked for once in a question, whoever asks", async () => {
    const { find, asked, answer } = openDatabase();
    const [a] = ids(1) as [string];
    const found = Promise.all([find(a), find(a)]);
    await turn();
    expect(asked.map((question) => question.ids)).toEqual([[a]]);
    answer(0);
    expect((await found).map((stored) => stored?.session.id)).toEqual([a, a]);
  });

  it("while enough questions are under way the rest gathers, and goes when one is answered", async () => {
    const { find, asked, answer } = openDatabase();
    const given = ids(12);
    for (const id of given) {
      void find(id);
      await turn();
    }
    const underWay = asked.length;
    expect(underWay).toBeLessThan(given.length);
    answer(0);
    await turn();
    expect(asked[underWay]?.ids).toEqual(given.slice(underWay));
  });

  it("a session is read after it was asked for: none joins a question that is under way", async () => {
    const { find, asked, answer } = openDatabase();
    const [a] = ids(1) as [string];
    const before = find(a);
    await turn();
    const after = find(a);
    await turn();
    expect(asked).toHaveLength(2);
    answer(0);
    answer(1, a);
    expect([(await before)?.session.id, await after]).toEqual([a, undefined]);
  });

  it("five hundred at most go together", async () => {
    const { find, asked } = openDatabase();
    for (const id of ids(501)) void find(id);
    await turn();
    expect(asked.map((question) => question.ids.length)).toEqual([500, 1]);
  });

  it("an id in capitals is the same id", async () => {
    const { find, answer } = openDatabase();
    const [a] = ids(1) as [string];
    const found = find(a.toUpperCase());
    await turn();
    answer(0);
    expect((await found)?.session.id).toBe(a);
  });

  it("a question that fails fails for those who asked it, and the next ones go on", async () => {
    const { find, asked, answer } = openDatabase();
    const [a, b, c] = ids(3) as [string, string, string];
    const failing = Promise.allSettled([find(a), find(b)]);
    await turn();
    asked[0]?.answer.reject(new UnavailableError("away"));
    expect((await failing).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const found = find(c);
    await turn();
    answer(1);
    expect((await found)?.session.id).toBe(c);
  });

  it("may be asked again and given up, and not for long: it changes nothing", async () => {
    const { find, asked } = openDatabase();
    void find(randomUUID());
    await turn();
    expect(asked[0]?.options).toEqual({ readOnly: true, timeoutMs: 2_000 });
  });

  it.each(["", "x", "00000000-0000-4000-8000-00000000000G", "00000000-0000-4000-8000-000000000000'"])(
    "what is no id is no session, and spoils nobody's question: %o",
    async (id) => {
      const { find, asked } = openDatabase();
      expect(await find(id)).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );
});
