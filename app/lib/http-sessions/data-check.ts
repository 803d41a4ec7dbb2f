import type { JsonObject } from "../base/json";
import { isStorable } from "../base/text";
import { HttpSessionDataError } from "./store";

/** @throws HttpSessionDataError that names a key under which there is text that PostgreSQL cannot keep */
export function checkData(data: JsonObject): void {
  for (const [key, value] of Object.entries(data)) {
    let fault = !isStorable(key);
    JSON.stringify(value, (inner, part) => {
      fault ||= !isStorable(inner) || (typeof part === "string" && !isStorable(part));
      return part;
    });
    if (fault) {
      throw new HttpSessionDataError(
        `a session cannot keep ${JSON.stringify(key)}: it holds a character that a database cannot keep (NUL, or half of ` +
          "a surrogate pair)",
      );
    }
  }
}
