import { dataTooLarge } from "../sessions/data-check";
import { SessionConflictError } from "../sessions/errors";
import type { DataPatch, SavedData } from "../sessions/store";
import type { MemorySession } from "./memory-state";

/** A session's data after a patch. @throws SessionConflictError, SessionDataError */
export function mergeData(
  { session, keyRevisions }: MemorySession,
  { set, unset, overwrite, revision, maxBytes }: DataPatch,
): SavedData & { keyRevisions: ReadonlyMap<string, number> } {
  const keys = [...Object.keys(set), ...unset];
  const conflicts = keys.filter((key) => !overwrite.includes(key) && (keyRevisions.get(key) ?? 0) > revision);
  if (conflicts.length > 0) throw new SessionConflictError(conflicts.sort());

  const data = structuredClone({ ...session.data, ...set });
  for (const key of unset) delete data[key];
  const next = session.revision + 1;
  const merged = new Map([...keyRevisions, ...keys.map((key) => [key, next] as const)]);
  const bytes = sizeOf(data) + sizeOf(Object.fromEntries(merged));
  if (bytes > maxBytes) throw dataTooLarge(bytes, maxBytes);
  return { data, revision: next, keyRevisions: merged };
}

const sizeOf = (value: object) => Buffer.byteLength(JSON.stringify(value));
