import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { hashSecret, isSameHash, newToken } from "../../../app/lib/sessions/token";

it("C4: the id is a UUID v4", () => {
  expect(newToken().id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("R1: the secret is 256 bits of its own, not derived from the id", () => {
  const { id, secret } = newToken();
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(secret).not.toContain(id);
});

it("R1: no id and no secret comes twice, and every bit of a secret varies", () => {
  const tokens = Array.from({ length: 2_000 }, newToken);
  expect(new Set(tokens.map(({ id }) => id)).size).toBe(2_000);
  expect(new Set(tokens.map(({ secret }) => secret)).size).toBe(2_000);
  const bytes = tokens.map(({ secret }) => Buffer.from(secret, "base64url"));
  for (let bit = 0; bit < 256; bit += 1) {
    const ones = bytes.filter((secret) => (secret[bit >> 3] as number) & (1 << (bit & 7))).length;
    // 1,000 are expected; a fair coin is out by 200 in one of 10¹⁸ times.
    expect(ones).toBeGreaterThan(800);
    expect(ones).toBeLessThan(1_200);
  }
});

it("E1: the hash is SHA-256 of the secret", () => {
  expect(hashSecret("abc").toString("hex")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

it("R2: the secret opens its own hash alone", () => {
  const { secret } = newToken();
  expect(isSameHash(hashSecret(secret), hashSecret(secret))).toBe(true);
  expect(isSameHash(hashSecret(newToken().secret), hashSecret(secret))).toBe(false);
  expect(isSameHash(hashSecret(""), hashSecret(secret))).toBe(false);
  expect(isSameHash(hashSecret(`${secret} `), hashSecret(secret))).toBe(false);
});

it("R2: a hash of another length matches nothing, and is no error", () => {
  const { secret } = newToken();
  expect(isSameHash(hashSecret(secret), Buffer.alloc(0))).toBe(false);
  expect(isSameHash(hashSecret(secret), hashSecret(secret).subarray(0, 31))).toBe(false);
  expect(isSameHash(hashSecret(secret), createHash("sha512").update(secret).digest())).toBe(false);
});
