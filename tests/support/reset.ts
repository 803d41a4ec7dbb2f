/**
 * Empties clients, everything that belongs to them, and the figures over them. By `delete`: after a `truncate` each connection plans every statement
 * again. Without triggers, so that no instance is told of it: ids are new in each test, and nothing that is remembered fits.
 */
export const EMPTY_TABLES = `
  do $$
  declare v_table regclass;
  begin
    perform set_config('session_replication_role', 'replica', true);
    for v_table in
      with recursive emptied (id) as (
        select unnest(array['public.clients'::regclass, to_regclass('public.app_session_figures')])::oid
        union
        select c.conrelid from pg_constraint c join emptied e on c.contype = 'f' and c.confrelid = e.id
      )
      select id::regclass from emptied where id is not null
    loop
      execute format('delete from %s', v_table);
    end loop;
  end $$;
`;
