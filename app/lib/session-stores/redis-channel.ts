import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { systemClock } from "../base/clock";
import { SECOND_MS } from "../base/durations";
import { keepListening, type Listening } from "../base/listening";
import type { Logger } from "../base/logger";
import type { Database } from "../db/database";
import type { RedisLink } from "../redis/link";
import type { InvalidationChannel, Notice } from "../sessions/channel";
import type { Forget } from "../sessions/forgetting-store";

/** Longer than any instance goes on believing in a channel that it no longer hears. */
const DEAF_MS = 2 * SECOND_MS;

type RedisChannelOptions = { link: RedisLink; db: Database; prefix: string; logger: Logger };

export type RedisChannel = InvalidationChannel & {
  /** Tells every instance what to forget; whoever ended something waits until they know. */
  tell: Forget;
};

/**
 * Notices over Redis' publish and subscribe, for wires that cannot listen to the database. An instance that cannot
 * reach Redis says in the database that everything has to be forgotten, which is looked for with every beat; so does
 * whoever changes sessions by hand.
 */
export function createRedisChannel({ link, db, prefix, logger }: RedisChannelOptions): RedisChannel {
  const topic = `${prefix}:notices`;
  const receivers: ((notice: Notice) => void)[] = [];
  const publish = (message: Message) => link.run((redis) => redis.publish(topic, JSON.stringify(message)));
  const receive = (notice: Notice) => {
    for (const receiver of receivers) receiver(notice);
  };
  const madeAtMs = systemClock();
  let listening: Listening | undefined;

  return {
    epoch: () => listening?.epoch(),
    sinceMs: () => listening?.sinceMs() ?? madeAtMs,
    subscribe: (receiver) => void receivers.push(receiver),
    start() {
      listening ??= keepListening({ open: subscription({ link, db, topic, publish, receive }), logger });
    },
    async stop() {
      await listening?.stop();
      listening = undefined;
    },
    async tell(notice, change) {
      try {
        await publish({ notice });
      } catch {
        // Nobody may be left who believes in what they have not heard of: they look into the database, or go deaf.
        await db.call("forget_app_session_memories").catch(() => undefined);
        if (change === "ended") await sleep(DEAF_MS);
      }
    },
  };
}

const noticeSchema = z.union([
  z.literal("all"),
  z.strictObject({ sessionIds: z.array(z.string()).readonly() }),
  z.strictObject({ clientId: z.string(), userId: z.string().optional() }),
  z.strictObject({ tenantId: z.string() }),
  z.strictObject({ httpSessions: z.union([z.literal("all"), z.array(z.string()).readonly()]) }),
]) satisfies z.ZodType<Notice>;

/** A notice, or a question to oneself. */
const messageSchema = z.strictObject({ notice: noticeSchema.optional(), probe: z.string().optional() });

type Message = z.infer<typeof messageSchema>;

type SubscriptionParts = {
  link: RedisLink;
  db: Database;
  topic: string;
  publish: (message: Message) => Promise<unknown>;
  receive: (notice: Notice) => void;
};

/** A subscription over a connection of its own, as `keepListening` wants it. */
function subscription({ link, db, topic, publish, receive }: SubscriptionParts) {
  const generation = async () => {
    const [row] = await db.call("app_session_memory_generation", {}, { readOnly: true });
    return String(row?.app_session_memory_generation);
  };
  return async (signal: AbortSignal, breakOff: (reason: Error) => void) => {
    const probes = new Map<string, () => void>();
    const redis = link.openAnother();
    signal.addEventListener("abort", () => redis.disconnect(), { once: true });
    redis.on("close", () => breakOff(new Error("the connection to Redis ended")));
    redis.on("message", (_topic: string, text: string) => {
      const { probe = "", notice } = parse(text);
      if (notice) receive(notice);
      probes.get(probe)?.();
    });
    await redis.connect();
    await redis.subscribe(topic);
    const before = await generation();

    return async () => {
      const probe = randomUUID();
      // What comes back has passed everything that was published before it.
      const heard = new Promise<void>((resolve) => probes.set(probe, resolve));
      const [now] = await Promise.all([generation(), publish({ probe }), heard]);
      probes.delete(probe);
      if (now !== before) throw new Error("everything has to be forgotten");
    };
  };
}

/** What it does not know, as a newer version may tell it, is taken for the most there can be. */
function parse(text: string): Message {
  try {
    return messageSchema.parse(JSON.parse(text));
  } catch {
    return { notice: "all" };
  }
}
