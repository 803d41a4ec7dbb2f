import type { Session } from "./sessions/session";
import { wiring } from "./wiring.server";

/**
 * Whether the user of a session may manage their winery: see and end other users' sessions, and change settings. By the exact name of
 * their role (ADMIN_ROLES): a role that merely begins alike, like "Administrative assistant", is none of them.
 */
export function isAdministrator({ user }: Pick<Session, "user">): boolean {
  return user.role !== null && wiring().env.adminRoles.includes(user.role);
}
