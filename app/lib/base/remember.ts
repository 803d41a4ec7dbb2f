const remembered = globalThis as typeof globalThis & { [key: symbol]: unknown };

/**
 * Makes a value once per process. The development server loads modules anew when a file changes; what holds
 * connections, or a folder that only one may open, must not be made anew with them.
 */
export function remember<T>(name: string, make: () => T): T {
  const key = Symbol.for(`libero.${name}`);
  if (!(key in remembered)) remembered[key] = make();
  return remembered[key] as T;
}
