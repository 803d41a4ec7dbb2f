import pg from "pg";
import { SECOND_MS } from "../base/durations";
import type { Logger } from "../base/logger";
import { connectionFromAddress } from "./connection-address";
import type { Connection } from "./database";

/** How one address leads to the server, as far as this process knows. */
export interface ConnectionCheck {
  /** Finds out, and remembers it. @throws the driver's error where the server does not answer */
  find(): Promise<Connection>;
  known(): Connection | undefined;
  /** Notes that an answer gave a transaction pooler away. */
  poolsTransactions(evidence: string): void;
}

/** @param logger gets one line where a transaction pooler is found, however it is found */
export function createConnectionCheck({ url, logger }: { url: string; logger?: Logger }): ConnectionCheck {
  let connection = connectionFromAddress(url);
  let finding: Promise<Connection> | undefined;
  let logged = false;
  const set = (found: Connection) => {
    // An answer proves more than a probe that saw nothing.
    if (connection?.mode !== "transaction pooler") connection = found;
    if (connection.mode === "transaction pooler" && !logged) {
      logged = true;
      logger?.info(
        { evidence: connection.evidence },
        "transaction pooler detected, using unnamed prepared statements",
      );
    }
    return connection;
  };
  return {
    async find() {
      if (connection) return set(connection);
      finding ??= probe(url).finally(() => {
        finding = undefined;
      });
      return set(await finding);
    },
    known: () => connection,
    poolsTransactions: (evidence) => void set({ mode: "transaction pooler", evidence }),
  };
}

const ROUNDS = 5;

/** The first one asks whether the server is there, and may wait for it; the second only compares. */
const ANSWER_TIMEOUT_MS = { first: 10 * SECOND_MS, second: 2 * SECOND_MS };

/**
 * Compares process ids. A server names its process when a connection opens (BackendKeyData); a pooler names another one, for it
 * has not chosen a server connection yet. Where two open connections then run in the same process, or one of them runs in several,
 * transactions are pooled: the pooler hands the server connection on after each.
 */
async function probe(url: string): Promise<Connection> {
  const first = probeClient(url, ANSWER_TIMEOUT_MS.first);
  const second = probeClient(url, ANSWER_TIMEOUT_MS.second);
  try {
    await first.connect();
    const named = (first as unknown as { processID: number | null }).processID;
    if ((await backendOf(first)) === named) {
      return { mode: "direct", evidence: "the server named its own process" };
    }
    // A pooler that has no connection left for a second client does not share the first one's.
    if (await sharesBackends(first, second).catch(() => false)) {
      return { mode: "transaction pooler", evidence: "connections share the server's processes" };
    }
    return { mode: "session pooler", evidence: "each connection keeps a process of the server's" };
  } finally {
    await Promise.all([first, second].map((client) => client.end().catch(() => undefined)));
  }
}

function probeClient(url: string, timeoutMs: number): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: "libero probe",
    connectionTimeoutMillis: 5 * SECOND_MS,
    query_timeout: timeoutMs,
  });
  // What breaks is said by the query under way.
  client.on("error", () => undefined);
  return client;
}

async function sharesBackends(first: pg.Client, second: pg.Client): Promise<boolean> {
  await second.connect();
  const clients = new Map<number, pg.Client>();
  const backends = new Map<pg.Client, number>();
  for (let turn = 0; turn < 2 * ROUNDS; turn += 1) {
    const client = turn % 2 === 0 ? first : second;
    const backend = await backendOf(client);
    const isShared = (clients.get(backend) ?? client) !== client;
    const hasMoved = (backends.get(client) ?? backend) !== backend;
    if (isShared || hasMoved) return true;
    clients.set(backend, client);
    backends.set(client, backend);
  }
  return false;
}

/** The id of the server's process that answers. */
async function backendOf(client: pg.Client): Promise<number> {
  return (await client.query("select pg_backend_pid() as backend")).rows[0].backend;
}
