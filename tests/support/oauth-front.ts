import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = { status: number; headers: Record<string, string>; body: string };

/** What happens to one request on its way: `forward` asks the real server. */
export type Fault = (
  forward: () => Promise<Answer>,
  socket: { cut(): void },
) => Promise<Answer | undefined> | Answer | undefined;

/** A door that the test opens: `reached` tells that somebody stands before it. */
export function gate() {
  let [arrive, open] = [() => {}, () => {}];
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const pass = () => {
    arrive();
    return opened;
  };
  return { pass, reached, open };
}

/** Answers by itself; the server never hears of it. */
export const answering =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Fault =>
  () => ({
    status,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** The real answer, changed on its way back. */
export const rewriting =
  (change: (answer: Record<string, unknown>) => object): Fault =>
  async (forward) => {
    const answer = await forward();
    return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) };
  };

/** The request reaches the server, its answer nobody. */
export const cutAfter: Fault = async (forward, socket) => {
  await forward();
  socket.cut();
  return undefined;
};

/** Held up on the way there. */
export const heldBefore =
  (door: ReturnType<typeof gate>): Fault =>
  async (forward) => {
    await door.pass();
    return forward();
  };

/** Held up on the way back. */
export const heldAfter =
  (door: ReturnType<typeof gate>): Fault =>
  async (forward) => {
    const answer = await forward();
    await door.pass();
    return answer;
  };

/** A thin front of a real server, which does to requests what networks and gateways do. */
export async function startFront(target: string) {
  let faults: Fault[] = [];
  let requests = 0;
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const asksForTokens = request.url === "/token";
    if (asksForTokens) requests += 1;
    const body = await textOf(request);
    const { authorization } = request.headers;
    const headers = {
      "content-type": request.headers["content-type"] ?? "",
      ...(authorization && { authorization }),
    };
    const forward = async () => {
      const { method = "" } = request;
      const sent = method === "GET" ? { headers } : { method, headers, body };
      const answer = await fetch(new URL(request.url as string, target), sent);
      const type = answer.headers.get("content-type") ?? "";
      return { status: answer.status, headers: { "content-type": type }, body: await answer.text() };
    };
    const fault = (asksForTokens && faults.shift()) || ((ask) => ask());
    const answer = await fault(forward, { cut: () => request.socket.destroy() });
    if (answer && !response.destroyed) response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What happens to the next requests for tokens, in turn; those after pass. */
    next: (...coming: Fault[]) => {
      faults = coming;
    },
    /** How many requests for tokens have come so far. */
    requests: () => requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
