import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** No request is read from it and no answer is written to it: what the network costs, all systems pay alike. */
const NOWHERE = new Socket();

/** Node's own request, with the headers that a browser's look-up of a page needs. */
export function requestOf(cookie: string): IncomingMessage {
  const request = new IncomingMessage(NOWHERE);
  request.method = "GET";
  request.url = "/app";
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.headers = { host: "libero.test", "x-forwarded-proto": "https", cookie };
  return request;
}

/** Node's own response; it tells when it really ended, after whatever a middleware put before its end. */
export class Response extends ServerResponse {
  readonly #ended: () => void;

  constructor(request: IncomingMessage, ended: () => void = () => {}) {
    super(request);
    this.#ended = ended;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Node's own `end`
  override end(...given: any[]): this {
    super.end(...given);
    this.#ended();
    return this;
  }
}
