import { Agent, request } from "node:http";

export type Answer = {
  status: number;
  setCookie: string | undefined;
  sentMs: number;
  tookMs: number;
  at: string;
};

/** Whoever waits longer takes the app for hung. */
const HUNG_MS = 12_000;

/**
 * A load balancer in front of the instances: each request goes to the next one, and where that takes no connection, or
 * loses it, to another.
 */
export class Balancer {
  private turn = 0;
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

  async send(path: string, headers: Record<string, string>, form?: string): Promise<Answer | undefined> {
    this.turn += 1;
    const { instances, turn } = this;
    for (let attempt = 0; attempt < instances.length; attempt += 1) {
      const url = instances[(turn + attempt) % instances.length] as string;
      const answer = await this.sendTo(url, path, headers, form).catch((error: Error) => {
        if (error.message === "hung") throw error;
      });
      if (answer) return answer;
    }
    this.lost.push(path);
    return undefined;
  }

  /** Past the balancer. @throws where there is no answer */
  sendTo(url: string, path: string, headers: Record<string, string>, form?: string): Promise<Answer> {
    const sentMs = performance.now();
    return new Promise((resolve, reject) => {
      const sending = request(`${url}${path}`, {
        agent: this.agent,
        method: form === undefined ? "GET" : "POST",
        headers: { ...headers, ...(form !== undefined && formHeaders(url, form)) },
      });
      sending.setTimeout(HUNG_MS, () => sending.destroy(new Error("hung")));
      sending.on("error", reject);
      sending.on("response", (response) => {
        response.on("error", reject);
        response.resume().on("end", () => {
          const setCookie = response.headers["set-cookie"]?.[0]?.split(";")[0];
          resolve({
            status: response.statusCode as number,
            setCookie,
            sentMs,
            tookMs: performance.now() - sentMs,
            at: url,
          });
        });
      });
      sending.end(form);
    });
  }

  close(): void {
    this.agent.destroy();
  }
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
