import { createHash } from "node:crypto";

/** Names of prepared statements, at most 63 bytes long as PostgreSQL has them. */
export interface StatementNames {
  /** The name for a text: equal texts share one, in every process; different texts never do. */
  nameOf(text: string): string;
  /** Gives all statements new names, so that they are prepared again. @param stale a name that no longer serves */
  renew(stale: string): void;
}

/**
 * A pooler may run a statement on a server connection where another client prepared it. So the name is a hash of the whole text,
 * schema included: whichever client prepared a statement of that name, it prepared this text.
 */
export function createStatementNames(): StatementNames {
  // The texts are of the functions that the code names, so this does not grow.
  const hashes = new Map<string, string>();
  let generation = 0;
  const hashOf = (text: string) => {
    const hash = hashes.get(text) ?? createHash("sha256").update(text).digest("base64url");
    hashes.set(text, hash);
    return hash;
  };
  const nameOf = (text: string) => `libero ${hashOf(text)} ${generation}`;
  return {
    nameOf,
    renew(stale) {
      // Of calls that fail together the first renews, for all.
      if (stale.endsWith(` ${generation}`)) generation += 1;
    },
  };
}
