import { expect, it } from "vitest";
import { createTokenSeal, type SealContext } from "../../../app/lib/vault/seal";

const OLD = "an old secret of more than thirty-two characters";
const NEW = "a new secret of more than thirty-two characters";
const TOKEN = "shpat_0123456789 · Grüner Veltliner 🍇";
const CONTEXT: SealContext = ["access token", "old-oak.myshopify.com"];

it("what was sealed opens in its context, and shows nothing of itself", async () => {
  const seal = createTokenSeal([NEW]);
  const sealed = await seal.seal(TOKEN, CONTEXT);
  expect(await seal.open(sealed, CONTEXT)).toBe(TOKEN);
  expect(Buffer.from(sealed.split(".").join(""), "base64url").toString()).not.toContain("shpat");
});

it("no two seals of one token look alike", async () => {
  const seal = createTokenSeal([NEW]);
  const sealed = await Promise.all(Array.from({ length: 100 }, () => seal.seal(TOKEN, CONTEXT)));
  expect(new Set(sealed).size).toBe(100);
});

it.each<[string, SealContext]>([
  ["another owner", ["access token", "spectra.myshopify.com"]],
  ["another purpose", ["refresh token", "old-oak.myshopify.com"]],
  ["no owner", ["access token"]],
  ["an owner more", ["access token", "old-oak.myshopify.com", ""]],
  ["words cut elsewhere", ["access token,old-oak.myshopify.com"]],
])("opens for nobody else: %s", async (_who, context) => {
  const seal = createTokenSeal([NEW]);
  const sealed = await seal.seal(TOKEN, CONTEXT);
  await expect(seal.open(sealed, context)).rejects.toThrow(/does not open/);
});

it("opens no more once any character of it was changed", async () => {
  const seal = createTokenSeal([NEW]);
  const sealed = await seal.seal(TOKEN, CONTEXT);
  for (let at = 0; at < sealed.length; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    // base64url has bits to spare at the end of a part, and so more than one spelling of the same bytes.
    const sameBytes = (text: string) =>
      text.split(".").map((part) => Buffer.from(part, "base64url").toString("hex"));
    if (sameBytes(changed).join() === sameBytes(sealed).join()) continue;
    await expect(seal.open(changed, CONTEXT)).rejects.toThrow(/does not open|not in TOKEN_ENCRYPTION_KEYS/);
  }
});

it.each(["", "a token in clear", "a.b.c.d.e", `${"x".repeat(10_000)}....`])(
  "refuses what is no sealed value: %#",
  async (text) => {
    await expect(createTokenSeal([NEW]).open(text, CONTEXT)).rejects.toThrow(/does not open/);
  },
);

it("R33: keys are replaced without losing a token: the first seals, all open", async () => {
  const [before, after] = [createTokenSeal([OLD]), createTokenSeal([NEW, OLD])];
  const sealed = await before.seal(TOKEN, CONTEXT);
  expect(await after.open(sealed, CONTEXT)).toBe(TOKEN);
  expect(after.keyIdOf(sealed)).toBe(before.keyId);
  expect(after.keyIdOf(await after.seal(TOKEN, CONTEXT))).toBe(after.keyId);
  expect(after.keyId).not.toBe(before.keyId);
});

it("a key that was taken away too early is named by its id, and how to mend it", async () => {
  const old = createTokenSeal([OLD]);
  const sealed = await old.seal(TOKEN, CONTEXT);
  const message = `(its id is ${old.keyId}): put it back`;
  await expect(createTokenSeal([NEW]).open(sealed, CONTEXT)).rejects.toThrow(message);
});

it.each([[[]], [["short"]], [[NEW, "short"]]])(
  "does without no secret, and with no short one: %j",
  (secrets) => {
    expect(() => createTokenSeal(secrets)).toThrow(/TOKEN_ENCRYPTION_KEYS/);
  },
);
