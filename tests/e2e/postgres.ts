import { expect } from "@playwright/test";
import pg from "pg";
import { startFaultyPostgres } from "../support/faulty-postgres";
import { startGate } from "../support/tcp-gate";

/** A real PostgreSQL that can go away and come back. */
export type Postgres = {
  url: string;
  goAway(): void;
  comeBack(): void;
  /** As `alter database … set default_transaction_read_only`, for the connections that there are too. */
  setReadOnly(value: "on" | "off"): Promise<void>;
  /** Waits until the app hears of changes: before that it keeps no session in memory. */
  heard(): Promise<void>;
  stop(): Promise<void>;
};

/** A connection that listens, and has answered since. */
const LISTENING =
  "select from pg_stat_activity where application_name = 'libero listen' and query = 'select 1'";

/** Starts it, with a gate in front of it, which is what goes away. */
export async function startPostgres(): Promise<Postgres> {
  const postgres = await startFaultyPostgres();
  const url = new URL(postgres.url);
  const gate = await startGate({ host: url.hostname, port: Number(url.port) });
  url.port = String(gate.port);
  const sql = new pg.Client(postgres.url);
  await sql.connect();
  return {
    url: url.href,
    goAway: gate.shut,
    comeBack: gate.reopen,
    async setReadOnly(value) {
      // This connection is to go on writing.
      await sql.query("set default_transaction_read_only = off");
      await sql.query(`alter database postgres set default_transaction_read_only = ${value}`);
      await postgres.terminateConnections();
    },
    heard: () => expect.poll(async () => (await sql.query(LISTENING)).rowCount, { intervals: [50] }).toBe(1),
    async stop() {
      await sql.end();
      await gate.stop();
      await postgres.stop();
    },
  };
}
