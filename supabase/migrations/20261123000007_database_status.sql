-- As 20261122000002, which names what browser-side roles can reach, with the tables and functions that came since.
create or replace function public.app_session_database_status()
returns table (
  clock timestamptz, server_version text, cleanup_is_scheduled boolean, overdue_sessions bigint, exposed text[],
  rows_are_hidden boolean
)
language sql
stable
set search_path = ''
as $$
  with browser_side as (
    select 'public'::name as role
    union all
    select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated')
  )
  select clock_timestamp(), current_setting('server_version'), public.app_session_cleanup_is_scheduled(),
    (select count(*) from public.app_sessions s where s.expires_at < now() - interval '1 day'),
    array(
      select b.role || ' may call ' || p.proname
      from browser_side b, pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace
        and p.proname ~ 'app_session|http_session|shopify_session|_client|oauth_|rate_limit|sign_in_link|staff_member'
        and has_function_privilege(b.role, p.oid, 'execute')
      union all
      select b.role || ' may use ' || t.relname
      from browser_side b, pg_catalog.pg_class t
      where t.relnamespace = 'public'::regnamespace
        and t.relname in (
          'clients', 'app_sessions', 'app_session_events', 'app_session_cutoffs', 'app_session_memories', 'rate_limits',
          'http_sessions', 'shopify_sessions', 'staff_members', 'sign_in_links', 'oauth_tokens'
        )
        and has_table_privilege(b.role, t.oid, 'select, insert, update, delete, truncate')
    ),
    row_security_active('public.app_sessions');
$$;
