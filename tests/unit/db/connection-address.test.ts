import { expect, it } from "vitest";
import { connectionFromAddress } from "../../../app/lib/db/connection-address";

it.each([
  [
    "Supabase's shared pooler",
    "postgres://postgres.abc:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
  ],
  [
    "Supabase's dedicated pooler",
    "postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:6543/postgres",
  ],
])("%s on port 6543 pools transactions", (_what, url) => {
  expect(connectionFromAddress(url)).toEqual({
    mode: "transaction pooler",
    evidence: "port 6543 of Supabase's pooler",
  });
});

it.each(["?pgbouncer=true", "?sslmode=require&pgbouncer=true", "?pgbouncer=true&connection_limit=1"])(
  "%s, as Prisma has it, says so for any host",
  (query) => {
    expect(connectionFromAddress(`postgres://libero:pw@db.internal:6432/libero${query}`)).toEqual({
      mode: "transaction pooler",
      evidence: "its address says pgbouncer=true",
    });
  },
);

it.each([
  "postgres://postgres.abc:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
  "postgres://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres",
  "postgres://postgres:pw@db.abcdefghijklmnopqrst.supabase.co/postgres",
  "postgres://libero:pw@db.internal:6543/libero",
  "postgres://libero:pw@supabase.co.example:6543/libero",
  "postgres://libero:pw@localhost/libero?pgbouncer=false",
  "postgres:///libero?host=/run/postgresql",
  "postgres://libero:pw@/libero",
])("%s says nothing: the server is asked", (url) => {
  expect(connectionFromAddress(url)).toBeUndefined();
});
