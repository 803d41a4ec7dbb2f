import { messageOf } from "./base/errors";
import type { Client } from "./clients/client-store";
import type { SignIn } from "./sessions/manager";
import { wiring } from "./wiring.server";

/** DOOR: who works at a winery, for whoever signs them in. */

/**
 * Keeps that Commerce7 has just vouched for somebody of this client, so that a link can reach them later.
 * Never throws: whoever signs in does not do so for the sake of later links.
 */
export async function rememberStaff(
  client: Client,
  { id: userId, name, email, role }: SignIn["user"],
): Promise<void> {
  const { staff, clock, logger } = wiring();
  try {
    // The database's clock said when the client was installed, and may be ahead of ours.
    const verifiedAtMs = Math.max(clock(), client.installedAtMs);
    await staff.remember({ clientId: client.id, userId, name, email, role, verifiedAtMs });
  } catch (error) {
    const { tenantId } = client;
    logger.warn(
      { tenantId, reason: messageOf(error) },
      "who signed in was not kept: no link will reach them",
    );
  }
}
