import { describe, expect, it } from "vitest";
import { readAnswers } from "../../support/raw-client";

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const read = (text: string) => readAnswers(Buffer.from(text), false);

describe("what the tests' raw client makes of bytes", () => {
  it("a page that came in chunks is read as the page that it is", () => {
    const { answers, complete } = read(`${CHUNKED}9\r\nEverybody\r\n12\r\n at home, 07:46:05\r\n0\r\n\r\n`);
    expect(complete).toBe(true);
    expect(answers).toEqual([{ status: 200, text: `${CHUNKED}Everybody at home, 07:46:05` }]);
  });

  it("an answer without its last chunk is not whole", () => {
    expect(read(`${CHUNKED}9\r\nEverybody\r\n`).complete).toBe(false);
    expect(read(`${CHUNKED}9\r\nEvery`).complete).toBe(false);
  });

  it("two answers in a row are two", () => {
    const one = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone";
    const { answers, complete } = read(`${one}${CHUNKED}2\r\nok\r\n0\r\n\r\n`);
    expect(answers.map(({ status, text }) => [status, text.slice(-4)])).toEqual([
      [404, "none"],
      [200, "\r\nok"],
    ]);
    expect(complete).toBe(true);
  });
});
