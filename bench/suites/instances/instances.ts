import { installClient, seedSessions } from "../../libero";
import { type Child, startChild } from "../../measure/child";
import { type BenchDatabase, createDatabase, type Servers } from "../../servers";
import type { InstanceHandlers } from "./instance-process";

export type SeededSession = Awaited<ReturnType<typeof seedSessions>>[number];

export type Instances = {
  database: BenchDatabase;
  children: Child<InstanceHandlers>[];
  /** Sessions that stay. */
  lasting: SeededSession[];
  /** Sessions that are there to be ended. */
  ending: SeededSession[];
  close(): Promise<void>;
};

type Counts = { processes: number; lasting: number; ending: number };

/** So many processes on a database of their own, each with every lasting session in its memory. */
export async function openInstances(servers: Servers, counts: Counts): Promise<Instances> {
  const database = await createDatabase(servers, "migrated");
  await database.sql.query(
    `alter database ${new URL(database.url).pathname.slice(1)} set track_functions = 'all'`,
  );
  const seeded = await seedSessions(database, await installClient(database), counts.lasting + counts.ending);
  const lasting = seeded.slice(0, counts.lasting);
  const ending = seeded.slice(counts.lasting);
  const children = Array.from({ length: counts.processes }, () =>
    startChild<InstanceHandlers>(new URL("./instance-process.ts", import.meta.url)),
  );
  const close = async () => {
    for (const child of children) await child.ask("stop").catch(() => undefined);
    await Promise.all(children.map((child) => child.stop()));
    await database.drop();
  };
  try {
    await Promise.all(children.map((child) => child.ask("open", { url: database.url, sessions: lasting })));
    await Promise.all(children.map((child) => child.ask("warmUp")));
  } catch (error) {
    await close();
    throw error;
  }
  return { database, children, lasting, ending, close };
}
