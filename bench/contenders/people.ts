import { createHmac } from "node:crypto";
import pg from "pg";
import { SECRET } from "../libero";
import { type BenchDatabase, createDatabase, type Servers } from "../servers";
import type { Contender } from "./contender";

/** How long everybody's sessions last: eight hours, a working day. */
export const LIFETIME_SECONDS = 28_800;

/** What every peer keeps of whoever is signed in: as much as Libero does. */
export type Person = { userId: string; userName: string; userEmail: string; userRole: string; theme: string };

export function peopleOf(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    userId: `user-${index}`,
    userName: "Jason Andres",
    userEmail: `user-${index}@winery.test`,
    userRole: "Admin Owner",
    theme: "light",
  }));
}

/** `value.signature` as most libraries sign a cookie: HMAC-SHA-256 in base64. */
export const signed = (value: string) =>
  `${value}.${createHmac("sha256", SECRET).update(value).digest("base64")}`;

/** Ten connections, as most apps have them. One that breaks while it is idle is replaced at the next query. */
export function openPool(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: 10 }).on("error", () => {});
}

/** A contender on an empty database of its own, which goes when it closes or does not open. */
export async function onDatabase(
  servers: Servers,
  open: (database: BenchDatabase) => Promise<Contender>,
): Promise<Contender> {
  const database = await createDatabase(servers, "bare");
  try {
    const contender = await open(database);
    return {
      ...contender,
      async close() {
        await contender.close();
        await database.drop();
      },
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}
