/** Writes to sessions in the order in which they are asked for, each session by itself, as if each took no time. */
export class WriteOrder {
  /** The last write of each session that is under way. */
  readonly #writes = new Map<string, Promise<void>>();
  #toAll: Promise<unknown> = Promise.resolve();

  /** Waits for what is being written to a session; never throws. */
  written(sid: string): Promise<unknown> {
    return Promise.all([this.#writes.get(sid), this.#toAll]);
  }

  /** Waits for what is being written to any session; never throws. */
  allWritten(): Promise<unknown> {
    return Promise.all([...this.#writes.values(), this.#toAll]);
  }

  write<T>(sid: string, work: () => Promise<T>): Promise<T> {
    const writing = this.written(sid).then(work);
    const over: Promise<void> = settled(writing).then(() => {
      if (this.#writes.get(sid) === over) this.#writes.delete(sid);
    });
    this.#writes.set(sid, over);
    return writing;
  }

  writeAll<T>(work: () => Promise<T>): Promise<T> {
    const writing = this.allWritten().then(work);
    this.#toAll = settled(writing);
    return writing;
  }
}

const settled = (work: Promise<unknown>) => work.catch(() => undefined);
