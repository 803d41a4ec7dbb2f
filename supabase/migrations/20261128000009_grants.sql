-- What Supabase grants to its browser-side roles by default is taken away again, of sequences too, whose numbers tell how much happens;
-- and the check of the set-up knows every kind of object. Tables, sequences and functions that came with the migrations of this day:
do $$
declare
  v_tables constant regclass[] := array['public.app_session_figures'];
  v_sequences regclass[];
  v_functions constant regprocedure[] := array[
    'public.app_session_was_ended(uuid, bigint)',
    'public.begin_app_sign_in()',
    'public.begin_client_uninstall(text)',
    'public.start_app_session(jsonb)',
    'public.rotate_app_session(uuid, timestamptz, timestamptz, text, text, timestamptz, text, boolean)',
    'public.end_idle_app_session(uuid, timestamptz, timestamptz)',
    'public.end_app_session_batch(uuid, text, uuid, text, bigint, uuid, integer)',
    'public.count_app_sessions(timestamptz)',
    'public.refresh_app_session_figures()',
    'public.change_client_settings(uuid, jsonb, jsonb)',
    'public.list_newest_app_sessions(timestamptz, integer)',
    'public.remember_staff_member(uuid, text, text, text, text, timestamptz, boolean)',
    'public.app_session_totals(timestamptz)'
  ];
  v_object text;
  v_role text;
begin
  select array_agg(c.oid::regclass) into v_sequences
  from pg_catalog.pg_class c
  where c.relkind = 'S' and (
    c.oid = 'public.app_session_order'::regclass
    or exists (
      select from pg_catalog.pg_depend d
      where d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
        and d.refobjid in ('public.app_session_events'::regclass, 'public.shopify_sessions'::regclass)
    )
  );

  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    foreach v_object in array v_tables loop
      execute format('revoke all on table %s from %s', v_object, v_role);
    end loop;
    foreach v_object in array v_sequences loop
      execute format('revoke all on sequence %s from %s', v_object, v_role);
    end loop;
    foreach v_object in array v_functions loop
      execute format('revoke all on function %s from %s', v_object, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.app_session_figures to service_role;
    foreach v_object in array v_sequences loop
      execute format('grant usage, select on sequence %s to service_role', v_object);
    end loop;
    foreach v_object in array v_functions loop
      execute format('grant execute on function %s to service_role', v_object);
    end loop;
  end if;
end;
$$;

drop function public.app_session_database_status();

create function public.app_session_database_status()
returns table (
  clock timestamptz, server_version text, cleanup_is_scheduled boolean, overdue_sessions bigint, exposed text[],
  rows_are_hidden boolean, installed_clients bigint
)
language sql
stable
rows 1
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
      ('public.app_session_was_ended(uuid, bigint)'),
      ('public.begin_app_sign_in()'),
      ('public.begin_client_uninstall(text)'),
      ('public.begin_oauth_refresh(text, text, text, uuid, integer, integer, integer)'),
      ('public.change_client_settings(uuid, jsonb, jsonb)'),
      ('public.cleanup_app_session_events(integer, interval)'),
      ('public.cleanup_expired_app_sessions(integer, interval)'),
      ('public.cleanup_http_sessions(integer, interval)'),
      ('public.clear_http_sessions(text, integer)'),
      ('public.client_app_session_stats(uuid, timestamptz)'),
      ('public.complete_oauth_refresh(text, text, text, uuid, integer, text, text, integer, double precision)'),
      ('public.consume_rate_limit(text, integer, integer, boolean)'),
      ('public.consume_sign_in_link(uuid, text, text, timestamptz)'),
      ('public.count_app_sessions(timestamptz)'),
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
      ('public.end_app_session_batch(uuid, text, uuid, text, bigint, uuid, integer)'),
      ('public.end_app_sessions(uuid[], text)'),
      ('public.end_client_app_sessions(uuid, text, timestamptz)'),
      ('public.end_http_session(text, timestamptz)'),
      ('public.end_idle_app_session(uuid, timestamptz, timestamptz)'),
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
      ('public.forget_app_session_memories_by_hand()'),
      ('public.forget_oauth_tokens(text, text, text)'),
      ('public.forget_oauth_tokens_of_client()'),
      ('public.http_session_cleanup_is_scheduled()'),
      ('public.install_client(text, jsonb, text)'),
      ('public.issue_sign_in_link(text, uuid, text, text, text, timestamptz, timestamptz)'),
      ('public.keep_oauth_tokens(text, text, text, text, text, integer)'),
      ('public.list_app_session_events(uuid, uuid, integer)'),
      ('public.list_app_session_events_json(uuid, uuid, integer)'),
      ('public.list_http_sessions(text, timestamptz, integer)'),
      ('public.list_http_sessions_json(text, timestamptz, integer)'),
      ('public.list_newest_app_sessions(timestamptz, integer)'),
      ('public.list_oauth_tokens_of_other_keys(text, uuid, integer)'),
      ('public.list_oauth_tokens_of_other_keys_json(text, uuid, integer)'),
      ('public.list_open_app_sessions(uuid, timestamptz, integer, text)'),
      ('public.list_open_app_sessions_json(uuid, timestamptz, integer, text)'),
      ('public.list_shopify_sessions_to_rekey(text, text, integer)'),
      ('public.list_shopify_sessions_to_rekey_json(text, text, integer)'),
      ('public.lock_app_session_user(uuid, text)'),
      ('public.merge_http_session(text, json, text[], timestamptz, boolean, timestamptz)'),
      ('public.notify_app_session_change()'),
      ('public.notify_http_session_change()'),
      ('public.notify_truncated_app_sessions()'),
      ('public.notify_truncated_http_sessions()'),
      ('public.record_ended_app_sessions()'),
      ('public.refresh_app_session_figures()'),
      ('public.rekey_shopify_session(text, text, text, text, text, text)'),
      ('public.remember_staff_member(uuid, text, text, text, text, timestamptz, boolean)'),
      ('public.renew_app_session(uuid, timestamptz, timestamptz, timestamptz)'),
      ('public.reseal_oauth_tokens(uuid, text, text, text)'),
      ('public.rotate_app_session(uuid, timestamptz, timestamptz, text, text, timestamptz, text, boolean)'),
      ('public.save_app_session_data(uuid, timestamptz, jsonb, text[], text[], bigint, integer, timestamptz)'),
      ('public.save_client_settings(uuid, text, text, integer, integer, integer, integer, text)'),
      ('public.schedule_app_session_cleanup()'),
      ('public.schedule_http_session_cleanup()'),
      ('public.set_app_session_cutoffs(uuid[], text, timestamptz)'),
      ('public.set_http_session(text, json, timestamptz, timestamptz)'),
      ('public.start_app_session(jsonb)'),
      ('public.store_shopify_session(text, text, boolean, double precision, text, text, text, text)'),
      ('public.sweep_expired_app_sessions(integer, interval)'),
      ('public.sweep_http_sessions(integer)'),
      ('public.touch_app_sessions(uuid[], timestamptz[])'),
      ('public.touch_http_session(text, timestamptz, timestamptz)'),
      ('public.uninstall_client(text)')
  ),
  own_tables (oid) as (
    select to_regclass(t.name)
    from (values
      ('public.app_session_cutoffs'),
      ('public.app_session_events'),
      ('public.app_session_figures'),
      ('public.app_session_memories'),
      ('public.app_sessions'),
      ('public.clients'),
      ('public.http_sessions'),
      ('public.oauth_tokens'),
      ('public.rate_limits'),
      ('public.shopify_sessions'),
      ('public.sign_in_links'),
      ('public.staff_members')
    ) t (name)
  ),
  own_sequences (oid) as (
    select to_regclass('public.app_session_order')
    union all
    select d.objid from own_tables t
    join pg_catalog.pg_depend d on d.refobjid = t.oid and d.deptype in ('a', 'i') and d.classid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
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
      join pg_catalog.pg_class c on c.oid = t.oid
      where has_table_privilege(b.role, t.oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(b.role, t.oid, 'select, insert, update, references')
      union all
      select b.role || ' may use ' || c.relname
      from browser_side b, own_sequences s
      join pg_catalog.pg_class c on c.oid = s.oid
      where has_sequence_privilege(b.role, s.oid, 'usage, select, update')
    ),
    row_security_active('public.app_sessions'),
    (select count(*) from public.clients c where c.uninstalled_at is null);
$$;

comment on function public.app_session_database_status is
  'The database''s clock and version, whether pg_cron cleans up, how many sessions were left uncleaned for a day, what '
  'browser-side roles can reach of ours (nothing, if all is well), whether row-level security hides all rows from the caller, '
  'and how many wineries have installed the app.';

do $$
declare
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on function public.app_session_database_status() from %s', v_role);
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant execute on function public.app_session_database_status() to service_role;
  end if;
end;
$$;

-- A limit that the client alone knows leaves the statement running. PostgREST applies this setting of a function before it calls it
-- (db-hoisted-tx-settings); over a direct connection the app sets it. What a page waits for has two seconds, less a tenth, so that
-- the server's answer comes before the client gives up.
do $$
declare
  v_waited_for constant text[] := array[
    'find_app_sessions_json', 'list_open_app_sessions_json', 'client_app_session_stats', 'renew_app_session', 'find_http_session',
    'touch_http_session'
  ];
  v_function record;
begin
  for v_function in
    select p.oid::regprocedure as signature, p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype and p.proname in (
      'app_session_database_status', 'app_session_endings_json', 'app_session_memory_generation', 'app_session_totals',
      'begin_app_sign_in', 'begin_client_uninstall', 'begin_oauth_refresh', 'change_client_settings', 'cleanup_app_session_events',
      'cleanup_expired_app_sessions', 'cleanup_http_sessions', 'clear_http_sessions', 'client_app_session_stats',
      'complete_oauth_refresh', 'consume_rate_limit', 'consume_sign_in_link', 'count_http_sessions', 'count_oauth_token_keys_json',
      'count_shopify_session_keys_json', 'delete_rate_limit', 'delete_shopify_sessions', 'end_app_session', 'end_app_session_batch',
      'end_http_session', 'end_idle_app_session', 'fail_oauth_refresh', 'find_app_sessions_json', 'find_client', 'find_client_by_id',
      'find_http_session', 'find_oauth_tokens', 'find_rate_limit', 'find_shopify_session', 'find_shopify_sessions_of_shop',
      'find_staff_members_json', 'forget_app_session_memories', 'forget_oauth_tokens', 'install_client', 'issue_sign_in_link',
      'keep_oauth_tokens', 'list_app_session_events_json', 'list_http_sessions_json', 'list_oauth_tokens_of_other_keys_json',
      'list_open_app_sessions_json', 'list_shopify_sessions_to_rekey_json', 'merge_http_session', 'refresh_app_session_figures',
      'rekey_shopify_session', 'remember_staff_member', 'renew_app_session', 'reseal_oauth_tokens', 'rotate_app_session',
      'save_app_session_data', 'set_http_session', 'start_app_session', 'store_shopify_session', 'sweep_expired_app_sessions',
      'sweep_http_sessions', 'touch_app_sessions', 'touch_http_session'
    )
  loop
    execute format('alter function %s set statement_timeout = %L', v_function.signature, case
      when v_function.proname = any (v_waited_for) then '1800ms'
      when v_function.proname = 'refresh_app_session_figures' then '5min'
      else '9s'
    end);
  end loop;
end;
$$;
