import { expect, it } from "vitest";
import { freePort } from "../../support/free-port";
import { answering, type Fault } from "../../support/oauth-front";
import type { VaultWorld } from "./world";

/** What providers answer when they do not give tokens. */
export function describeFailures(world: VaultWorld) {
  const PASSING: [string, Fault, RegExp][] = [
    ["500", answering(500, { error: "invalid_grant" }), /it answered 500$/],
    [
      "a gateway's page",
      answering(502, "<h1>Bad gateway</h1>", { "content-type": "text/html" }),
      /it answered 502$/,
    ],
    [
      "200 and a page",
      answering(200, "<h1>Welcome</h1>", { "content-type": "text/html" }),
      /200 without an access/,
    ],
    [
      "200 and nothing usable",
      answering(200, { access_token: "" }),
      /it answered 200 without an access token$/,
    ],
    ["a refusal that looks like an answer", answering(403, { access_token: "a" }), /it answered 403$/],
    ["404", answering(404, { message: "no such thing" }), /it answered 404$/],
    ["a redirect", answering(302, {}, { location: "http://127.0.0.1:1/" }), /it answered 302$/],
    ["429", answering(429, { error: "invalid_grant" }), /it answered 429$/],
    ["an error of its own", answering(400, { error: "try_tomorrow" }), /it answered try_tomorrow$/],
    ["an error nobody should print", answering(400, { error: "<script>1</script>" }), /it answered 400$/],
    ["a cut connection", (_, socket) => void socket.cut(), /it did not answer \(\w+\)$/],
    ["silence", () => new Promise(() => {}), /it did not answer within 150 ms$/],
  ];

  it.each(PASSING)(
    "%s is no end: nothing is lost, and the next refresh succeeds",
    async (_name, fault, said) => {
      const { minted, provider } = await world.connect();
      const timeoutMs = said.source.includes("within") ? 150 : 10_000;
      world.server.front.next(fault);
      const failed = await world.here
        .refresh(world.tenant, { ...provider, timeoutMs })
        .catch((error) => error);
      expect(failed).toMatchObject({ name: "UnavailableError", message: expect.stringMatching(said) });
      expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
      expect(world.log.lines("warn")).toEqual(["OAuth tokens are not refreshed"]);

      await world.time().pass(1_000);
      const token = await world.there.refresh(world.tenant, provider);
      expect(await world.server.accepts(token?.accessToken)).toBe(true);
      expect(await world.row()).toMatchObject({
        failures: 0,
        failure: null,
        interrupted: false,
        leased_until: null,
      });
    },
  );

  it("a server that is not there is no end either", async () => {
    const { minted, provider } = await world.connect();
    const gone = { ...provider, tokenEndpoint: `http://127.0.0.1:${await freePort()}/token` };
    await expect(world.here.refresh(world.tenant, gone)).rejects.toThrow(
      /it did not answer \(ECONNREFUSED\)/,
    );
    expect(await world.row()).toMatchObject({ interrupted: false });
    expect((await world.here.open(world.tenant, gone))?.accessToken).toBe(minted.access_token);
  });

  it.each([
    ["a wrong secret", { secret: "wrong" }, /it answered invalid_client; check the client's id, secret/],
    ["another client", { id: "lasting", authentication: "client_secret_post" as const }, "connect again"],
  ])(
    "%s: what the client lacks does not end the grant, what the grant lacks does",
    async (_name, changes, said) => {
      const { minted, provider } = await world.connect();
      const wrong = { ...provider, client: { ...provider.client, ...changes } };
      await expect(world.here.refresh(world.tenant, wrong)).rejects.toThrow(said);
      if (typeof said === "string")
        return expect(world.here.open(world.tenant, provider)).rejects.toThrow(said);
      // Said to the operator, and the world.tenant has to do nothing.
      expect(world.log.lines("error")).toEqual(["OAuth tokens are not refreshed"]);
      await expect(world.there.refresh(world.tenant, wrong)).rejects.toMatchObject({
        name: "ConfigurationError",
      });
      await world.time().pass(3_590_000);
      world.server.front.next(answering(401, { error: "invalid_client" }));
      expect((await world.there.open(world.tenant, provider))?.accessToken).toBe(minted.access_token);
      await world.time().pass(9_000);
      expect(await world.server.accepts((await world.there.open(world.tenant, provider))?.accessToken)).toBe(
        true,
      );
    },
  );

  it("a provider may want more than OAuth asks for", async () => {
    const { provider } = await world.connect("rotating", { parameters: { scope: "openid" } });
    expect((await world.here.refresh(world.tenant, provider))?.scope).toBe("openid");
  });

  it("a provider's own word for a revoked grant can be told to it", async () => {
    const { provider } = await world.connect("rotating", { revokedErrors: ["bad_refresh_token"] });
    world.server.front.next(answering(200, { error: "bad_refresh_token" }));
    await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
      name: "GrantRevokedError",
    });
  });

  it("R31: a provider that is down is asked after 1, 2, 4 … seconds, and as late as it wishes", async () => {
    const { provider } = await world.connect();
    const retryInMs = async () => {
      const [found] = await world.sql(
        "select extract(epoch from retry_at - clock_timestamp()) * 1000 as ms from public.oauth_tokens where tenant = $1",
        [world.tenant],
      );
      return Number(found?.ms);
    };
    const failing = async (fault: Fault) => {
      world.server.front.next(fault);
      await expect(world.here.refresh(world.tenant, provider)).rejects.toMatchObject({
        name: "UnavailableError",
      });
      const ms = await retryInMs();
      const before = world.server.front.requests();
      await expect(world.there.refresh(world.tenant, provider)).rejects.toMatchObject({
        name: "UnavailableError",
      });
      expect(world.server.front.requests()).toBe(before);
      await world.time().pass(ms + 1);
      return Math.round(ms / 1_000);
    };
    const now = new Date().toUTCString();
    const inTwoMinutes = new Date(Date.parse(now) + 120_000).toUTCString();
    expect(await failing(answering(500))).toBe(1);
    expect(await failing(answering(503, {}, { "retry-after": "1" }))).toBe(2);
    expect(await failing(answering(503, {}, { "retry-after": "soon" }))).toBe(4);
    expect(await failing(answering(429, {}, { "retry-after": "30" }))).toBe(30);
    expect(await failing(answering(503, {}, { date: now, "retry-after": inTwoMinutes }))).toBe(120);
    expect(await failing(answering(429, {}, { "retry-after": "999999999" }))).toBe(3_600);
    expect(await failing(answering(500))).toBe(60);
    expect(await world.server.accepts((await world.here.refresh(world.tenant, provider))?.accessToken)).toBe(
      true,
    );
  });
}
