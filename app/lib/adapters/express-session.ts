import { randomUUID } from "node:crypto";
import session, { type SessionData } from "express-session";
import { type Clock, systemClock } from "../base/clock";
import { DAY_MS } from "../base/durations";
import { isReadOnly, isUnavailable } from "../base/errors";
import { toJson } from "../base/json";
import type { HttpSession, HttpSessionStore } from "../http-sessions/store";
import { CallOrder } from "./call-order";
import { expiryOf, hasOnlyRolled, withExpiry, withSteadyCookie } from "./express-session-cookie";
import { watchOutages } from "./outage-watch";

type Options = {
  sessions: HttpSessionStore;
  /** How long a session lasts whose cookie does not say; 24 hours. */
  ttlMs?: number;
  clock?: Clock;
};

type Done = (error?: unknown) => void;
type Answer<T> = (error: unknown, answer?: T) => void;
/** A session as this store last handed it out, or saved it. */
type Base = { sid: string; session: HttpSession };

/**
 * express-session's `Store` on ours. It answers as the `MemoryStore` of express-session 1.19 does, but for what
 * `docs/adapters/express-session.md` lists. Where sessions are out of reach, callbacks get the error, and `disconnect`
 * tells the middleware, which lets requests pass without a session until `connect`.
 */
export class ExpressSessionStore extends session.Store {
  readonly #sessions: HttpSessionStore;
  readonly #ttlMs: number;
  readonly #clock: Clock;
  readonly #bases = new WeakMap<object, Base>();
  readonly #order = new CallOrder();
  /** To be told where there was no answer. */
  readonly #suspect: () => void;

  constructor({ sessions, ttlMs = DAY_MS, clock = systemClock }: Options) {
    super();
    this.#sessions = sessions;
    this.#ttlMs = ttlMs;
    this.#clock = clock;
    this.#suspect = watchOutages({
      ask: () => sessions.get(randomUUID()),
      onAway: () => this.emit("disconnect"),
      onBack: () => this.emit("connect"),
    });
  }

  override get(id: string, callback?: Answer<SessionData>): void {
    const sid = String(id);
    const reading = this.#order.read(sid, async () => {
      const session = await this.#sessions.get(sid);
      if (!session) return undefined;
      const handedOut = withExpiry(session);
      this.#bases.set(handedOut, { sid, session });
      return handedOut;
    });
    this.#answer(callback, reading);
  }

  override createSession(...[req, data]: Parameters<session.Store["createSession"]>) {
    const base = this.#bases.get(data);
    const created = super.createSession(req, data);
    if (base) this.#bases.set(created, base);
    return created;
  }

  override set(id: string, given: SessionData, callback?: Done): void {
    const sid = String(id);
    const now = this.#read(given);
    this.#write(sid, callback, async () => {
      const base = this.#baseOf(sid, given);
      const saved = withSteadyCookie(now, base);
      await this.#sessions.set(sid, { ...saved, base });
      this.#bases.set(given, { sid, session: saved });
    });
  }

  override touch(id: string, given: SessionData, callback?: Done): void {
    const sid = String(id);
    const now = this.#read({ cookie: given.cookie });
    const touch = async () => {
      const base = this.#baseOf(sid, given) ?? (await this.#sessions.get(sid));
      if (!base) return;
      if (hasOnlyRolled(now, base)) return this.#sessions.touch(sid, now.expiresAtMs);
      const { cookie: _, ...rest } = base.data;
      return this.#sessions.set(sid, { data: { ...rest, ...now.data }, expiresAtMs: now.expiresAtMs, base });
    };
    this.#write(sid, callback, () => touch().catch(passOverReadOnly));
  }

  override destroy(id: string, callback?: Done): void {
    const sid = String(id);
    this.#write(sid, callback, () => this.#sessions.destroy(sid));
  }

  /** The live sessions, by the SHA-256 of their ids in hexadecimal: the ids themselves are nowhere. */
  override all(callback?: Answer<Record<string, SessionData>>): void {
    const reading = this.#order.readAll(async () => {
      const found: Record<string, SessionData> = Object.create(null);
      for await (const { key, ...kept } of this.#sessions.all()) found[key] = withExpiry(kept);
      return found;
    });
    this.#answer(callback, reading);
  }

  override length(callback?: Answer<number>): void {
    this.#answer(
      callback,
      this.#order.readAll(() => this.#sessions.length()),
    );
  }

  override clear(callback?: Done): void {
    this.#answer(
      plain(callback),
      this.#order.writeAll(() => this.#sessions.clear()),
    );
  }

  #baseOf(sid: string, given: object): HttpSession | undefined {
    const base = this.#bases.get(given);
    return base?.sid === sid ? base.session : undefined;
  }

  /** As it is at this moment: it may be changed before it is saved. @throws what `toJson` throws */
  #read(given: object): HttpSession {
    const data = toJson(given);
    return { data, expiresAtMs: expiryOf(data ?? {}) ?? this.#clock() + this.#ttlMs };
  }

  #write(sid: string, callback: Done | undefined, work: () => Promise<unknown>): void {
    this.#answer(plain(callback), this.#order.write(sid, work));
  }

  /** Never before the caller goes on, as `MemoryStore`; what the callback throws is not ours to catch. */
  async #answer<T>(callback: Answer<T> | undefined, call: Promise<T | undefined>): Promise<void> {
    const answer: [unknown, T?] = await call.then(
      (found) => [null, found],
      (error) => [error],
    );
    if (isUnavailable(answer[0])) this.#suspect();
    if (callback) setImmediate(callback, ...answer);
  }
}

/** A callback that is told of nothing but an error. */
function plain(callback: Done | undefined): Answer<unknown> | undefined {
  return callback && ((error) => (error ? callback(error) : callback()));
}

/** express-session touches after every answer, and breaks the answer off where that fails. The session ends earlier at worst. */
function passOverReadOnly(error: unknown): void {
  if (!isReadOnly(error)) throw error;
}
