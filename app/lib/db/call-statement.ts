import type { Json } from "../base/json";
import type { CallArguments } from "./database";
import { quoted } from "./schema";

/** The SQL text of a call by name, and its values in the order of their placeholders. */
export function callStatement(
  schema: string,
  name: string,
  args: CallArguments,
): { text: string; values: unknown[] } {
  const names = Object.keys(args);
  const parameters = names.map((parameter, index) => `${parameter} => $${index + 1}`).join(", ");
  return {
    text: `select * from ${quoted(schema)}.${name}(${parameters})`,
    values: Object.values(args).map(wireValue),
  };
}

/** Drivers guess objects differently; JSON text is understood by all. Arrays stay arrays of the element type. */
function wireValue(value: Json): unknown {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : value;
}
