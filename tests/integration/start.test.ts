import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { LOCK_FILE, lockFolder } from "../../app/lib/db/folder-lock";
import { PRODUCTION_ENV, runApp, startApp } from "../support/app-server";
import { startRawServer } from "../support/commerce7";
import { createTestDatabase } from "../support/database";
import { copyEmbedded } from "../support/embedded-database";
import { freePort } from "../support/free-port";
import { halfOf } from "../support/half-request";

describe("starting in production", () => {
  it("R31: a start with faults names every one and how to mend it, in one message, and opens nothing", async () => {
    const app = runApp({
      PORT: "http",
      SESSION_SECRET: "your-random-secret-key-min-32-chars",
      COMMERCE7_INSTALL_USERNAME: "",
      COMMERCE7_INSTALL_PASSWORD: "",
    });
    expect(await app.exited).toBe(1);
    for (const fault of [
      "PORT",
      "SESSION_SECRET",
      "DATABASE_URL",
      "COMMERCE7_INSTALL_USERNAME",
      "COMMERCE7_INSTALL_PASSWORD",
    ]) {
      expect(app.output()).toMatch(new RegExp(`^ {2}- ${fault}: .+`, "m"));
    }
    expect(app.output()).toContain("make one with: node -e");
    expect(app.output()).not.toContain("your-random-secret-key");
    expect(app.output()).not.toMatch(/^\s+at /m);
  });

  it("a database that does not answer stops the start with a sentence", async () => {
    const app = runApp({
      PORT: "39999",
      DATABASE_URL: "postgres://nobody:secret-word@127.0.0.1:9/none",
    });
    expect(await app.exited).toBe(1);
    expect(app.output()).toMatch(/the database does not answer/);
    expect(app.output()).not.toContain("secret-word");
    expect(app.output()).not.toMatch(/^\s+at /m);
  });

  it("a taken port stops the start with a sentence", async () => {
    const { url, drop } = await createTestDatabase();
    const first = await startApp({ DATABASE_URL: url });
    const second = runApp({ PORT: new URL(first.url).port, DATABASE_URL: url });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/port \d+ is taken/);
    expect(await first.stop()).toBe(0);
    await drop();
  });

  it("an empty PostgreSQL is brought up to date", async () => {
    const { url, sql, drop } = await createTestDatabase("bare");
    const app = await startApp({ DATABASE_URL: url });
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
    expect((await sql.query("select count(*)::int as rows from public.app_sessions")).rows).toEqual([
      { rows: 0 },
    ]);
    await app.stop();
    await drop();
  });

  it("D4, D8: says once where sessions live and why; without memory there is neither channel nor cache", async () => {
    const app = await startApp({
      DATABASE_URL: `pglite://${await copyEmbedded()}`,
      SESSION_CACHE_ENTRIES: "0",
    });
    const { stores } = (await (await fetch(`${app.url}/readyz`)).json()) as { stores: object };
    expect(await app.stop()).toBe(0);
    expect(app.output().match(/sessions live in [^"]*/g)).toEqual([
      "sessions live in the embedded database (no server is named by DATABASE_URL or SUPABASE_URL), with no Redis in front of it (no REDIS_URL) and no cache",
    ]);
    const off = { state: "off", since: null };
    expect(stores).toMatchObject({ database: { kind: "pglite" }, redis: null, channel: off, cache: off });
  });

  it("an embedded database has one process at a time, and is free again after a kill", async () => {
    const folder = await copyEmbedded();
    const env = { DATABASE_URL: `pglite://${folder}` };
    const first = await startApp(env);
    const second = runApp({ PORT: "39998", ...env });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/in use by process \d+/);

    await first.stop("SIGKILL");
    // Nor does it matter what process has the id of the killed one now, or what the version before left behind.
    await writeFile(
      join(folder, LOCK_FILE),
      JSON.stringify({ pid: 1, host: "x", since: new Date().toISOString() }),
    );
    await writeFile(`${folder}.lock`, "1");
    const third = await startApp(env);
    expect((await fetch(`${third.url}/readyz`)).status).toBe(200);
    expect(await third.stop()).toBe(0);
  });

  const unshare = ["--pid", "--fork", "--kill-child", "--mount-proc"];
  const namespaces = spawnSync("unshare", [...unshare, "true"]).status === 0;
  it.skipIf(!namespaces)(
    "an embedded database has one container at a time, whose process ids say nothing",
    async () => {
      const folder = await copyEmbedded();
      const env = { DATABASE_URL: `pglite://${folder}` };
      const first = await startApp(env);
      const { PATH } = process.env;
      const second = spawnSync("unshare", [...unshare, process.execPath, "bin/start.js"], {
        env: {
          PATH,
          ...PRODUCTION_ENV,
          PORT: "39995",
          DATABASE_URL: `pglite://${folder}/.`,
        } as NodeJS.ProcessEnv,
        encoding: "utf8",
        // If it starts after all, it would run until something stops it.
        timeout: 30_000,
        killSignal: "SIGKILL",
      });
      expect(second).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/in use by process \d+ on host/),
      });
      expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
      expect(await first.stop()).toBe(0);
    },
  );

  it("an embedded database in a folder that is a file stops the start with a sentence", async () => {
    const folder = join(await mkdtemp(join(tmpdir(), "libero-embedded-")), "data");
    await writeFile(folder, "notes");
    const app = runApp({ PORT: "39997", DATABASE_URL: `pglite://${folder}` });
    expect(await app.exited).toBe(1);
    expect(app.output()).toBe(
      `the embedded database's folder ${folder} is a file, not a folder: ` +
        "name another folder in DATABASE_URL (pglite://<folder>)\n",
    );
  });

  it("a damaged embedded database stops the start with a sentence, although what is thrown is none", async () => {
    const folder = await copyEmbedded();
    const env = { DATABASE_URL: `pglite://${folder}` };
    await truncate(join(folder, "global", "pg_control"), 0);
    const app = runApp({ PORT: "39996", ...env });
    expect(await app.exited).toBe(1);
    expect(app.output()).toMatch(/^the embedded database's folder .* does not open .*DATABASE_URL.*\n$/);
    expect(app.output()).not.toContain("[object");
  });

  it("without a build it says how to make one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-unbuilt-"));
    await cp("bin/start.js", join(folder, "bin", "start.js"));
    await cp("package.json", join(folder, "package.json"));
    const app = spawnSync(process.execPath, [join(folder, "bin", "start.js")], { encoding: "utf8" });
    expect(app).toMatchObject({ status: 1, stderr: 'there is no build yet: run "npm run build" first\n' });
  });

  it("a .env that cannot be read stops the start with a sentence", async () => {
    const folder = await mkdtemp(join(tmpdir(), "libero-env-"));
    await mkdir(join(folder, ".env"));
    const app = spawnSync(process.execPath, [resolve("bin/start.js")], { cwd: folder, encoding: "utf8" });
    expect(app.status).toBe(1);
    expect(app.stderr).toMatch(
      /^\.env cannot be read \(.+\): it must be a file that this process may read\n$/,
    );
  });

  it("D6: a signal that comes twice, as npm passes Ctrl-C on, does not cut the orderly stop short", async () => {
    const folder = await copyEmbedded();
    const app = await startApp({ DATABASE_URL: `pglite://${folder}` });
    // A request that is still arriving keeps the stop waiting, so that the second signal falls into it.
    const late = await halfOf(app, "/healthz");
    const ended = app.stop("SIGINT");
    await expect.poll(() => fetch(`${app.url}/healthz`).catch(() => "refused")).toBe("refused");
    app.stop("SIGINT");
    await expect(lockFolder(folder)).rejects.toThrow("in use by process");
    late.destroy();
    expect(await ended).toBe(0);
    await (await lockFolder(folder))();
  });

  /** The warnings in its log, but for when they were written. */
  const warningsOf = (output: string) =>
    output
      .split("\n")
      .filter((line) => line.includes('"level":40'))
      .map((line) => {
        const { level: _level, time: _time, ...warning } = JSON.parse(line);
        return warning;
      });
  const onDatabase = async () => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    return { DATABASE_URL: url };
  };

  it("warns once of every setting and service that keeps users from signing in, and starts all the same", async () => {
    const app = await startApp({
      ...(await onDatabase()),
      APP_URL: "https://libero.example.com",
      SESSION_COOKIE_SAME_SITE: "lax",
      SESSION_MAX_AGE: "a value that is not logged",
      SMTP_URL: `smtp://winery:s3cret@127.0.0.1:${await freePort()}`,
      MAIL_FROM: "libero@example.com",
      PORT: String(await freePort()),
    });
    await expect.poll(() => warningsOf(app.output()), { timeout: 10_000 }).toHaveLength(4);
    expect(await app.stop()).toBe(0);
    expect(warningsOf(app.output())).toEqual([
      { problem: expect.stringContaining("SESSION_COOKIE_SAME_SITE is lax"), msg: "configuration problem" },
      {
        problem: "SESSION_MAX_AGE is not a variable of Libero; did you mean SESSION_MAX_AGE_SECONDS?",
        msg: "configuration problem",
      },
      {
        reason: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/v1: /),
        fix: expect.stringContaining("COMMERCE7_API_URL"),
        msg: "Commerce7 unusable, users cannot sign in",
      },
      {
        reason: "the mail server 127.0.0.1 does not take the sign-in (ECONNREFUSED)",
        fix: expect.stringContaining("SMTP_URL"),
        msg: "mail server unusable, sign-in links cannot be sent",
      },
    ]);
    expect(app.output()).not.toMatch(/s3cret|a value that is not logged/);
  });

  it("waits neither at the start nor at the stop for a Commerce7 that says nothing", async () => {
    const silent = await startRawServer(() => {});
    const app = await startApp({ ...(await onDatabase()), COMMERCE7_API_URL: `${silent.url}/v1` });
    await expect.poll(() => silent.requests).toHaveLength(1);
    const stopping = performance.now();
    expect(await app.stop()).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(5_000);
    expect(app.output()).not.toContain("Commerce7 unusable");
  });

  it("warns of nothing in development, where nothing is set", async () => {
    const commerce7 = await startRawServer((response) =>
      response.writeHead(401).end('{"statusCode":401,"type":"unauthorized"}'),
    );
    const app = await startApp({
      ...(await onDatabase()),
      NODE_ENV: "development",
      COMMERCE7_API_URL: `${commerce7.url}/v1`,
    });
    await expect.poll(() => commerce7.requests).toHaveLength(1);
    expect(await app.stop()).toBe(0);
    expect(warningsOf(app.output())).toEqual([]);
  });
});
