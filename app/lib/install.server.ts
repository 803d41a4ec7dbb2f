import { parseInstall, parseUninstall, readJsonBody, requireCredentials } from "./commerce7/webhook";
import { startSession } from "./sessions.server";
import { wiring } from "./wiring.server";

/** DOOR: Commerce7's install and uninstall webhooks. */

/**
 * Installs or reactivates the client, and signs in whoever pressed Install.
 * @returns the tenant, and the `Set-Cookie` value of the session; undefined where the body names
 * nobody, an uninstall overtook it, or they have as many sessions as they may
 * @throws WebhookRefusal with the status and reason to answer
 */
export async function install(
  request: Request,
): Promise<{ tenantId: string; setCookie: string | undefined }> {
  const { clients, env, logger } = wiring();
  requireCredentials(request, env.commerce7);
  const { tenantId, user, settings } = parseInstall(await readJsonBody(request));

  const contactEmail = user?.email ?? null;
  const client = await clients.install({ tenantId, installSettings: settings, contactEmail });
  logger.info({ tenantId }, "client installed");
  if (!user) return { tenantId, setCookie: undefined };

  const start = await startSession(request, client, { user: { ...user, role: null }, origin: "install" });
  return { tenantId, setCookie: start.outcome === "started" ? start.setCookie : undefined };
}

/**
 * Uninstalls the client and ends all its sessions; an unknown tenant is no fault, since the platform may repeat itself.
 * @throws WebhookRefusal with the status and reason to answer
 */
export async function uninstall(request: Request): Promise<{ tenantId: string; endedSessions: number }> {
  const { clients, env, logger } = wiring();
  requireCredentials(request, env.commerce7);
  const { tenantId } = parseUninstall(await readJsonBody(request));
  const endedSessions = await clients.uninstall(tenantId);
  logger.info({ tenantId, endedSessions }, "client uninstalled");
  return { tenantId, endedSessions };
}
