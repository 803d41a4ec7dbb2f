import { randomBytes } from "node:crypto";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { afterEach, describe, expect, inject, it } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { guardDatabase } from "../../app/lib/db/guarded";
import { openPostgres } from "../../app/lib/db/postgres";
import { openSupabase } from "../../app/lib/db/supabase";
import { silentLogger } from "../support/silent-logger";
import { onServer } from "../support/templates";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Connection string of the test server, as somebody else perhaps, up to the database's name. */
const server = (who = "postgres:test") => inject("postgresServer").replace("postgres:test", who);

/** What a start with this database ends with. */
async function complaint(opened: Database): Promise<Error> {
  const db = guardDatabase(opened, silentLogger);
  cleanUps.push(() => db.close());
  return db.migrate().then(
    () => expect.fail("it started"),
    (error) => error,
  );
}
const start = (url: string, schema?: string) =>
  complaint(openPostgres({ url, schema, migrationsFolder: "supabase/migrations", logger: silentLogger }));

async function newDatabase(options = ""): Promise<string> {
  const name = `start_${randomBytes(6).toString("hex")}`;
  await onServer(server(), `create database ${name} ${options}`);
  cleanUps.push(() => onServer(server(), `drop database ${name} with (force)`));
  return name;
}

async function listening(listener: Server | HttpServer): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const sockets = new Set<Socket>();
  listener.on("connection", (socket: Socket) => sockets.add(socket));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => listener.close(resolve));
  });
  return (listener.address() as AddressInfo).port;
}

const ONE_SENTENCE = /^[^\n]+$/;

describe("a start with a database that cannot be used says why, and which variable to change", () => {
  it.each(["SQL_ASCII", "LATIN1"])("its encoding is %s", async (encoding) => {
    const name = await newDatabase(`encoding '${encoding}' template template0`);
    const error = await start(`${server()}/${name}`);
    expect(error.name).toBe("ConfigurationError");
    expect(error.message).toMatch(
      new RegExp(
        `DATABASE_URL has the encoding ${encoding}.*create database … encoding 'UTF8' template template0`,
      ),
    );
  });

  it.each([
    ["there is no such database", () => `${server()}/nowhere`, /"nowhere" does not exist/],
    ["its password is wrong", () => `${server("postgres:wrong")}/postgres`, /password authentication failed/],
    ["its role is unknown", () => `${server("nobody:wrong")}/postgres`, /failed for user "nobody"/],
    [
      "it has no TLS",
      () => `${server()}/postgres?sslmode=verify-full`,
      /does not encrypt \(.+\); leave sslmode out/,
    ],
  ])("%s", async (_what, url, reason) => {
    const error = await start(url());
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringMatching(reason) });
    expect(error.message).toMatch(ONE_SENTENCE);
    expect(error.message).toContain("DATABASE_URL");
    expect(error.message).not.toContain("wrong");
  });

  it.each([undefined, "wine"])("its role may not make a schema (DATABASE_SCHEMA: %s)", async (schema) => {
    const name = await newDatabase();
    const role = `weak_${name}`;
    await onServer(server(), `create role ${role} login password 'weak'`);
    cleanUps.splice(-1, 0, () => onServer(server(), `drop role ${role}`));
    const error = await start(`${server(`${role}:weak`)}/${name}`, schema);
    expect(error).toMatchObject({
      name: "ConfigurationError",
      message: expect.stringMatching(
        /permission denied for database.*grant the role what it lacks.*DATABASE_URL/,
      ),
    });
  });

  it("it is read-only, and migrations are pending", async () => {
    const name = await newDatabase();
    await onServer(server(), `alter database ${name} set default_transaction_read_only = on`);
    const error = await start(`${server()}/${name}`);
    expect(error).toMatchObject({ name: "UnavailableError", kind: "read-only" });
    expect(error.message).toMatch(/migrations are pending, and need a database that can be written/);
  });

  it("its certificate is signed by itself", async () => {
    const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }]);
    const secureContext = createSecureContext({ cert, key });
    const port = await listening(
      createServer((socket: Socket) => {
        // SSLRequest: yes, and then TLS.
        socket.once("data", () => {
          socket.write("S");
          new TLSSocket(socket, { isServer: true, secureContext }).on("error", () => socket.destroy());
        });
        socket.on("error", () => socket.destroy());
      }),
    );
    const error = await start(`postgres://libero:x@127.0.0.1:${port}/libero?sslmode=verify-full`);
    expect(error).toMatchObject({
      name: "ConfigurationError",
      message: expect.stringMatching(
        /certificate is not trusted \(.*self-signed.*DATABASE_URL \(sslrootcert/,
      ),
    });
  });

  it.each([
    ["speaks HTTP", () => createHttpServer((_request, response) => response.end("hello"))],
    ["speaks Redis", () => createServer((socket) => socket.end("-ERR unknown command\r\n"))],
    ["says nothing", () => createServer((socket) => socket.on("error", () => socket.destroy()))],
  ])("what listens there %s", async (_what, listener) => {
    const port = await listening(listener());
    const error = await start(`postgres://libero:x@127.0.0.1:${port}/libero`);
    expect(error).toMatchObject({
      name: "UnavailableError",
      message: expect.stringMatching(
        /^the database does not answer: .*DATABASE_URL \(or SUPABASE_URL\) leads to it$/,
      ),
    });
  });

  it.each([
    [404, "text/html", "<h1>No</h1>"],
    [200, "application/json", '{"hello":"world"}'],
  ])("SUPABASE_URL leads to another website, which answers %i %s", async (status, type, body) => {
    const port = await listening(
      createHttpServer((_request, response) =>
        response.writeHead(status, { "content-type": type }).end(body),
      ),
    );
    const error = await complaint(
      openSupabase({ url: `http://127.0.0.1:${port}`, secretKey: "x".repeat(40) }),
    );
    expect(error).toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining("SUPABASE_URL must be"),
    });
  });
});
