import autocannon from "autocannon";
import { median } from "../../measure/statistics";

type LoadOptions = {
  url: string;
  /** Cookie headers; each connection takes its share of them in turn. */
  cookies: string[];
  connections: number;
  /** For how long, or how many requests in all. */
  as: { durationMs: number } | { amount: number };
  /** What every answer has to contain. */
  expect: RegExp;
};

export type Load = { perSecond: number; p50Ms: number; elapsedMs: number };

/**
 * Requests, each as soon as its connection has the answer to the last one.
 * @throws where one answer is missing, or is not what it should be
 */
export async function load({ url, cookies, connections, as, expect }: LoadOptions): Promise<Load> {
  const shares = Array.from({ length: connections }, (_, share) => shareOf(cookies, share, connections));
  const latenciesMs: number[] = [];
  let lastMs = 0;
  let opened = 0;
  const startedMs = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = {
      url,
      connections,
      ...("amount" in as ? as : { duration: as.durationMs / 1_000 }),
      sampleInt: 50,
      timeout: 30,
      setupClient(client) {
        client.setRequests(shares[opened % connections] as autocannon.Request[]);
        opened += 1;
      },
      verifyBody: (body) => expect.test(String(body)),
    };
    const run = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    run.on("response", (_client, _status, _bytes, responseMs) => {
      latenciesMs.push(responseMs);
      lastMs = performance.now();
    });
  });
  refuseBadAnswers(result, "amount" in as ? as.amount : latenciesMs.length);
  const elapsedMs = lastMs - startedMs;
  return { perSecond: (latenciesMs.length / elapsedMs) * 1_000, p50Ms: median(latenciesMs), elapsedMs };
}

function shareOf(cookies: string[], share: number, connections: number): autocannon.Request[] {
  const own = cookies.filter((_, index) => index % connections === share);
  const sent = own.length > 0 ? own : [cookies[share % cookies.length] as string];
  return sent.map((cookie) => ({ method: "GET", headers: { accept: "text/html", cookie } }));
}

function refuseBadAnswers(result: autocannon.Result, wanted: number): void {
  const { errors, timeouts, non2xx, mismatches, "2xx": good } = result;
  if (errors + timeouts + non2xx + mismatches === 0 && good === wanted && good > 0) return;
  const found = JSON.stringify({ errors, timeouts, non2xx, mismatches, good, wanted });
  throw new Error(`not every request was answered as it should be: ${found}`);
}
