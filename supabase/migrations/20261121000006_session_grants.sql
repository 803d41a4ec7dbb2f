-- As 20261120000005, for what came since: only the app's own role reaches the data.
do $$
declare
  v_tables constant regclass[] := array['public.app_session_events', 'public.app_session_cutoffs'];
  v_functions constant regprocedure[] := array[
    'public.save_client_settings(uuid, text, text, integer, integer, integer, integer, text)',
    'public.create_app_session(uuid, uuid, text, text, text, text, text, jsonb, timestamptz, timestamptz, uuid, text, text, timestamptz, integer, integer, integer, text)',
    'public.find_app_session(uuid)',
    'public.save_app_session_data(uuid, timestamptz, jsonb, text[], text[], bigint, integer, timestamptz)',
    'public.rotate_app_session(uuid, timestamptz, timestamptz, text, text, timestamptz, text)',
    'public.renew_app_session(uuid, timestamptz, timestamptz, timestamptz)',
    'public.end_app_sessions(uuid[], text)',
    'public.end_app_session(uuid, text)',
    'public.end_idle_app_session(uuid, timestamptz)',
    'public.lock_app_session_user(uuid, text)',
    'public.set_app_session_cutoffs(uuid[], text, timestamptz)',
    'public.end_user_app_sessions(uuid, text, uuid, text, timestamptz)',
    'public.end_client_app_sessions(uuid, text, timestamptz)',
    'public.end_all_app_sessions(text, timestamptz)',
    'public.list_open_app_sessions(uuid, timestamptz, integer, text)',
    'public.app_session_totals(timestamptz)',
    'public.app_session_endings(timestamptz)',
    'public.list_app_session_events(uuid, uuid, integer)',
    'public.cleanup_expired_app_sessions(integer, interval)',
    'public.cleanup_app_session_events(integer, interval)',
    'public.sweep_expired_app_sessions(integer, interval)',
    'public.app_session_database_status()'
  ];
  v_triggers constant regprocedure[] := array[
    'public.record_ended_app_sessions()',
    'public.notify_app_session_change()',
    'public.notify_truncated_app_sessions()'
  ];
  v_table regclass;
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    foreach v_table in array v_tables loop
      execute format('revoke all on table %s from %s', v_table, v_role);
    end loop;
    foreach v_function in array v_functions || v_triggers loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    foreach v_table in array v_tables loop
      execute format('grant select, insert, update, delete on table %s to service_role', v_table);
    end loop;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
