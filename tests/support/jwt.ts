import { createHmac } from "node:crypto";

/** A JSON Web Token, signed with HS256. */
export function jwtOf(payload: object, secret = "a secret of nobody's"): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}
