type NamedPerson = { firstName?: string | null; lastName?: string | null; email?: string | null };

/** What to call somebody whom Commerce7 names by halves: the full name, else the address, else just staff. */
export function displayName({ firstName, lastName, email }: NamedPerson): string {
  return [firstName, lastName].filter(Boolean).join(" ") || email || "Staff member";
}

/** Whether a role is one of those that may manage a winery: Commerce7's "Admin Owner" and "Admin". */
export function isAdministrator(role: string | null): boolean {
  return /^admin\b/i.test(role ?? "");
}
