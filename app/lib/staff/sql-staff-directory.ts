import { isStorable } from "../base/text";
import { iso } from "../db/calls";
import type { Database } from "../db/database";
import type { StaffDirectory } from "./staff-directory";

/** The directory in the database's functions, over whichever wire. */
export function createSqlStaffDirectory(db: Database): StaffDirectory {
  return {
    async remember({ clientId, userId, name, email, role, verifiedAtMs }) {
      await db.call("remember_staff_member", {
        p_client_id: clientId,
        p_user_id: userId,
        p_name: name,
        p_email: email,
        p_role: role ?? null,
        p_is_role_known: role !== undefined,
        p_verified_at: iso(verifiedAtMs),
      });
    },
    async findByEmail(email, sinceMs) {
      if (!isStorable(email)) return [];
      const args = { p_email: email, p_since: iso(sinceMs) };
      const rows = await db.call("find_staff_members", args, { readOnly: true });
      return rows.map((row) => ({
        clientId: row.client_id,
        tenantId: row.tenant_id,
        userId: row.user_id,
        name: row.name,
        email: row.email,
        role: row.role,
      }));
    },
  };
}
