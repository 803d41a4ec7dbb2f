/** Somebody at a winery, as Commerce7 told it. */
export type StaffEntry = {
  clientId: string;
  tenantId: string;
  userId: string;
  name: string;
  /** As Commerce7 wrote it. */
  email: string;
  role: string | null;
};

export type VerifiedStaff = Omit<StaffEntry, "tenantId" | "email" | "role"> & {
  /** Undefined where it is not known: what was kept of it stays. */
  role: string | null | undefined;
  /** Null: Commerce7 names none, and they are not kept. */
  email: string | null;
  /** When Commerce7 vouched for them. */
  verifiedAtMs: number;
};

/**
 * For whom Commerce7 vouched, so that a link by e-mail can reach them outside the admin.
 * `tests/contract/staff-directory.ts` holds every driver to these comments.
 */
export interface StaffDirectory {
  /**
   * Takes the place of what was kept of this account, unless that is of a later moment. Keeps nobody without an address
   * and nobody of a client that is not installed, and takes away a few that were not vouched for in a year.
   * @throws UnavailableError
   */
  remember(member: VerifiedStaff): Promise<void>;

  /**
   * Whose address this is, A to Z in any case, at installed clients: one entry a client, the latest vouched for first.
   * Only those for whom Commerce7 vouched at or after `sinceMs`, and since the client was (last) installed.
   * @throws UnavailableError
   */
  findByEmail(email: string, sinceMs: number): Promise<StaffEntry[]>;
}
