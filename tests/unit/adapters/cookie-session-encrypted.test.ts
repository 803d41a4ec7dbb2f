import { expect, it } from "vitest";
import { createCookieStorage } from "../../../app/lib/adapters/cookie-session-storage";
import { fill, KEY, NEXT_KEY, NEXT_SECRET, SECRET, sentBack } from "./support";

const DATA = { user: { userId: "usr_1" }, "triggerdotdev:magiclink": true, note: "Grüner Veltliner" };
const plain = createCookieStorage({ secrets: [SECRET] });
const storageWith = (encryptionSecrets: string[], name?: string) =>
  createCookieStorage({ secrets: [SECRET], encryptionSecrets, ...(name !== undefined && { name }) });

type Storage = typeof plain;
const written = async (storage: Storage, data: object = DATA) =>
  sentBack(await storage.commitSession(fill(await storage.getSession(), { ...data })));
const read = async (storage: Storage, header: string) => (await storage.getSession(header)).data;

/** What somebody sees who decodes what can be decoded. */
const decoded = (header: string) =>
  header
    .split(/[=.]/)
    .map((part) => Buffer.from(decodeURIComponent(part), "base64url").toString())
    .join();

const bytesOf = (header: string) =>
  header
    .split(/[=.]/)
    .map((part) => Buffer.from(part, "base64url").toString("hex"))
    .join();

it("B6: nobody but us reads what is in it", async () => {
  const header = await written(storageWith([KEY]));
  expect(decoded(await written(plain))).toContain("usr_1");
  expect(decoded(header)).not.toMatch(/usr_1|magiclink|Veltliner/);
  expect(await read(storageWith([KEY]), header)).toEqual(DATA);
});

it("has the attributes that it has without, at its end, too", async () => {
  const attributes = (setCookie: string) => setCookie.split("; ").slice(1);
  const [sealed, session] = [storageWith([KEY]), fill(await plain.getSession(), DATA)];
  expect(attributes(await sealed.commitSession(session))).toEqual(
    attributes(await plain.commitSession(session)),
  );
  expect(await sealed.destroySession(session)).toBe(await plain.destroySession(session));
  const given = { maxAge: 60, secure: false };
  expect(attributes(await sealed.commitSession(session, given))).toEqual(
    attributes(await plain.commitSession(session, given)),
  );
});

it("B6: cookies of the plain form are still read once encryption is turned on, and written encrypted from then on", async () => {
  const sealed = storageWith([KEY]);
  const session = await sealed.getSession(await written(plain));
  expect(session.data).toEqual(DATA);
  const header = sentBack(await sealed.commitSession(session));
  expect(decoded(header)).not.toContain("usr_1");
  expect(await read(plain, header)).toEqual({});
});

it("B6, R33: keys are replaced with nobody signed out: the first encrypts, all decrypt", async () => {
  const [before, between, after] = [
    storageWith([KEY]),
    storageWith([NEXT_KEY, KEY]),
    storageWith([NEXT_KEY]),
  ];
  const old = await written(before);
  const session = await between.getSession(old);
  expect(session.data).toEqual(DATA);
  expect(await read(after, sentBack(await between.commitSession(session)))).toEqual(DATA);
  expect(await read(after, old)).toEqual({});
});

it("is an empty session wherever one character of it is another, and under another name", async () => {
  const sealed = storageWith([KEY]);
  const header = await written(sealed, { user: "usr_1" });
  for (let at = "__session=".length; at < header.length; at++) {
    const changed = `${header.slice(0, at)}${header[at] === "A" ? "B" : "A"}${header.slice(at + 1)}`;
    // base64url has bits to spare at the end of a part, and so more than one spelling of the same bytes.
    const same = bytesOf(changed) === bytesOf(header);
    expect([at, await read(sealed, changed)]).toEqual([at, same ? { user: "usr_1" } : {}]);
  }
  const moved = header.replace("__session=", "__other=");
  expect(await read(storageWith([KEY], "__other"), moved)).toEqual({});
});

it("no two look alike", async () => {
  const sealed = storageWith([KEY]);
  expect(await written(sealed)).not.toBe(await written(sealed));
});

it("what is only signed counts by its own secrets alone", async () => {
  const other = createCookieStorage({ secrets: [NEXT_SECRET] });
  expect(await read(storageWith([KEY]), await written(other))).toEqual({});
});

it("R22: too much is refused as without, since browsers count the same", async () => {
  await expect(written(storageWith([KEY]), { text: "x".repeat(3_200) })).rejects.toThrow(
    /and browsers keep 4096/,
  );
});
