export type Sql = (statement: string) => Promise<unknown[]>;

/** The vault goes by the database's clock: time passes for a tenant's tokens when all that is noted of them moves back. */
export const moveTime = (sql: Sql, tenant: string) => ({
  pass: (ms: number) =>
    sql(`
      update public.oauth_tokens set
        obtained_at = obtained_at - ${ms} * interval '1 ms',
        expires_at = expires_at - ${ms} * interval '1 ms',
        leased_until = leased_until - ${ms} * interval '1 ms',
        retry_at = retry_at - ${ms} * interval '1 ms'
      where tenant = '${tenant}'
    `),
  leaseRunsOut: () =>
    sql(`update public.oauth_tokens set leased_until = clock_timestamp() where tenant = '${tenant}'`),
});
