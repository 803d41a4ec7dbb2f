import { expect, it } from "vitest";
import { envOf, faultLines } from "./support";

const SUPABASE = {
  SUPABASE_URL: "https://abcdefghijklmnop.supabase.co",
  SUPABASE_SERVICE_ROLE_KEY: "service-role-key-of-a-project",
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
  expect(envOf({ DATABASE_URL: url }).database).toEqual({ kind: "postgres", url, schema: "public" });
});

it("Supabase's pair is a Supabase project", () => {
  expect(envOf(SUPABASE).database).toEqual({
    kind: "supabase",
    url: SUPABASE.SUPABASE_URL,
    serviceRoleKey: SUPABASE.SUPABASE_SERVICE_ROLE_KEY,
    schema: "public",
  });
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
    schema: "public",
  });
  expect(envOf({ ...SUPABASE, DATABASE_URL: "pglite://x" }).database.kind).toBe("pglite");
});

it("each half of Supabase's pair asks for the other", () => {
  const { SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = SUPABASE;
  expect(faultLines({ SUPABASE_URL })).toEqual([
    expect.stringMatching(/^SUPABASE_SERVICE_ROLE_KEY: is missing/),
  ]);
  expect(faultLines({ SUPABASE_SERVICE_ROLE_KEY })).toEqual([
    expect.stringMatching(/^SUPABASE_URL: is missing.*https:\/\/abc\.supabase\.co/),
  ]);
  expect(envOf({ SUPABASE_URL, DATABASE_URL: POSTGRES }).database.kind).toBe("postgres");
});
