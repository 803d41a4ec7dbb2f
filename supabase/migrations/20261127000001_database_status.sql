-- As 20261123000007, which also named functions of others whose names look like ours: functions go by their exact names and
-- arguments now. And how many wineries have installed the app, since nobody can sign in before one has.
drop function public.app_session_database_status();

create function public.app_session_database_status()
returns table (
  clock timestamptz, server_version text, cleanup_is_scheduled boolean, overdue_sessions bigint, exposed text[],
  rows_are_hidden boolean, installed_clients bigint
)
language sql
stable
set search_path = ''
as $$
  with browser_side as (
    select 'public'::name as role
    union all
    select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated')
  ),
  own_functions (signature) as (
    values
      ('public.app_session_cleanup_is_scheduled()'),
      ('public.app_session_database_status()'),
      ('public.app_session_endings(timestamptz)'),
      ('public.app_session_endings_json(timestamptz)'),
      ('public.app_session_memory_generation()'),
      ('public.app_session_totals(timestamptz)'),
      ('public.begin_oauth_refresh(text, text, text, uuid, integer, integer, integer)'),
      ('public.cleanup_app_session_events(integer, interval)'),
      ('public.cleanup_expired_app_sessions(integer, interval)'),
      ('public.cleanup_http_sessions(integer, interval)'),
      ('public.clear_http_sessions(text, integer)'),
      ('public.client_app_session_stats(uuid, timestamptz)'),
      ('public.complete_oauth_refresh(text, text, text, uuid, integer, text, text, integer, double precision)'),
      ('public.consume_rate_limit(text, integer, integer, boolean)'),
      ('public.consume_sign_in_link(uuid, text, text, timestamptz)'),
      ('public.count_http_sessions(timestamptz)'),
      ('public.count_oauth_token_keys()'),
      ('public.count_oauth_token_keys_json()'),
      ('public.count_shopify_session_keys()'),
      ('public.count_shopify_session_keys_json()'),
      ('public.create_app_session(uuid, uuid, text, text, text, text, text, jsonb, timestamptz, timestamptz, uuid, text, text, timestamptz, integer, integer, integer, text)'),
      ('public.delete_rate_limit(text)'),
      ('public.delete_shopify_sessions(text[])'),
      ('public.end_all_app_sessions(text, timestamptz)'),
      ('public.end_app_session(uuid, text)'),
      ('public.end_app_sessions(uuid[], text)'),
      ('public.end_client_app_sessions(uuid, text, timestamptz)'),
      ('public.end_http_session(text, timestamptz)'),
      ('public.end_idle_app_session(uuid, timestamptz)'),
      ('public.end_user_app_sessions(uuid, text, uuid, text, timestamptz)'),
      ('public.fail_oauth_refresh(text, text, text, uuid, integer, integer, text, boolean, boolean, integer)'),
      ('public.find_app_session(uuid)'),
      ('public.find_app_sessions(uuid[])'),
      ('public.find_app_sessions_json(uuid[])'),
      ('public.find_client(text)'),
      ('public.find_client_by_id(uuid)'),
      ('public.find_http_session(text)'),
      ('public.find_oauth_tokens(text, text, text)'),
      ('public.find_rate_limit(text)'),
      ('public.find_shopify_session(text)'),
      ('public.find_shopify_sessions_of_shop(text)'),
      ('public.find_staff_members(text, timestamptz)'),
      ('public.find_staff_members_json(text, timestamptz)'),
      ('public.forget_app_session_memories()'),
      ('public.forget_oauth_tokens(text, text, text)'),
      ('public.http_session_cleanup_is_scheduled()'),
      ('public.install_client(text, jsonb, text)'),
      ('public.issue_sign_in_link(text, uuid, text, text, text, timestamptz, timestamptz)'),
      ('public.keep_oauth_tokens(text, text, text, text, text, integer)'),
      ('public.list_app_session_events(uuid, uuid, integer)'),
      ('public.list_app_session_events_json(uuid, uuid, integer)'),
      ('public.list_http_sessions(text, timestamptz, integer)'),
      ('public.list_http_sessions_json(text, timestamptz, integer)'),
      ('public.list_oauth_tokens_of_other_keys(text, uuid, integer)'),
      ('public.list_oauth_tokens_of_other_keys_json(text, uuid, integer)'),
      ('public.list_open_app_sessions(uuid, timestamptz, integer, text)'),
      ('public.list_open_app_sessions_json(uuid, timestamptz, integer, text)'),
      ('public.list_shopify_sessions_to_rekey(text, text, integer)'),
      ('public.list_shopify_sessions_to_rekey_json(text, text, integer)'),
      ('public.lock_app_session_user(uuid, text)'),
      ('public.merge_http_session(text, json, text[], timestamptz, boolean, timestamptz)'),
      ('public.rekey_shopify_session(text, text, text, text, text, text)'),
      ('public.remember_staff_member(uuid, text, text, text, text, timestamptz)'),
      ('public.renew_app_session(uuid, timestamptz, timestamptz, timestamptz)'),
      ('public.reseal_oauth_tokens(uuid, text, text, text)'),
      ('public.rotate_app_session(uuid, timestamptz, timestamptz, text, text, timestamptz, text)'),
      ('public.save_app_session_data(uuid, timestamptz, jsonb, text[], text[], bigint, integer, timestamptz)'),
      ('public.save_client_settings(uuid, text, text, integer, integer, integer, integer, text)'),
      ('public.schedule_app_session_cleanup()'),
      ('public.schedule_http_session_cleanup()'),
      ('public.set_app_session_cutoffs(uuid[], text, timestamptz)'),
      ('public.set_http_session(text, json, timestamptz, timestamptz)'),
      ('public.store_shopify_session(text, text, boolean, double precision, text, text, text, text)'),
      ('public.sweep_expired_app_sessions(integer, interval)'),
      ('public.sweep_http_sessions(integer)'),
      ('public.touch_app_sessions(uuid[], timestamptz[])'),
      ('public.touch_http_session(text, timestamptz, timestamptz)'),
      ('public.uninstall_client(text)'),
      ('public.forget_app_session_memories_by_hand()'),
      ('public.forget_oauth_tokens_of_client()'),
      ('public.notify_app_session_change()'),
      ('public.notify_http_session_change()'),
      ('public.notify_truncated_app_sessions()'),
      ('public.notify_truncated_http_sessions()'),
      ('public.record_ended_app_sessions()')
  ),
  own_tables (name) as (
    values
      ('public.app_session_cutoffs'),
      ('public.app_session_events'),
      ('public.app_session_memories'),
      ('public.app_sessions'),
      ('public.clients'),
      ('public.http_sessions'),
      ('public.oauth_tokens'),
      ('public.rate_limits'),
      ('public.shopify_sessions'),
      ('public.sign_in_links'),
      ('public.staff_members')
  )
  select clock_timestamp(), current_setting('server_version'), public.app_session_cleanup_is_scheduled(),
    (select count(*) from public.app_sessions s where s.expires_at < now() - interval '1 day'),
    array(
      select b.role || ' may call ' || p.proname
      from browser_side b, own_functions f
      join pg_catalog.pg_proc p on p.oid = to_regprocedure(f.signature)
      where has_function_privilege(b.role, p.oid, 'execute')
      union all
      select b.role || ' may use ' || c.relname
      from browser_side b, own_tables t
      join pg_catalog.pg_class c on c.oid = to_regclass(t.name)
      where has_table_privilege(b.role, c.oid, 'select, insert, update, delete, truncate')
    ),
    row_security_active('public.app_sessions'),
    (select count(*) from public.clients c where c.uninstalled_at is null);
$$;

comment on function public.app_session_database_status is
  'The database''s clock and version, whether pg_cron cleans up, how many sessions were left uncleaned for a day, what '
  'browser-side roles can reach of ours (nothing, if all is well), whether row-level security hides all rows from the caller, '
  'and how many wineries have installed the app.';

-- As 20261121000006: only the app's own role may ask.
do $$
declare
  v_function constant regprocedure := 'public.app_session_database_status()';
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on function %s from %s', v_function, v_role);
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    execute format('grant execute on function %s to service_role', v_function);
  end if;
end;
$$;
