import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/server";
import { PRODUCTION_ENV } from "../support/app-server";
import { examine, hasHome, OPERATOR_HOMES, runSessions } from "../support/commands";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { freePort } from "../support/free-port";
import { startSmtp } from "../support/smtp";

const CHECKS = [
  ...["environment", "settings", "storage", "database", "connection", "migrations", "grants", "version"],
  ...["latency", "clocks", "clean-up", "redis", "channel", "cache", "commerce7", "mail", "wineries"],
];

describe("doctor", () => {
  let database: TestDatabase;
  const given = async (template?: "bare") => {
    database = await createTestDatabase(template);
    return { DATABASE_URL: database.url };
  };
  afterEach(() => database?.drop().catch(() => undefined));

  for (const { kind, channel, connection } of [
    {
      kind: "postgres",
      channel: /^open after \d+ ms$/,
      connection: /^direct \(.*\), named prepared statements$/,
    },
    { kind: "pglite", channel: /^open after \d+ ms$/, connection: /^none of its own/ },
    {
      kind: "supabase",
      channel: /^none over supabase without Redis: every request reads the database$/,
      connection: /^none of its own/,
    },
  ] as const)
    it.skipIf(!hasHome(kind))(`E8: finds nothing wrong over ${kind} where nothing is`, async () => {
      const home = await OPERATOR_HOMES[kind]();
      await home.prepare(async () => {});
      const { code, stderr, ok, checks, notChecked } = await examine(home.env);
      await home.close();
      expect({ code, stderr, ok, notChecked }).toEqual({ code: 0, stderr: "", ok: true, notChecked: [] });
      expect(Object.keys(checks)).toEqual(CHECKS);
      for (const check of Object.values(checks)) expect(check).toMatchObject({ status: "ok", mend: null });
      expect(checks.channel?.found).toMatch(channel);
      expect(checks.connection?.found).toMatch(connection);
      expect(checks.version?.found).toMatch(/^PostgreSQL \d+/);
      expect(checks.database?.found).toBe(`${kind} answers`);
      expect(checks.storage?.found).toMatch(/^sessions live in .*, with no Redis in front of it/);
      expect(checks.redis?.found).toBe("none (REDIS_URL is not set)");
      expect(checks.commerce7?.found).toMatch(/^not asked in development/);
      expect(checks.mail?.found).toMatch(/^none \(SMTP_URL is not set\)/);
      expect(checks.wineries?.found).toMatch(/^none has installed Libero yet/);
    });

  it("E8: names the migrations that are pending, and applies none", async () => {
    const { code, checks, notChecked } = await examine(await given("bare"));
    expect(code).toBe(1);
    expect(checks.migrations).toMatchObject({
      status: "fail",
      found: expect.stringMatching(/^\d+ pending: 20261120000001_clients, /),
      mend: expect.stringContaining("npm run db:migrate"),
    });
    expect(notChecked).toEqual(["grants", "version", "latency", "clocks", "clean-up", "wineries"]);
    const { rows } = await database.sql.query("select to_regclass('public.clients') as clients");
    expect(rows).toEqual([{ clients: null }]);
  });

  it("E8: says that the database is away, and what could not be checked for it", async () => {
    const { code, checks, notChecked } = await examine({
      DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
    });
    expect(code).toBe(1);
    expect(checks.database).toMatchObject({
      status: "fail",
      found: expect.stringContaining("the database does not answer"),
      mend: expect.stringContaining("address"),
    });
    expect([...Object.keys(checks), ...notChecked].sort()).toEqual([...CHECKS].sort());
    expect(notChecked).toContain("migrations");
  });

  it("E8: names what browser-side roles can reach", async () => {
    const env = await given();
    await database.sql.query("grant select on public.app_sessions to anon");
    await database.sql.query("grant execute on function public.app_session_totals to authenticated");
    const { code, checks } = await examine(env);
    expect(code).toBe(1);
    expect(checks.grants).toMatchObject({
      status: "fail",
      found: "authenticated may call app_session_totals; anon may use app_sessions",
      mend: expect.stringContaining("revoke"),
    });
    expect(checks.clocks?.status).toBe("ok");
  });

  /** A role of the app's own, with what `service_role` may do. */
  const asOwnRole = async (work: (env: Record<string, string>) => Promise<void>) => {
    await given();
    const role = `operator_${randomBytes(4).toString("hex")}`;
    await database.sql.query(`
      create role ${role} login bypassrls password 'test';
      grant service_role to ${role};
      grant usage on schema supabase_migrations to ${role};
      grant select on supabase_migrations.schema_migrations to ${role};
    `);
    const url = new URL(database.url);
    url.username = role;
    await work({ DATABASE_URL: url.href, LOG_LEVEL: "silent" });
    await database.sql.query(`drop owned by ${role}; drop role ${role}`);
  };

  it("E8: names a role from which row-level security hides every row", () =>
    asOwnRole(async (env) => {
      await database.sql.query(`alter role ${new URL(env.DATABASE_URL as string).username} nobypassrls`);
      const { code, checks } = await examine(env);
      expect(code).toBe(1);
      expect(checks.grants).toMatchObject({
        status: "fail",
        found: expect.stringContaining("row-level security hides every row"),
        mend: expect.stringContaining("bypassrls"),
      });
    }));

  it("E8: names what the app's role may not do", () =>
    asOwnRole(async (env) => {
      expect((await examine(env)).checks.grants?.status).toBe("ok");
      await database.sql.query("revoke execute on function public.end_app_session from service_role");
      const { code, checks, notChecked } = await examine(env);
      expect(code).toBe(1);
      expect(checks.grants).toMatchObject({
        status: "fail",
        found: expect.stringContaining("permission denied for function end_app_session"),
        mend: expect.stringContaining("grants service_role"),
      });
      expect(notChecked).toEqual(["version", "latency", "clocks", "clean-up", "wineries"]);
    }));

  it("E8, E4: warns of a channel that no notice comes through", () =>
    asOwnRole(async (env) => {
      await database.sql.query("revoke execute on function pg_catalog.pg_notify from public");
      const { code, checks } = await examine(env);
      expect(code).toBe(0);
      expect(checks.channel).toMatchObject({
        status: "warn",
        found: "it does not open, so that every request reads the database",
        mend: expect.stringContaining("transaction pooler"),
      });
    }));

  it("A10, E8: says that nobody cleans up, and deletes nothing itself", async () => {
    const env = await given();
    await database.sql.query(`
      insert into public.app_sessions (id, client_id, secret_hash, user_id, user_name, created_at, expires_at, last_activity_at)
      select gen_random_uuid(), c.id, sha256('x'), 'u', 'Jason', now() - interval '3 days', now() - interval '2 days', now()
      from public.install_client('old-oak', '{}', null) c, generate_series(1, 7)
    `);
    const { code, checks } = await examine(env);
    expect(code).toBe(1);
    expect(checks["clean-up"]).toMatchObject({
      status: "fail",
      found: expect.stringContaining("yet 7 sessions that expired more than a day ago can still be found"),
      mend: expect.stringContaining("npm run sessions -- cleanup"),
    });
    const { rows } = await database.sql.query("select count(*)::int as left from public.app_sessions");
    expect(rows).toEqual([{ left: 7 }]);
  });

  it("R31, E8: names every fault of the environment, and opens nothing", async () => {
    const env = { DATABASE_URL: "mysql://old", SESSION_SECRET: "short" };
    const { code, checks, notChecked } = await examine(env);
    expect(code).toBe(1);
    expect(checks.environment).toMatchObject({ status: "fail" });
    for (const variable of Object.keys(env)) expect(checks.environment?.found).toContain(`- ${variable}: `);
    expect(notChecked).toEqual(CHECKS.slice(1));
  });

  it("makes no embedded database where there is none", async () => {
    const folder = join(tmpdir(), `libero-none-${randomBytes(4).toString("hex")}`, "data");
    const { code, checks } = await examine({ DATABASE_URL: `pglite://${folder}` });
    expect(code).toBe(1);
    expect(checks.database?.found).toBe(`there is no embedded database in ${folder} yet`);
    expect(existsSync(folder)).toBe(false);
  });

  it("prints a line for each check, in colour where there is a terminal and nowhere else", async () => {
    const env = await given("bare");
    const { code, stdout, stderr } = await runSessions(["doctor"], { ...env, SESSION_CACHE_ENTRIES: "0" });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(
      /^ok {4}database {5}postgres answers\nok {4}connection {3}direct .*\nfail {2}migrations {3}\d+ pending: .*\n +→ npm run/m,
    );
    expect(stdout).toMatch(/^ok {4}channel {6}none: the cache is off/m);
    expect(stdout).toContain("\n1 failed, 0 warnings.\nNot checked, since it rests on what failed: grants, ");
    expect(stdout).not.toContain("\u001b");
  });
});

describe("doctor, of what keeps users from signing in although the database is well", () => {
  /** Production as an operator has it, with everything in order. */
  const inOrder = async () => {
    const { url, sql, drop } = await createTestDatabase();
    const sandbox = await startSandbox({
      appUrl: "http://127.0.0.1:9",
      username: "libero",
      password: "secret",
    });
    const smtp = await startSmtp();
    onTestFinished(() => Promise.all([sandbox.close(), smtp.close(), drop()]).then(() => {}));
    await sql.query("select public.install_client('old-oak', '{}', null)");
    const env = {
      ...{ ...PRODUCTION_ENV, APP_URL: "https://libero.example.com", DATABASE_URL: url },
      ...{ COMMERCE7_API_URL: `${sandbox.url}/v1`, SMTP_URL: smtp.url, MAIL_FROM: "libero@example.com" },
    };
    return { env, sandbox, smtp };
  };

  it("finds nothing, asks Commerce7 for nobody, and sends no mail", async () => {
    const { env, sandbox, smtp } = await inOrder();
    const { code, checks, ok } = await examine(env);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(Object.values(checks).filter(({ status }) => status !== "ok")).toEqual([]);
    expect(checks.commerce7?.found).toContain(`${sandbox.url}/v1 answers as Commerce7 does`);
    expect(checks.mail?.found).toBe(`${new URL(smtp.url).host} takes mail from libero@example.com`);
    expect(checks.wineries?.found).toBe("1 has installed Libero");
    expect([sandbox.accountCalls(), smtp.mails]).toEqual([0, []]);
  });

  it("names each at once, the fix beside it, although the database is away, and keeps passwords to itself", async () => {
    const { env, sandbox } = await inOrder();
    const { code, checks, stderr } = await examine({
      ...env,
      SESSION_COOKIE_SAME_SITE: "lax",
      SESSION_MAX_AGE: "900",
      COMMERCE7_API_URL: sandbox.url,
      SMTP_URL: `smtp://winery:s3cret@127.0.0.1:${await freePort()}`,
      DATABASE_URL: "postgres://nobody:s3cret@127.0.0.1:9/none",
    });
    expect(code).toBe(1);
    expect(checks.settings).toMatchObject({ status: "fail", mend: null });
    expect(checks.settings?.found.split("\n")).toEqual([
      expect.stringMatching(/^SESSION_COOKIE_SAME_SITE is lax: .*; set it to auto/),
      "SESSION_MAX_AGE is not a variable of Libero; did you mean SESSION_MAX_AGE_SECONDS?",
    ]);
    expect(checks.commerce7).toMatchObject({
      status: "fail",
      found: `${sandbox.url}: GET /account/user was answered 404, not 401 as Commerce7 answers a wrong token`,
      mend: expect.stringContaining("COMMERCE7_API_URL"),
    });
    expect(checks.mail).toMatchObject({
      status: "fail",
      found: "the mail server 127.0.0.1 does not take the sign-in (ECONNREFUSED)",
      mend: expect.stringContaining("SMTP_URL"),
    });
    expect(checks.database?.status).toBe("fail");
    expect(JSON.stringify(checks) + stderr).not.toContain("s3cret");
  });
});
