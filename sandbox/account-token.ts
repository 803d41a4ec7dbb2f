import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

const header = encode({ alg: "HS256", typ: "JWT" });
const payloadSchema = z.object({ id: z.string(), iat: z.number() });

/**
 * The `account` token of a staff member, as the platform hands it to an app: an HS256 JWT without `exp` and
 * without the tenant, its `iat` in milliseconds.
 */
export function signAccountToken(secret: string, staffId: string, nowMs: number): string {
  const unsigned = `${header}.${encode({ id: staffId, iat: nowMs })}`;
  return `${unsigned}.${signature(secret, unsigned).toString("base64url")}`;
}

/** The staff member's id in a token this secret signed; undefined for any other text. Never throws. */
export function readAccountToken(secret: string, token: string): string | undefined {
  const [head, payload, mac, ...rest] = token.split(".");
  if (head !== header || !payload || !mac || rest.length > 0) return undefined;
  const given = Buffer.from(mac, "base64url");
  const wanted = signature(secret, `${head}.${payload}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return payloadSchema.parse(JSON.parse(Buffer.from(payload, "base64url").toString())).id;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signature(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
