import { Agent, type IncomingHttpHeaders, request } from "node:http";

export type Answer = {
  path: string;
  status: number;
  setCookie: string | undefined;
  /** When the attempt that was answered was sent. */
  sentMs: number;
  endedMs: number;
  /** What the client waited in all, attempts at instances that lost the request included. */
  tookMs: number;
  at: string;
  /** A 503 without `Retry-After`, or without the page that says so. */
  rude: boolean;
};

/** Whoever waits longer takes the app for hung. */
const HUNG_MS = 12_000;

/**
 * A load balancer in front of the instances: each request goes to any of them (in turn, clients that keep step would each
 * meet but one), and where that takes no connection, or loses it, to another.
 */
export class Balancer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 200 });
  /** Requests that got no answer from any instance. */
  readonly lost: string[] = [];

  constructor(private instances: string[]) {}

  /** Takes an instance in. */
  add(url: string): void {
    this.instances = [...this.instances, url];
  }

  /** Sends no more to an instance. */
  remove(url: string): void {
    this.instances = this.instances.filter((each) => each !== url);
  }

  /** @throws where an instance hangs */
  async send(path: string, headers: Record<string, string>, form?: string): Promise<Answer | undefined> {
    const { instances } = this;
    const first = Math.floor(Math.random() * instances.length);
    const firstSentMs = performance.now();
    for (let attempt = 0; attempt < instances.length; attempt += 1) {
      const url = instances[(first + attempt) % instances.length] as string;
      const answer = await this.sendTo(url, path, headers, form).catch((error: Error) => {
        if (error.name === "TimeoutError") throw error;
      });
      if (answer) return { ...answer, tookMs: answer.endedMs - firstSentMs };
    }
    this.lost.push(path);
    return undefined;
  }

  /** Past the balancer. @throws where there is no answer; `TimeoutError` where it does not come in time */
  sendTo(url: string, path: string, headers: Record<string, string>, form?: string): Promise<Answer> {
    const sentMs = performance.now();
    const signal = AbortSignal.timeout(HUNG_MS);
    return new Promise((resolve, reject) => {
      const sending = request(`${url}${path}`, {
        agent: this.agent,
        signal,
        method: form === undefined ? "GET" : "POST",
        headers: { ...headers, ...(form !== undefined && formHeaders(url, form)) },
      });
      const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
      sending.on("error", fail);
      sending.on("response", (response) => {
        let body = "";
        response.on("error", fail);
        response.setEncoding("utf8").on("data", (text) => {
          if (response.statusCode === 503) body += text;
        });
        response.on("end", () => {
          const { statusCode: status = 0, headers: heard } = response;
          const endedMs = performance.now();
          const rude = status === 503 && !isPolite(heard, body);
          const setCookie = heard["set-cookie"]?.[0]?.split(";")[0];
          resolve({ path, status, setCookie, sentMs, endedMs, tookMs: endedMs - sentMs, at: url, rude });
        });
      });
      sending.end(form);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function isPolite(headers: IncomingHttpHeaders, body: string): boolean {
  return headers["retry-after"] !== undefined && body.includes("taking a short break");
}

/** As a page of the app's own sends a form. */
function formHeaders(origin: string, form: string): Record<string, string> {
  return {
    origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(Buffer.byteLength(form)),
  };
}
