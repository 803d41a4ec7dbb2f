import { connect } from "node:net";
import { text } from "node:stream/consumers";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import { refuseMalformedRequests } from "../../../app/lib/http/malformed-requests";

/** What an app answers to a request of these lines, whose proxy is trusted or not. */
async function answerTo(lines: string[], trustProxy = false) {
  const app = express();
  app.set("trust proxy", trustProxy);
  app.use(refuseMalformedRequests);
  app.use((_req, res) => void res.send("through"));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  socket.write(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  return (await text(socket)).split("\r\n")[0];
}

const REFUSED = "HTTP/1.1 400 Bad Request";
const THROUGH = "HTTP/1.1 200 OK";

it.each(["localhost:3000", "libero.example.com", "[::1]:3000", "127.0.0.1", "libero_web:3000"])(
  "a request for %s goes through",
  async (host) => {
    expect(await answerTo(["GET /app?a=b HTTP/1.1", `Host: ${host}`])).toBe(THROUGH);
  },
);

it.each([
  ":",
  ":3000",
  "%",
  "[::1",
  "a b",
  "localhost:99999",
  "name@localhost",
  "\u00f0\u00a7",
  "999.1.1.1",
  "\u00ff<",
])("400: no address has the host %j", async (host) => {
  expect(await answerTo(["GET /app HTTP/1.1", `Host: ${host}`])).toBe(REFUSED);
});

it.each(["OPTIONS *", "GET *", "GET /app?_data=routes/app", "GET /?a&_data"])(
  "400: %s asks for no page of ours",
  async (first) => {
    expect(await answerTo([`${first} HTTP/1.1`, "Host: localhost:3000"])).toBe(REFUSED);
  },
);

it("400: the port of X-Forwarded-Host is read whether proxies are trusted or not", async () => {
  const lines = ["GET / HTTP/1.1", "Host: localhost:3000", "X-Forwarded-Host: localhost:99999"];
  expect(await answerTo(lines)).toBe(REFUSED);
  expect(await answerTo(lines, true)).toBe(REFUSED);
});

it("400: what a trusted proxy calls neither http nor https", async () => {
  const lines = ["GET / HTTP/1.1", "Host: localhost:3000", "X-Forwarded-Proto: gopher"];
  expect(await answerTo(lines)).toBe(THROUGH);
  expect(await answerTo(lines, true)).toBe(REFUSED);
});

it("405: no Request can be made with TRACE", async () => {
  expect(await answerTo(["TRACE / HTTP/1.1", "Host: localhost"])).toBe("HTTP/1.1 405 Method Not Allowed");
});
