import { createCookieSessionStorage, type Session } from "@remix-run/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CookieSessionStorageOptions,
  createCookieStorage,
} from "../../../app/lib/adapters/cookie-session-storage";
import { fill, NEXT_SECRET, SECRET, sentBack } from "./support";

const YEAR_SECONDS = 60 * 60 * 24 * 365;

/** trigger.dev's `sessionStorage.server.ts`, but that its environment is handed in. */
function triggerDev(env: { SESSION_SECRET: string; NODE_ENV: string }) {
  const sessionStorage = createCookieSessionStorage({
    cookie: {
      name: "__session",
      sameSite: "lax",
      path: "/",
      httpOnly: true,
      secrets: [env.SESSION_SECRET],
      secure: env.NODE_ENV === "production",
      maxAge: 60 * 60 * 24 * 365, // 1 year
    },
  });
  return {
    ...sessionStorage,
    getUserSession: (request: Request) => sessionStorage.getSession(request.headers.get("Cookie")),
  };
}

const json = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
  maxKeys: 5,
});

const settings = fc.record(
  {
    name: fc.constantFrom("__session", "prefs", "flash-2"),
    secure: fc.boolean(),
    sameSite: fc.constantFrom("lax", "strict"),
    path: fc.constantFrom("/", "/admin"),
    domain: fc.constantFrom("example.com", "libero.example.com"),
    httpOnly: fc.boolean(),
    maxAge: fc.nat(YEAR_SECONDS),
  },
  { requiredKeys: ["name", "secure"] },
) as fc.Arbitrary<Omit<CookieSessionStorageOptions, "secrets">>;

const DEFAULTS = { sameSite: "lax", path: "/", httpOnly: true, maxAge: YEAR_SECONDS } as const;

/** Remix's own, under the same settings. */
const remix = (options: Omit<CookieSessionStorageOptions, "secrets">, secrets = [SECRET]) =>
  createCookieSessionStorage({ cookie: { ...DEFAULTS, ...options, secrets } as never });

const read = async (storage: { getSession(header: string): Promise<Session> }, header: string) =>
  (await storage.getSession(header)).data;

describe("beside Remix's own createCookieSessionStorage", () => {
  it("writes the same Set-Cookie, letter by letter, and each reads the other's", async () => {
    await fc.assert(
      fc.asyncProperty(json, settings, async (data, options) => {
        const [ours, theirs] = [createCookieStorage({ ...options, secrets: [SECRET] }), remix(options)];
        const setCookie = await ours.commitSession(fill(await ours.getSession(), data));
        expect(setCookie).toBe(await theirs.commitSession(fill(await theirs.getSession(), data)));
        expect(await read(ours, sentBack(setCookie))).toEqual(await read(theirs, sentBack(setCookie)));

        const session = await ours.getSession(sentBack(setCookie));
        expect(await ours.destroySession(session)).toBe(await theirs.destroySession(session));
        const given = { maxAge: 60, path: "/elsewhere" };
        expect(await ours.commitSession(session, given)).toBe(await theirs.commitSession(session, given));
        expect(await ours.destroySession(session, given)).toBe(await theirs.destroySession(session, given));
      }),
      { numRuns: 200 },
    );
  });

  it("B5: keeps every JSON value", async () => {
    const storage = createCookieStorage({ secrets: [SECRET] });
    await fc.assert(
      fc.asyncProperty(json, async (data) => {
        const setCookie = await storage.commitSession(fill(await storage.getSession(), data));
        expect(await read(storage, sentBack(setCookie))).toEqual(JSON.parse(JSON.stringify(data)));
      }),
      { numRuns: 200 },
    );
  });

  it("flash, unset, has and get are Remix's", async () => {
    const storage = createCookieStorage({ secrets: [SECRET] });
    const session = fill(await storage.getSession(), { theme: "dark", gone: 1 });
    session.unset("gone");
    session.flash("notice", "Saved.");
    const header = sentBack(await storage.commitSession(session));
    const next = await storage.getSession(header);
    expect([next.has("notice"), next.get("notice"), next.get("notice")]).toEqual([true, "Saved.", undefined]);
    const last = await storage.getSession(sentBack(await storage.commitSession(next)));
    expect(last.data).toEqual({ theme: "dark" });
  });
});

describe("B2: beside trigger.dev's own sessionStorage, with the same secret", () => {
  const data = {
    user: { userId: "usr_1" },
    "triggerdotdev:magiclink": true,
    "auth:error": { message: "Grüße" },
  };

  it.each(["production", "development"])(
    "in %s both write the same, and each reads the other's",
    async (mode) => {
      const theirs = triggerDev({ SESSION_SECRET: SECRET, NODE_ENV: mode });
      const ours = createCookieStorage({ secrets: [SECRET], secure: mode === "production" });
      const [theirCookie, ourCookie] = await Promise.all(
        [theirs, ours].map(async (storage) => storage.commitSession(fill(await storage.getSession(), data))),
      );
      expect(ourCookie).toBe(theirCookie);
      const request = new Request("https://a.example/", {
        headers: { cookie: sentBack(ourCookie as string) },
      });
      expect((await theirs.getUserSession(request)).data).toEqual(data);
      expect((await ours.getUserSession(request)).data).toEqual(data);
    },
  );
});

describe("B5, R2: what was changed, or is not ours", () => {
  const storage = createCookieStorage({ secrets: [SECRET] });

  it("is an empty session, wherever one character of it is another", async () => {
    const header = sentBack(await storage.commitSession(fill(await storage.getSession(), { user: "usr_1" })));
    const name = "__session=".length;
    for (let at = name; at < header.length; at++) {
      const changed = `${header.slice(0, at)}${header[at] === "A" ? "B" : "A"}${header.slice(at + 1)}`;
      expect([at, await read(storage, changed)]).toEqual([at, {}]);
    }
  });

  it("is an empty session, and never an error, whatever somebody sends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200, unit: "binary" }), async (value) => {
        expect(await read(storage, `__session=${value}`)).toEqual({});
        expect(await read(storage, value)).toEqual({});
      }),
    );
  });

  it("is an empty session under another secret", async () => {
    const other = createCookieStorage({ secrets: [NEXT_SECRET] });
    const header = sentBack(await other.commitSession(fill(await other.getSession(), { user: "usr_1" })));
    expect(await read(storage, header)).toEqual({});
  });
});

it("R33: secrets are replaced with nobody signed out: the first signs, all verify", async () => {
  const under = (...secrets: string[]) => createCookieStorage({ secrets });
  const [before, between, after] = [under(SECRET), under(NEXT_SECRET, SECRET), under(NEXT_SECRET)];
  const old = sentBack(await before.commitSession(fill(await before.getSession(), { user: "usr_1" })));
  const session = await between.getSession(old);
  expect(session.data).toEqual({ user: "usr_1" });
  const renewed = sentBack(await between.commitSession(session));
  expect(await read(after, renewed)).toEqual({ user: "usr_1" });
  expect(await read(after, old)).toEqual({});
});

describe("R22: 4,096 bytes", () => {
  const storage = createCookieStorage({ secrets: [SECRET] });
  const withText = async (length: number) =>
    storage.commitSession(fill(await storage.getSession(), { small: 1, text: "x".repeat(length) }));

  it("as many are kept as Remix keeps, and one character more is an error that says so and what to do", async () => {
    const theirs = remix({ secure: true });
    let length = 2_000;
    while ((await withText(length + 1).catch(() => undefined)) !== undefined) length += 1;
    expect(Buffer.byteLength(await withText(length))).toBeLessThanOrEqual(4_096);
    const tooLong = { small: 1, text: "x".repeat(length + 1) };
    await expect(theirs.commitSession(fill(await theirs.getSession(), tooLong))).rejects.toThrow(/exceed/);
    await expect(withText(length + 1)).rejects.toThrow(
      new RegExp(
        `^the cookie __session would take 4\\d{3} bytes with its attributes, and browsers keep 4096: put less into the ` +
          `session \\(its largest keys, in bytes of JSON: "text": ${length + 3}, "small": 1\\), or keep it in the database`,
      ),
    );
  });

  it("to the byte, attributes included, as Remix counts", async () => {
    const data = { text: "x".repeat(2_000) };
    const bytes = Buffer.byteLength(await withText(2_000));
    for (const [spare, fits] of [
      [0, true],
      [1, false],
    ] as const) {
      const path = `/${"p".repeat(4_096 - bytes + spare)}`;
      const [ours, theirs] = [
        createCookieStorage({ secrets: [SECRET], path }),
        remix({ secure: true, path }),
      ];
      const outcome = async (storage: typeof theirs) =>
        storage.commitSession(fill(await storage.getSession(), { small: 1, ...data })).then(
          () => "kept",
          ({ name }) => name,
        );
      const expected = fits ? ["kept", "kept"] : ["CookieTooLargeError", "Error"];
      expect([await outcome(ours), await outcome(theirs)]).toEqual(expected);
    }
  });

  it("the error tells no value", async () => {
    const error = await withText(5_000).catch((reason) => reason);
    expect(error.name).toBe("CookieTooLargeError");
    expect(error.message).not.toContain("xx");
  });
});

describe("what cannot work is refused when it is made", () => {
  it.each<[string, Omit<CookieSessionStorageOptions, "secrets">, RegExp]>([
    ["SameSite=None that is not Secure", { sameSite: "none", secure: false }, /SameSite=None/],
    ["SameSite=None that is not Secure everywhere", { sameSite: "none", secure: "auto" }, /SameSite=None/],
    ["Partitioned that is not Secure", { partitioned: true, secure: false }, /Partitioned/],
    ["__Host- with a domain", { name: "__Host-s", domain: "example.com" }, /__Host-s/],
    ["__Host- that is not Secure everywhere", { name: "__Host-s", secure: "auto" }, /__Host-s/],
  ])("%s", (_what, options, message) => {
    expect(() => createCookieStorage({ secrets: [SECRET], ...options })).toThrow(message);
  });

  it.each([[[]], [["short"]], [[SECRET, "short"]]])("B3: the secrets %j", (secrets) => {
    expect(() => createCookieStorage({ secrets })).toThrow(/signing secrets of at least 32 characters/);
  });

  it("a short encryption secret", () => {
    const options = { secrets: [SECRET], encryptionSecrets: ["short"] };
    expect(() => createCookieStorage(options)).toThrow(/encryption secrets of at least 32 characters/);
  });
});
