import { expect, it } from "vitest";
import { jwtOf } from "../../support/jwt";
import { envOf, faultLines } from "./support";

const SUPABASE = {
  SUPABASE_URL: "https://abcdefghijklmnop.supabase.co",
  SUPABASE_SECRET_KEY: "sb_secret_of-a-project_1a2b3c4d",
};
const POSTGRES = "postgres://libero:pw@localhost:5432/libero";

it.each([
  ["relative", "pglite://.data/libero", ".data/libero"],
  ["absolute", "pglite:///var/lib/libero", "/var/lib/libero"],
])("a %s folder holds the embedded database", (_what, url, folder) => {
  expect(envOf({ DATABASE_URL: url }).database).toEqual({ kind: "pglite", folder, schema: "public" });
});

it.each([
  POSTGRES,
  "postgresql://libero@db.example.com/libero?sslmode=require",
  "postgres:///libero?host=/run/pg",
  "postgres://libero:pw@/libero",
])("%s is a PostgreSQL server", (url) => {
  expect(envOf({ DATABASE_URL: url }).database).toEqual({
    kind: "postgres",
    url,
    maxConnections: 10,
    schema: "public",
  });
});

it("a second address of the same server, and the size of the pool", () => {
  const environment = {
    DATABASE_URL: `${POSTGRES}?pgbouncer=true`,
    DATABASE_DIRECT_URL: POSTGRES,
    DATABASE_POOL_MAX: "3",
  };
  expect(envOf(environment).database).toMatchObject({ directUrl: POSTGRES, maxConnections: 3 });
});

it.each([
  ["without DATABASE_URL", { DATABASE_DIRECT_URL: POSTGRES }, /^needs DATABASE_URL to be postgres:/],
  [
    "beside the embedded database",
    { DATABASE_URL: "pglite://x", DATABASE_DIRECT_URL: POSTGRES },
    /^needs DATABASE_URL to be postgres:/,
  ],
])("a DATABASE_DIRECT_URL %s is a fault", (_what, environment, message) => {
  const [line, ...others] = faultLines(environment);
  expect(others).toEqual([]);
  expect(line?.replace("DATABASE_DIRECT_URL: ", "")).toMatch(message);
});

it("Supabase's pair is a Supabase project", () => {
  expect(envOf(SUPABASE).database).toEqual({
    kind: "supabase",
    url: SUPABASE.SUPABASE_URL,
    secretKey: SUPABASE.SUPABASE_SECRET_KEY,
    schema: "public",
  });
});

it.each([
  [
    "the old name is still read",
    { SUPABASE_SERVICE_ROLE_KEY: "service-role-key-of-a-project" },
    "service-role-key-of-a-project",
  ],
  [
    "the new name wins where both are set",
    {
      SUPABASE_SECRET_KEY: "sb_secret_the-newer-one",
      SUPABASE_SERVICE_ROLE_KEY: "service-role-key-of-a-project",
    },
    "sb_secret_the-newer-one",
  ],
  [
    "the older kind of key may stand under the new name",
    { SUPABASE_SECRET_KEY: jwtOf({ role: "service_role" }) },
    jwtOf({ role: "service_role" }),
  ],
  [
    "what no key of today looks like is left to the server to judge",
    { SUPABASE_SECRET_KEY: "a.b.c of a gateway of our own" },
    "a.b.c of a gateway of our own",
  ],
])("of Supabase's keys %s", (_what, keys, secretKey) => {
  const { SUPABASE_URL } = SUPABASE;
  expect(envOf({ SUPABASE_URL, ...keys }).database).toMatchObject({ kind: "supabase", secretKey });
});

it.each([{}, { DATABASE_URL: POSTGRES }, { DATABASE_URL: "pglite://x" }, SUPABASE])(
  "C3: DATABASE_SCHEMA holds for every kind of database: %o",
  (variables) => {
    expect(envOf({ ...variables, DATABASE_SCHEMA: "cellar" }).database.schema).toBe("cellar");
  },
);

it("DATABASE_URL wins where both are set", () => {
  expect(envOf({ ...SUPABASE, DATABASE_URL: POSTGRES }).database).toEqual({
    kind: "postgres",
    url: POSTGRES,
    maxConnections: 10,
    schema: "public",
  });
  expect(envOf({ ...SUPABASE, DATABASE_URL: "pglite://x" }).database.kind).toBe("pglite");
});

it("each half of Supabase's pair asks for the other", () => {
  const { SUPABASE_URL, SUPABASE_SECRET_KEY } = SUPABASE;
  expect(faultLines({ SUPABASE_URL })).toEqual([expect.stringMatching(/^SUPABASE_SECRET_KEY: is missing/)]);
  for (const key of [{ SUPABASE_SECRET_KEY }, { SUPABASE_SERVICE_ROLE_KEY: SUPABASE_SECRET_KEY }]) {
    expect(faultLines(key)).toEqual([
      expect.stringMatching(/^SUPABASE_URL: is missing.*https:\/\/abc\.supabase\.co/),
    ]);
  }
  expect(envOf({ SUPABASE_URL, DATABASE_URL: POSTGRES }).database.kind).toBe("postgres");
});
