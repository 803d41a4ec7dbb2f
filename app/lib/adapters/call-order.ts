/** Calls of one kind of scope: a session, or whatever concerns all of them. */
type Tail = {
  /** When every write so far is over. */
  written: Promise<unknown>;
  /** When every call so far is over. */
  settled: Promise<unknown>;
};

const NOTHING: Tail = { written: Promise.resolve(), settled: Promise.resolve() };

/**
 * Calls that answer as of the moment in which they are made, as if each took no time: a call waits for those before it
 * that it could see, or that could see it. That is a readers-writer lock for each session, and one for all together, with
 * a fair queue: reads of a session overlap, and so do calls to different sessions.
 */
export class CallOrder {
  /** Of sessions to which there are calls under way. */
  readonly #sessions = new Map<string, Tail>();
  #all = NOTHING;

  /** Reads a session: sees every write before, and none after. @returns what `work` does */
  read<T>(sid: string, work: () => Promise<T>): Promise<T> {
    const tail = this.#tailOf(sid);
    const reading = after([tail.written, this.#all.written], work);
    this.#setTail(sid, afterRead(tail, reading));
    return reading;
  }

  /** Changes a session, or ends it. @returns what `work` does */
  write<T>(sid: string, work: () => Promise<T>): Promise<T> {
    const writing = after([this.#tailOf(sid).settled, this.#all.settled], work);
    this.#setTail(sid, afterWrite(writing));
    return writing;
  }

  /** Reads all sessions. @returns what `work` does */
  readAll<T>(work: () => Promise<T>): Promise<T> {
    const writes = [...this.#sessions.values()].map(({ written }) => written);
    const reading = after([...writes, this.#all.written], work);
    this.#all = afterRead(this.#all, reading);
    return reading;
  }

  /** Changes all sessions. @returns what `work` does */
  writeAll<T>(work: () => Promise<T>): Promise<T> {
    const calls = [...this.#sessions.values()].map(({ settled }) => settled);
    const writing = after([...calls, this.#all.settled], work);
    this.#all = afterWrite(writing);
    return writing;
  }

  #tailOf(sid: string): Tail {
    return this.#sessions.get(sid) ?? NOTHING;
  }

  #setTail(sid: string, tail: Tail): void {
    this.#sessions.set(sid, tail);
    void tail.settled.then(() => {
      if (this.#sessions.get(sid) === tail) this.#sessions.delete(sid);
    });
  }
}

const after = <T>(calls: Promise<unknown>[], work: () => Promise<T>): Promise<T> =>
  Promise.all(calls).then(work);

function afterRead({ written, settled }: Tail, reading: Promise<unknown>): Tail {
  return { written, settled: Promise.all([settled, over(reading)]) };
}

function afterWrite(writing: Promise<unknown>): Tail {
  const written = over(writing);
  return { written, settled: written };
}

/** A call that failed is over, too. */
const over = (call: Promise<unknown>) => call.catch(() => undefined);
