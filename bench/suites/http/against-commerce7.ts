import { CONNECTIONS } from "./check-cost";
import { type House, PAGE } from "./house";
import { type Load, load } from "./load";

export type Compared = { connections: number; session: Load; commerce7: Load };

/** As long as a page that waits for Commerce7 may take, to plan how many of them there is time for. */
const PAGE_MS = 250;

/**
 * The same page known by its session, and known by asking Commerce7 at each request.
 * @throws where a request that had to ask did not, or one with a session did
 */
export async function compareWithCommerce7(
  house: House,
  roundMs: number,
  say: (detail: string) => void,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const connections of [1, CONNECTIONS]) {
    const amount = Math.ceil(roundMs / PAGE_MS) * connections;
    say(`/app, known by Commerce7: ${connections} at a time`);
    const commerce7 = await loadBy(house, "commerce7", connections, amount);
    say(`/app, known by its session: ${connections} at a time`);
    const session = await loadBy(house, "session", connections, amount * (connections === 1 ? 20 : 4));
    compared.push({ connections, session, commerce7 });
  }
  return compared;
}

async function loadBy(
  { server, page, cookies, commerce7Calls }: House,
  by: "session" | "commerce7",
  connections: number,
  amount: number,
): Promise<Load> {
  await server.ask("know", by);
  const options = { url: page, cookies, connections, expect: PAGE };
  await load({ ...options, as: { amount: connections } });
  const calls = commerce7Calls();
  const loaded = await load({ ...options, as: { amount } });
  const asked = commerce7Calls() - calls;
  if (asked === (by === "session" ? 0 : amount)) return loaded;
  throw new Error(`known by ${by}, Commerce7 was asked ${asked} times in ${amount} requests`);
}
