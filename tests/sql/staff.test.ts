import { describe, expect, it } from "vitest";
import { sqlStores } from "../support/stores";
import { openWorld } from "./world";

describe("B7: the staff directory in SQL", () => {
  const world = openWorld();
  const remember = (userId: string, verifiedAtMs = Date.now()) =>
    sqlStores(world.db).staff.remember({
      ...{ clientId: world.clientId, userId, verifiedAtMs },
      ...{ name: "Jason", email: `${userId}@example.com`, role: null },
    });
  const kept = async () =>
    (await world.sql("select user_id from public.staff_members order by 1")).map(({ user_id }) => user_id);

  it("the clean-up passes over rows that somebody holds, and waits for nobody", async () => {
    for (const id of ["old", "older"]) await remember(id);
    await world.sql("update public.staff_members set verified_at = now() - interval '400 days'");
    await world.sql("begin");
    await world.sql("select from public.staff_members where user_id = 'older' for update");
    await remember("new");
    await world.sql("rollback");
    expect(await kept()).toEqual(["new", "older"]);
    await remember("new");
    expect(await kept()).toEqual(["new"]);
  });

  it("an address is found by its index, and so are those that are a year old", async () => {
    await world.sql("begin");
    await world.sql("set local enable_seqscan = off");
    const planOf = async (query: string) =>
      JSON.stringify(await world.sql(`explain select from public.staff_members s where ${query}`));
    expect(await planOf(`lower(s.email collate "C") = lower('a@b' collate "C")`)).toContain(
      "lower_email_idx",
    );
    expect(await planOf("s.verified_at < now() - interval '1 year'")).toContain("verified_at_idx");
    await world.sql("rollback");
  });
});
