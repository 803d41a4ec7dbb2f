import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { createDrain } from "../../../app/lib/http/drain";

const LONG_MS = 20_000;

async function serving(answer: RequestListener) {
  const server = createServer();
  const drain = createDrain(server);
  server.on("request", answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const open = async (...written: string[]) => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    const connected = new Promise((resolve) => server.once("connection", resolve));
    for (const bytes of written) socket.write(bytes);
    await connected;
    return socket;
  };
  return { drain, open };
}

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

it("connections that wait for a next request, or have sent nothing yet, do not keep it waiting", async () => {
  const { drain, open } = await serving((_req, res) => void res.end("done"));
  const used = await open(GET);
  await new Promise((resolve) => used.once("data", resolve));
  const unused = await open();
  expect(await drain.run(LONG_MS)).toBe(0);
  await Promise.all([text(used), text(unused)]);
});

it("an answer whose head is already sent is finished, and its connection closed", async () => {
  let finish = () => {};
  const { drain, open } = await serving((_req, res) => {
    res.write("first ");
    finish = () => res.end("last");
  });
  const socket = await open(GET);
  await new Promise((resolve) => socket.once("data", resolve));
  const [rest, drained] = [text(socket), drain.run(LONG_MS)];
  finish();
  expect(await drained).toBe(0);
  expect(await rest).toContain("last");
});

it("a client that never pauses is answered once more, and told to go", async () => {
  const { drain, open } = await serving((_req, res) => void res.end("done"));
  const socket = await open(GET, GET.slice(0, -2));
  await new Promise((resolve) => socket.once("data", resolve));
  const drained = drain.run(LONG_MS);
  socket.write("\r\n");
  expect(await text(socket)).toMatch(/Connection: close/);
  expect(await drained).toBe(0);
});

it("what is not done in time is cut off, and counted", async () => {
  const { drain, open } = await serving(() => {});
  const sockets = [await open(GET), await open(GET), await open("GET / HT")];
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await drain.run(100)).toBe(2);
  for (const socket of sockets) expect(await text(socket)).toBe("");
});
