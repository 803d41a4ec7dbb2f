import { createHash } from "node:crypto";

/**
 * What a store knows a session's id by: SHA-256, in hexadecimal. A fast hash is right for an id of full entropy; whoever
 * makes ids that can be guessed has worse to fear than a stolen table.
 */
export function keyOf(sid: string): string {
  return createHash("sha256").update(sid).digest("hex");
}
