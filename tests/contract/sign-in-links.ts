import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MINUTE_MS } from "../../app/lib/base/durations";
import { createSignInLinks } from "../../app/lib/sign-in-links/links";
import { createMailboxHash } from "../../app/lib/sign-in-links/mailbox";
import type { KeptLink, SignInLinkStore } from "../../app/lib/sign-in-links/store";
import { HOUR, NOW } from "../support/examples";

export type LinksUnderTest = {
  store: SignInLinkStore;
  /** A statement by hand, as the owner. */
  sql(statement: string): Promise<unknown>;
  /** Every row that is kept, as text. */
  kept(): Promise<string[]>;
  close(): Promise<void>;
};

const hash = () => randomBytes(32);

/** A link of ten minutes that was issued now, to a mailbox of its own. */
const aLink = (changes: Partial<KeptLink> = {}): KeptLink => ({
  id: randomUUID(),
  mailboxHash: hash(),
  secretHash: hash(),
  browserHash: hash(),
  sealedEmail: "sealed",
  issuedAtMs: NOW,
  expiresAtMs: NOW + 10 * MINUTE_MS,
  ...changes,
});

const opened = { outcome: "opened", sealedEmail: "sealed" };

/** What holds of links wherever they are kept. */
export function describeSignInLinks(name: string, open: () => Promise<LinksUnderTest>) {
  describe(`B7: links to sign in with, kept by ${name}`, () => {
    let world: LinksUnderTest;
    let store: SignInLinkStore;
    beforeAll(async () => {
      world = await open();
      store = world.store;
    });
    afterAll(() => world.close());

    it("one opens once; after that, who holds its secret and the browser's cookie is told that it was used", async () => {
      const link = aLink();
      await store.issue(link);
      expect(await store.consume(link, NOW + 1)).toEqual(opened);
      expect(await store.consume(link, NOW + 2)).toEqual({ outcome: "used" });
      expect(await store.consume(link, NOW + HOUR)).toEqual({ outcome: "used" });
    });

    it("of twenty that open it at once, one does", async () => {
      const link = aLink();
      await store.issue(link);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.consume(link, NOW)));
      expect(outcomes.filter(({ outcome }) => outcome === "opened")).toEqual([opened]);
      expect(outcomes.filter(({ outcome }) => outcome === "used")).toHaveLength(19);
    });

    it("it opens up to the millisecond before its time is over, by the app's clock", async () => {
      const [early, late] = [aLink(), aLink()];
      for (const link of [early, late]) await store.issue(link);
      expect(await store.consume(early, early.expiresAtMs - 1)).toEqual(opened);
      expect(await store.consume(late, late.expiresAtMs)).toEqual({ outcome: "expired" });
      expect(await store.consume(late, NOW)).toEqual(opened);
    });

    it.each(["id", "secretHash", "browserHash"] as const)(
      "with another %s it opens nothing, tells nothing, and is used up by nobody",
      async (what) => {
        const link = aLink();
        await store.issue(link);
        const wrong = { ...link, [what]: what === "id" ? randomUUID() : hash() };
        expect(await store.consume(wrong, NOW)).toEqual({ outcome: "unknown" });
        expect(await store.consume(wrong, link.expiresAtMs)).toEqual({ outcome: "unknown" });
        expect(await store.consume(link, NOW)).toEqual(opened);
        expect(await store.consume(wrong, NOW)).toEqual({ outcome: "unknown" });
      },
    );

    it("a newer one for the same mailbox makes the older ones void, and no other mailbox's", async () => {
      const mailboxHash = hash();
      const [first, second, other] = [aLink({ mailboxHash }), aLink({ mailboxHash }), aLink()];
      for (const link of [first, other, second]) await store.issue(link);
      expect(await store.consume(first, NOW)).toEqual({ outcome: "unknown" });
      expect(await store.consume(second, NOW)).toEqual(opened);
      expect(await store.consume(other, NOW)).toEqual(opened);
      const third = aLink({ mailboxHash });
      await store.issue(third);
      expect(await store.consume(third, NOW)).toEqual(opened);
    });

    it("of ten that are issued to a mailbox at once, one is left", async () => {
      const mailboxHash = hash();
      const links = Array.from({ length: 10 }, () => aLink({ mailboxHash }));
      await Promise.all(links.map((link) => store.issue(link)));
      const outcomes = await Promise.all(links.map((link) => store.consume(link, NOW)));
      expect(outcomes.filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
    });

    it("an id that is in use is an error, and takes nobody's place", async () => {
      const link = aLink();
      await store.issue(link);
      await expect(store.issue(aLink({ id: link.id }))).rejects.toThrow();
      expect(await store.consume(link, NOW)).toEqual(opened);
    });

    it("each takes away ten that are long over, and none that is not", async () => {
      for (let i = 0; i < 12; i += 1) await store.issue(aLink());
      await world.sql(
        "update public.sign_in_links set issued_at = now() - interval '3 hours', expires_at = now() - interval '2 hours'",
      );
      const old = (await world.kept()).length;
      const recent = aLink({ issuedAtMs: NOW - HOUR, expiresAtMs: NOW - HOUR / 2 });
      await store.issue(recent);
      expect((await world.kept()).length).toBe(old - 10 + 1);
      for (let left = old - 10; left > 0; left -= 10) await store.issue(aLink());
      await store.issue(aLink());
      expect((await world.kept()).join()).toContain(recent.id);
    });

    it("E1, R36: what is kept opens nothing, and does not tell whose mailbox it is", async () => {
      const hashMailbox = createMailboxHash("a secret of the app, of thirty-two characters and more");
      const links = createSignInLinks({ store, hashMailbox, clock: () => NOW });
      const email = "jason@spectrawinery.example";
      const { token, proof } = await links.issue(email);
      const row = (await world.kept()).find((one) => one.includes(proof.id)) ?? "";
      const secrets = [token.split(".")[1] as string, proof.nonce];
      const writings = [...secrets, email].flatMap((text) => [
        text,
        ...[Buffer.from(text), Buffer.from(text, "base64url")].flatMap((bytes) =>
          (["hex", "base64", "base64url"] as const).map((code) => bytes.toString(code)),
        ),
      ]);
      expect(writings.filter((writing) => row.includes(writing.slice(0, 20)))).toEqual([]);

      for (const stolen of row.match(/[0-9a-f]{64}/g) ?? []) {
        const guess = Buffer.from(stolen, "hex").toString("base64url");
        expect(await links.open(`${proof.id}.${guess}`, proof)).toEqual({ outcome: "void" });
      }
      expect(await links.open(token, proof)).toEqual({ outcome: "opened", email });
    });
  });
}
