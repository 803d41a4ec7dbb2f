import { messageOf } from "./base/errors";
import type { Wiring } from "./wiring.server";

/** Part of the doors `operator.server.ts` and `doctor.server.ts`: Redis, as a process of a moment has it. */

type Redis = NonNullable<Wiring["redis"]>;

/** Connects, and asks once. @returns why it does not answer; undefined where it does */
export async function connectRedis(redis: Redis): Promise<string | undefined> {
  let latest: string | undefined;
  // Commands that fail say only that there is no connection.
  const hear = (error: Error) => {
    latest = messageOf(error);
  };
  redis.client.on("error", hear);
  try {
    await redis.start();
    await redis.run((client) => client.ping());
    return undefined;
  } catch (error) {
    return latest ?? messageOf(error);
  } finally {
    redis.client.off("error", hear);
  }
}
