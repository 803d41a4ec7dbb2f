import { describe, expect, it } from "vitest";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault } from "../../app/lib/vault/vault";
import { foundIn, writings } from "../support/dump";
import { answering, cutAfter } from "../support/oauth-front";
import { describeCutOff } from "./vault/cut-off";
import { describeFailures } from "./vault/failures";
import { describeLeases } from "./vault/leases";
import { describeLifetimes } from "./vault/lifetimes";
import { describeWaiting } from "./vault/waiting";
import { openVaultWorld } from "./vault/world";

describe("the vault and an OAuth server that has its days", () => {
  const world = openVaultWorld();
  describeFailures(world);
  describeLifetimes(world);
  describeCutOff(world);
  describeWaiting(world);
  describeLeases(world);

  it.each([
    ["a tenant", () => world.here.open("", world.server.provider("rotating")), "the tenant is empty"],
    [
      "characters",
      () => world.here.open("a\0b", world.server.provider("rotating")),
      "PostgreSQL cannot keep",
    ],
    [
      "a name",
      () => world.here.open("a", world.server.provider("rotating", { name: "My CRM" })),
      "lower-case letters",
    ],
    [
      "https",
      () =>
        world.here.open(
          "a",
          world.server.provider("rotating", { tokenEndpoint: "http://crm.example/token" }),
        ),
      "the token endpoint has to be https",
    ],
    [
      "a secret",
      () =>
        world.here.open(
          "a",
          world.server.provider("rotating", { client: { id: "a", authentication: "client_secret_post" } }),
        ),
      "has no secret",
    ],
  ])("what lacks %s is refused with what is wrong", async (_name, call, message) => {
    await expect(call()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining(message),
    });
  });

  it.each([[undefined], [null], ["token"], [{}], [{ error: "invalid_grant" }], [{ access_token: "" }]])(
    "an answer without an access token is not kept: %j",
    async (answer) => {
      const { minted, provider } = await world.connect();
      await expect(world.here.keep(world.tenant, provider, answer)).rejects.toMatchObject({
        name: "TokenAnswerError",
      });
      expect((await world.here.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
    },
  );

  it.each([
    ["tenant", "thief", "rotating", "default"],
    ["provider", "victim", "lasting", "default"],
    ["account", "victim", "rotating", "another"],
  ])(
    "R33: tokens open for whom they were sealed alone: another %s",
    async (_what, tenant, provider, account) => {
      const { minted } = await world.connect();
      await world.here.keep("victim", world.server.provider("rotating"), minted);
      await world.sql(
        `insert into public.oauth_tokens (tenant, provider, account, sealed, key_id, obtained_at)
       select $1, $2, $3, sealed, key_id, obtained_at from public.oauth_tokens
       where (tenant, provider, account) = ('victim', 'rotating', 'default')`,
        [tenant, provider, account],
      );
      const opened = world.here.open(tenant, world.server.provider(provider as "lasting"), { account });
      await expect(opened).rejects.toMatchObject({ name: "SealBrokenError" });
      await world.here.forget(tenant);
      await world.here.forget("victim");
    },
  );

  it("R33: without the key that sealed them tokens do not open", async () => {
    const { provider } = await world.connect();
    const blind = createVault({
      db: world.db,
      seal: () => createTokenSeal(["b".repeat(40)]),
      logger: world.log.logger,
    });
    await expect(blind.open(world.tenant, provider)).rejects.toMatchObject({ name: "ConfigurationError" });
  });

  it("E1, R36: a stolen table holds no token, whatever became of it, and no line of the log does", async () => {
    const tokens: string[] = [];
    const note = (...found: (string | undefined)[]) =>
      tokens.push(...found.filter((token) => token !== undefined));
    const { minted, provider } = await world.connect();
    note(minted.access_token, minted.refresh_token);
    note((await world.here.refresh(world.tenant, provider))?.accessToken);
    world.server.front.next(
      answering(400, { error: minted.refresh_token, error_description: minted.refresh_token }),
    );
    await world.here.refresh(world.tenant, provider).catch(() => undefined);

    for (const [account, fault] of [
      ["cut", cutAfter],
      ["ended", answering(400, { error: "invalid_grant" })],
    ] as const) {
      const another = await world.server.mint("rotating");
      note(another.access_token, another.refresh_token);
      await world.here.keep(world.tenant, provider, another, { account });
      world.server.front.next(fault);
      await world.here.refresh(world.tenant, provider, { account }).catch(() => undefined);
    }
    const rows = await world.sql("select to_jsonb(t)::text as row from public.oauth_tokens t");
    expect(rows.length).toBeGreaterThanOrEqual(3);
    const dump = rows.map(({ row }) => row).join("\n");
    expect(tokens).toHaveLength(7);
    expect(foundIn(dump, [world.tenant])).not.toEqual([]);
    expect(foundIn(dump, [...tokens, world.server.secret].flatMap(writings))).toEqual([]);
    expect(foundIn(JSON.stringify(world.log.everything()), [...tokens, world.server.secret])).toEqual([]);
  });

  it("a client that is deleted by hand leaves no tokens", async () => {
    const { provider } = await world.connect();
    await world.sql("insert into public.clients (tenant_id) values ($1)", [world.tenant]);
    expect(await world.here.open(world.tenant, provider)).toBeDefined();
    await world.sql("delete from public.clients where tenant_id = $1", [world.tenant]);
    expect(await world.here.open(world.tenant, provider)).toBeUndefined();
  });
});
