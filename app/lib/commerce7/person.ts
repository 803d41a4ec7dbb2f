type NamedPerson = { firstName?: string | null; lastName?: string | null; email?: string | null };

/** What to call somebody whom Commerce7 names by halves: the full name, else the address, else just staff. */
export function displayName({ firstName, lastName, email }: NamedPerson): string {
  return [firstName, lastName].filter(Boolean).join(" ") || email || "Staff member";
}
