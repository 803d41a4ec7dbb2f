import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, monotonicClock } from "../base/clock";
import type { RedisLink } from "../redis/link";
import type { InvalidationChannel, Notice } from "../sessions/channel";
import type { StoredSession } from "../sessions/store";
import type { RedisEntries } from "./redis-entries";
import type { Entry, Meant, RedisKind } from "./redis-kinds";
import { createMarks } from "./redis-marks";
import { nameOf, type RedisStamps } from "./redis-stamps";

/**
 * Which of Redis' entries this instance may believe. It takes nobody's word for it: an entry counts where it was read
 * after this instance drew a stamp, and since then the invalidation channel has brought every notice, each of which
 * this instance has passed on to Redis. Where the channel broke, or the connection, or a notice could not be passed on,
 * it draws a new stamp, and all older entries are worth nothing to it.
 */
export interface RedisTrust<T = StoredSession> {
  /** The stamp for what is read from now on; undefined while Redis cannot be believed. */
  stamp(): number | undefined;

  /** Waits for a stamp that is being drawn, if any: a command's time. Never throws. */
  settled(): Promise<void>;

  /** Learns of a stamp that somebody else drew. */
  saw(stamp: number): void;

  accepts(entry: Entry<T>): boolean;

  /** Whether the entry was to be believed when the channel was last alive. */
  acceptedLast(entry: Entry<T>): boolean;

  /**
   * Takes from Redis what a notice says. Never throws: where it cannot be done, nor in some more attempts, Redis is
   * believed no more.
   */
  forget(notice: Notice): Promise<void>;
}

type TrustOptions<T> = {
  link: RedisLink;
  kind: RedisKind<T>;
  entries: Pick<RedisEntries<T>, "remove">;
  stamps: RedisStamps;
  channel: Pick<InvalidationChannel, "epoch">;
  monotonic?: Clock;
};

export function createRedisTrust<T>(options: TrustOptions<T>): RedisTrust<T> {
  const { kind, entries, stamps, monotonic = monotonicClock } = options;
  const terms = createTerms(options);
  const marks = createMarks(monotonic);
  const underWay = createUnderWay();

  const isBelieved = ({ stored, stamp }: Entry<T>, { least }: Term) => {
    if (stamp < least || underWay.has(kind.idOf(stored))) return false;
    return kind.scopesOf(stored).every((scope) => !underWay.has(scope) && stamp >= marks.newest(scope));
  };
  const passOn = async ({ ids, scope }: Meant) => {
    if (ids) return entries.remove(ids);
    const stamp = await stamps.mark(scope);
    if (!marks.keep(nameOf(scope), stamp)) terms.lose();
  };

  return {
    stamp: () => terms.present()?.newest,
    settled: terms.settled,
    saw: terms.saw,
    accepts(entry) {
      const term = terms.present();
      return term !== undefined && isBelieved(entry, term);
    },
    acceptedLast(entry) {
      const term = terms.last();
      return term !== undefined && isBelieved(entry, term);
    },
    async forget(notice) {
      const meant = kind.meantBy(notice);
      if (!meant) return;
      const over = underWay.begin(meant.ids ?? [nameOf(meant.scope)]);
      try {
        await passOn(meant);
        over();
      } catch {
        // Nothing of it is believed meanwhile; whoever waits has waited long enough.
        void again(() => passOn(meant))
          .catch(terms.lose)
          .finally(over);
      }
    },
  };
}

/** Some more attempts, before it counts as lost. @throws what the last one did */
async function again<T>(attempt: () => Promise<T>): Promise<T> {
  for (const pauseMs of [100, 300]) {
    await sleep(pauseMs, undefined, { ref: false });
    try {
      return await attempt();
    } catch {
      // The last one may say why.
    }
  }
  return attempt();
}

/** From when on entries are believed, and for how long: while none of the three has changed. */
type Term = { least: number; newest: number; epoch: number; breaks: number; losses: number };

/** The stretches of time in which nothing was missed. */
function createTerms({ link, stamps, channel }: Pick<TrustOptions<never>, "link" | "stamps" | "channel">) {
  let term: Term | undefined;
  let beginning: Promise<void> | undefined;
  let losses = 0;

  const begin = async (epoch: number) => {
    try {
      const then = { epoch, breaks: link.breaks(), losses };
      const least = await stamps.next();
      term = { ...then, least, newest: least };
    } catch {
      // Whoever asks next tries again.
    }
  };
  /** The last term, if nothing but the channel has broken since. */
  const last = () => (term?.breaks === link.breaks() && term.losses === losses ? term : undefined);

  return {
    last,
    /** The present term; where there is none, one is begun. */
    present() {
      const epoch = channel.epoch();
      if (epoch === undefined) return undefined;
      const unbroken = last();
      if (unbroken?.epoch === epoch) return unbroken;
      beginning ??= begin(epoch).finally(() => {
        beginning = undefined;
      });
      return undefined;
    },
    settled: () => beginning ?? Promise.resolve(),
    saw(stamp: number) {
      if (term) term.newest = Math.max(term.newest, stamp);
    },
    /** Something was not passed on. */
    lose() {
      losses += 1;
    },
  };
}

/** What is being forgotten at this moment, by name. */
function createUnderWay() {
  const counts = new Map<string, number>();
  const add = (name: string, count: number) => {
    const sum = (counts.get(name) ?? 0) + count;
    if (sum > 0) counts.set(name, sum);
    else counts.delete(name);
  };
  return {
    has: (name: string) => counts.has(name),
    /** @returns what says that it is over */
    begin(names: readonly string[]) {
      for (const name of names) add(name, 1);
      return () => {
        for (const name of names) add(name, -1);
      };
    },
  };
}
