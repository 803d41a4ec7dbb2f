import { expect, it } from "vitest";
import { counted, facts, instant, table, toDocument } from "../../../bin/sessions/output";

it("aligns columns without frames, by the width that characters have", () => {
  expect(
    table(
      ["NAME", "BYTES"],
      [
        ["酒造", 7],
        ["Jason", null],
      ],
    ),
  ).toBe("NAME   BYTES\n酒造   7\nJason  –\n");
});

it("aligns facts", () => {
  expect(
    facts([
      ["a", 1],
      ["long", undefined],
    ]),
  ).toBe("a     1\nlong  –\n");
});

it("prints nothing that could steer a terminal, or break a line", () => {
  const name = "a\u001b[2J\u009b2J\nb\u202ec\u2066d\te";
  expect(facts([["name", name]])).toBe("name  a\ufffd[2J\ufffd2J\ufffdb\ufffdc\ufffdd\ufffde\n");
  expect(table(["NAME"], [[name]])).toBe("NAME\na\ufffd[2J\ufffd2J\ufffdb\ufffdc\ufffdd\ufffde\n");
});

it("tells instants in UTC, and one from many", () => {
  expect(instant(Date.UTC(2026, 10, 21, 2, 3, 4, 567))).toBe("2026-11-21 02:03:04");
  expect([0, 1, 2].map((count) => counted(count, "session"))).toEqual([
    "0 sessions",
    "1 session",
    "2 sessions",
  ]);
});

it("turns instants of a document into ISO 8601, at any depth, and leaves all else", () => {
  const value = {
    endedAtMs: null,
    session: { createdAtMs: 0, graceUntilMs: 1 },
    events: [{ atMs: 2, event: "started" }],
    endings: { sinceMs: 3, reasons: { idle: 4 } },
    latencyMs: 5,
    attempts: 6,
  };
  expect(toDocument(value)).toEqual({
    endedAt: null,
    session: { createdAt: "1970-01-01T00:00:00.000Z", graceUntil: "1970-01-01T00:00:00.001Z" },
    events: [{ at: "1970-01-01T00:00:00.002Z", event: "started" }],
    endings: { since: "1970-01-01T00:00:00.003Z", reasons: { idle: 4 } },
    latencyMs: 5,
    attempts: 6,
  });
});
