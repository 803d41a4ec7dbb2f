/**
 * What the promise brings, where it comes in time.
 * @throws whatever `late` makes, once `timeoutMs` have passed; the promise goes on unheard
 */
export function within<T>(promise: Promise<T>, timeoutMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // Where this process was busy past the limit, the answer may lie here already: it is read before this comes.
      setImmediate(() => reject(late()));
    }, timeoutMs);
    timer.unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
