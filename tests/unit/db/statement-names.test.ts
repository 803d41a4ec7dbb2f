import { expect, it } from "vitest";
import { createStatementNames } from "../../../app/lib/db/statement-names";

it("equal texts have one name, in every process; different ones never", () => {
  const [here, there] = [createStatementNames(), createStatementNames()];
  const texts = [
    "select * from public.save(p_id => $1)",
    "select * from public.save(p_id => $1, p_limit => $2)",
    'select * from "cellar".save(p_id => $1)',
  ];
  expect(texts.map(here.nameOf)).toEqual(texts.map(there.nameOf));
  expect(new Set(texts.map(here.nameOf)).size).toBe(3);
});

it("a name is at most 63 bytes long, however long the function's is", () => {
  const names = createStatementNames();
  const text = `select * from public.${"x".repeat(63)}()`;
  for (let generation = 0; generation < 1_000; generation += 1) names.renew(names.nameOf(text));
  expect(Buffer.byteLength(names.nameOf(text))).toBeLessThanOrEqual(63);
});

it("calls that fail together renew the names once", () => {
  const names = createStatementNames();
  const before = names.nameOf("select 1");
  names.renew(before);
  const after = names.nameOf("select 1");
  expect(after).not.toBe(before);
  names.renew(before);
  expect(names.nameOf("select 1")).toBe(after);
});
