import {
  parseInstall,
  parseUninstall,
  readJsonBody,
  requireCredentials,
  WebhookRefusal,
} from "./commerce7/webhook";
import type { Verdict } from "./rate-limits/limits";
import { startSession } from "./sessions.server";
import { rememberStaff } from "./staff.server";
import { wiring } from "./wiring.server";

/** DOOR: Commerce7's install and uninstall webhooks. */

/**
 * Installs or reactivates the client, and signs in whoever pressed Install.
 * @param address where the request comes from
 * @returns the tenant, and the `Set-Cookie` value of the session; undefined where the body names
 * nobody, an uninstall overtook it, or they have as many sessions as they may
 * @throws WebhookRefusal with the status and reason to answer
 */
export async function install(
  request: Request,
  address: string,
): Promise<{ tenantId: string; setCookie: string | undefined }> {
  const { clients, logger } = wiring();
  const { tenantId, user, settings, unusable } = await readWebhook(request, address, parseInstall);
  if (unusable.length > 0) logger.warn({ tenantId, fields: unusable }, "install fields unusable, left out");

  const contactEmail = user?.email ?? null;
  const client = await clients.install({ tenantId, installSettings: settings, contactEmail });
  logger.info({ tenantId }, "client installed");
  if (!user) return { tenantId, setCookie: undefined };

  // Which role they have, the webhook does not say.
  const [start] = await Promise.all([
    startSession(request, client, { user, origin: "install" }),
    rememberStaff(client, user),
  ]);
  return { tenantId, setCookie: start.outcome === "started" ? start.setCookie : undefined };
}

/**
 * Uninstalls the client and ends all its sessions; an unknown tenant is no fault, since the platform may repeat itself.
 * @param address where the request comes from
 * @throws WebhookRefusal with the status and reason to answer
 */
export async function uninstall(
  request: Request,
  address: string,
): Promise<{ tenantId: string; endedSessions: number }> {
  const { clients, logger } = wiring();
  const { tenantId } = await readWebhook(request, address, parseUninstall);
  const endedSessions = await clients.uninstall(tenantId);
  logger.info({ tenantId, endedSessions }, "client uninstalled");
  return { tenantId, endedSessions };
}

/** Nothing is read of a body before its sender has proved itself, and not even that is tried for who sends too many. */
async function readWebhook<Body extends { tenantId: string }>(
  request: Request,
  address: string,
  parse: (body: unknown) => Body,
): Promise<Body> {
  const { env, rateLimits, logRefusal } = wiring();
  const refuse = (reason: string, tenantId?: string) =>
    logRefusal({ what: "webhook", reason, address, tenantId });
  enforceLimit(await rateLimits.admit("installs", address), () => refuse("too-many"));
  try {
    requireCredentials(request, env.commerce7);
  } catch (error) {
    refuse("wrong credentials");
    await rateLimits.noteFailure(address);
    throw error;
  }
  const body = parse(await readJsonBody(request));
  const { tenantId } = body;
  enforceLimit(await rateLimits.admitTenant("installs", tenantId), () => refuse("too-many", tenantId));
  return body;
}

/** @throws WebhookRefusal 429 */
function enforceLimit(verdict: Verdict, onRefusal: () => void): void {
  if (verdict.allowed) return;
  onRefusal();
  const { retryAfterSeconds } = verdict;
  throw new WebhookRefusal(
    429,
    `too many webhooks: send it again in ${retryAfterSeconds} s`,
    retryAfterSeconds,
  );
}
