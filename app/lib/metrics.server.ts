import { createHash, timingSafeEqual } from "node:crypto";
import { wiring } from "./wiring.server";

/** DOOR: what Prometheus asks. */

/** The metrics, for whoever brings the operator's token; undefined for anybody else, and where there is none. */
export async function readMetrics(request: Request): Promise<{ text: string; type: string } | undefined> {
  const { env, metrics } = wiring();
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (!env.metricsToken || !token || !isSame(token, env.metricsToken)) return undefined;
  const registry = metrics();
  return { text: await registry.metrics(), type: registry.contentType };
}

/** In a time that tells nothing of either. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
