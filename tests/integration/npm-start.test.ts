import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Environment, PRODUCTION_ENV } from "../support/app-server";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { freePort } from "../support/free-port";
import { halfOf, untilRefused } from "../support/half-request";
import { type NpmScript, runNpmScript, sendSignal } from "../support/npm-script";

vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Windows has no such signals, and no process groups. */
describe.skipIf(process.platform === "win32")("npm start, on the production build", () => {
  it.each([
    ["SIGTERM", 0],
    ["SIGINT", 0],
    // npm does not forward these, and ends at once.
    ["SIGHUP", "SIGHUP"],
    ["SIGKILL", "SIGKILL"],
  ] as const)(
    "%s to npm alone: the server finishes its requests and leaves no process",
    async (signal, end) => {
      const app = await start();
      const request = await halfOf(app, "/");
      app.npm.signalNpm(signal);
      await untilRefused(app);
      await expectFinished(request);
      expect(await app.npm.exited).toBe(end);
      await expectGone(app.npm);
      expect(app.npm.output()).not.toContain("not in order");
    },
  );

  it.each([
    ["SIGINT", 0],
    ["SIGHUP", "SIGHUP"],
  ] as const)("%s to npm and the server at once, as a terminal sends it: likewise", async (signal, end) => {
    const app = await start();
    const request = await halfOf(app, "/");
    app.npm.signalAll(signal);
    await untilRefused(app);
    await expectFinished(request);
    expect(await app.npm.exited).toBe(end);
    await expectGone(app.npm);
  });

  // The command `script` of Linux makes a terminal; elsewhere it is called in another way.
  const canMakeTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
  describe.skipIf(!canMakeTerminal)("on a terminal (needs script, of util-linux)", () => {
    it("the terminal closes: likewise, although there is no place left to log to", async () => {
      const { url, env } = await environment({ DATABASE_URL: database.url });
      const terminal = openTerminal("npm start", env);
      await untilItAnswers({ url });
      const requests = [await halfOf({ url }, "/"), await halfOf({ url }, "/")];
      terminal.close();
      await untilRefused({ url });
      // Each is logged when it is answered.
      for (const request of requests) await expectFinished(request);
      await expectGone(terminal);
    });
  });

  it("a signal while it waits for its database ends it at once, without an error", async () => {
    const connections: Socket[] = [];
    const silent = createServer((socket) => void connections.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { npm } = await run({ DATABASE_URL: `postgres://libero@127.0.0.1:${port}/libero` });
    await expect.poll(() => connections.length, { timeout: 20_000 }).toBeGreaterThan(0);
    npm.signalNpm("SIGTERM");
    expect(await npm.exited).toBe(0);
    await expectGone(npm);
    for (const connection of connections) connection.destroy();
  });
});

/** What runs in it is a process group of its own, which outlives the terminal if it does not stop. */
function openTerminal(command: string, env: Environment) {
  const terminal = spawn("script", ["-qec", `echo "group $$"; exec ${command}`, "/dev/null"], {
    env: { PATH: process.env.PATH, ...env } as Environment as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  terminal.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const group = () => -Number(/group (\d+)/.exec(printed)?.[1]);
  const isAlive = () => sendSignal(group(), 0);
  onTestFinished(() => {
    terminal.kill("SIGKILL");
    sendSignal(group(), "SIGKILL");
  });
  return { close: () => void terminal.kill("SIGKILL"), isAlive };
}

type Target = { url: string };
type Running = Target & { npm: NpmScript };

async function environment(settings: Environment) {
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  return { url, env: { ...PRODUCTION_ENV, PORT: port, APP_URL: url, ...settings } };
}

async function run(settings: Environment): Promise<Running> {
  const { url, env } = await environment(settings);
  const npm = runNpmScript("start", env);
  onTestFinished(() => npm.kill());
  return { url, npm };
}

async function start(): Promise<Running> {
  const app = await run({ DATABASE_URL: database.url });
  await untilItAnswers(app);
  return app;
}

async function untilItAnswers({ url }: Target): Promise<void> {
  const probe = () => fetch(`${url}/healthz`).then(({ status }) => status, String);
  await expect.poll(probe, { timeout: 30_000 }).toBe(200);
}

async function expectFinished(request: Socket) {
  request.write("\r\n");
  expect(await text(request)).toMatch(/^HTTP\/1.1 200 OK/);
}

async function expectGone({ isAlive }: Pick<NpmScript, "isAlive">) {
  await expect.poll(isAlive, { timeout: 10_000 }).toBe(false);
}
