import { randomInt } from "node:crypto";
import getPort from "get-port";

/** Below those that systems give to outgoing connections (from 32768 on Linux, from 49152 by RFC 6335). */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** A port that nobody listens on, and that no connection is given before somebody does. */
export const freePort = (): Promise<number> =>
  getPort({ port: Array.from({ length: 20 }, () => randomInt(LOWEST, HIGHEST)) });
