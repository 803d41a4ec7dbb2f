/** Work under way, by name: whoever comes meanwhile waits for the same. */
export function createSharing<T>() {
  const underWay = new Map<string, Promise<T>>();
  return {
    share(name: string, work: () => Promise<T>): Promise<T> {
      const shared = underWay.get(name) ?? work().finally(() => underWay.delete(name));
      underWay.set(name, shared);
      return shared;
    },
    /** Resolves when what is under way now is over, however it ends. */
    settled: async (): Promise<void> => void (await Promise.allSettled(underWay.values())),
  };
}
