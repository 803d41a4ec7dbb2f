/** Where Libero's tables and functions are, unless the operator says otherwise. */
export const DEFAULT_SCHEMA = "public";

/** PostgreSQL keeps `pg_` for itself, and the history of `public` is in `supabase_migrations`. */
export const SCHEMA_NAME = /^(?!pg_|supabase_migrations$)[a-z_][a-z0-9_]{0,62}$/;

/** As SQL names it: in quotes, because it may be a word of the language (`user`). */
export const quoted = (schema: string) => (schema === DEFAULT_SCHEMA ? schema : `"${schema}"`);

/** The migrations are written for `public`; the same text for another schema. */
export function inSchema(sql: string, schema: string): string {
  if (schema === DEFAULT_SCHEMA) return sql;
  return (
    sql
      .replaceAll(/\bpublic\./g, `${quoted(schema)}.`)
      .replaceAll("'public'::regnamespace", `'${quoted(schema)}'::regnamespace`)
      // The names of pg_cron's jobs hold for the whole database.
      .replaceAll(/'cleanup-[a-z-]+(?=')/g, `$&-${schema}`)
  );
}
