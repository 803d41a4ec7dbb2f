import { connect, type Socket } from "node:net";

export type RawRequest = {
  bytes: Buffer;
  /** An answer to HEAD has a length and no body. */
  head: boolean;
  /** Where it is not said clearly how long the request is: a connection of its own, whose end is the request's end. */
  alone: boolean;
};

export type RawAnswer = { status: number; text: string };

export type RawOutcome = {
  /** Several, where the server took one request for two; none, where it only closed the connection. */
  answers: RawAnswer[];
  /** The connection was neither answered on to the end nor closed in time. */
  hung: boolean;
};

const DEADLINE_MS = 20_000;
/** After so much silence a request whose end is not clear is ended by hand. */
const SILENCE_MS = 100;

/** Sends bytes as they are, which no HTTP client does, over one connection for as long as the server keeps it. */
export class RawClient {
  #socket: Socket | undefined;

  constructor(readonly port: number) {}

  async send(request: RawRequest): Promise<RawOutcome> {
    if (request.alone) this.close();
    return this.#exchange(request);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #exchange({ bytes, head, alone }: RawRequest): Promise<RawOutcome> {
    this.#socket ??= connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    const socket = this.#socket;
    const received: Buffer[] = [];
    return new Promise((resolve) => {
      const settle = (hung: boolean, keep: boolean) => {
        clearTimeout(timer);
        clearTimeout(silence);
        socket.removeAllListeners().on("error", () => {});
        if (!keep) this.close();
        resolve({ answers: readAnswers(Buffer.concat(received), head).answers, hung });
      };
      const timer = setTimeout(settle, DEADLINE_MS, true, false);
      const silence = alone ? setTimeout(() => socket.end(), SILENCE_MS) : undefined;
      socket.on("data", (chunk) => {
        received.push(chunk);
        const { answers, complete, closing } = readAnswers(Buffer.concat(received), head);
        if (answers.length === 0 || !complete || closing) return;
        if (alone) socket.end();
        else settle(false, true);
      });
      socket.on("error", () => settle(false, false)).on("close", () => settle(false, false));
      socket.write(bytes);
    });
  }
}

const HEAD_END = "\r\n\r\n";

/** Whatever final answers (RFC 9112) these bytes hold, and whether they end with one. */
export function readAnswers(bytes: Buffer, head: boolean) {
  const answers: RawAnswer[] = [];
  let [start, complete, closing] = [0, true, false];
  while (start < bytes.length && complete) {
    const headEnd = bytes.indexOf(HEAD_END, start);
    if (headEnd === -1) return { answers, complete: false, closing };
    const fields = bytes.toString("latin1", start, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(fields)?.[1]);
    const bodyStart = headEnd + HEAD_END.length;
    const bodyless = head || status === 204 || status === 304 || status < 200;
    const body = bodyless ? { end: bodyStart, parts: [] } : readBody(bytes, bodyStart, fields);
    complete = body !== undefined && body.end <= bytes.length;
    closing = /^connection: close/im.test(fields);
    if (!(status < 200)) answers.push({ status, text: textOf(fields, body?.parts ?? []) });
    start = body?.end ?? bytes.length;
  }
  return { answers, complete, closing };
}

const textOf = (fields: string, parts: Buffer[]) =>
  `${fields}${HEAD_END}${Buffer.concat(parts).toString("utf8")}`;

/** What its chunks hold, and where it ends. @returns undefined where its end is not there yet */
function readBody(bytes: Buffer, start: number, fields: string) {
  const length = /^content-length: (\d+)/im.exec(fields)?.[1];
  if (length !== undefined) return wholeBody(bytes, start, start + Number(length));
  if (!/^transfer-encoding: chunked/im.test(fields)) return wholeBody(bytes, start, bytes.length);
  const parts: Buffer[] = [];
  for (let chunk = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", chunk);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", chunk, lineEnd), 16);
    chunk = lineEnd + 2 + size + 2;
    if (size === 0) return { end: chunk, parts };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
  }
}

const wholeBody = (bytes: Buffer, start: number, end: number) => ({
  end,
  parts: [bytes.subarray(start, end)],
});
