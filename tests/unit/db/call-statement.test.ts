import { expect, it } from "vitest";
import { callStatement } from "../../../app/lib/db/call-statement";

it("calls the function by name, with named arguments", () => {
  expect(callStatement("public", "save", { p_id: "a", p_limit: 7 })).toEqual({
    text: "select * from public.save(p_id => $1, p_limit => $2)",
    values: ["a", 7],
  });
});

it("C3: calls it in the schema where it is, without arguments too", () => {
  expect(callStatement("cellar", "count_all", {})).toEqual({
    text: 'select * from "cellar".count_all()',
    values: [],
  });
});

it("no value is ever part of the text", () => {
  const { text, values } = callStatement("public", "find", { p_id: "'); drop table clients; --" });
  expect(text).toBe("select * from public.find(p_id => $1)");
  expect(values).toEqual(["'); drop table clients; --"]);
});

it("objects travel as JSON text, everything else as it is", () => {
  const args = {
    p_data: { a: [1, null], é: {} },
    p_ids: ["a", "b"],
    p_none: null,
    p_yes: true,
    p_no: 0,
    p_text: "",
  };
  expect(callStatement("public", "save", args).values).toEqual([
    '{"a":[1,null],"é":{}}',
    ["a", "b"],
    null,
    true,
    0,
    "",
  ]);
});
