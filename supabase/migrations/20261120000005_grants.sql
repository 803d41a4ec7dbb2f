-- Only the app's own role reaches the data: the browser-side roles of Supabase can neither read a table nor call
-- a function. Roles that a plain PostgreSQL does not have are passed over.
do $$
declare
  v_tables constant regclass[] := array['public.clients', 'public.app_sessions'];
  v_functions constant regprocedure[] := array[
    'public.install_client(text, jsonb, text)',
    'public.find_client(text)',
    'public.find_client_by_id(uuid)',
    'public.save_client_settings(uuid, text, text, integer)',
    'public.uninstall_client(text)',
    'public.create_app_session(uuid, uuid, text, text, text, text, text, jsonb, timestamptz, timestamptz, uuid)',
    'public.find_app_session(uuid)',
    'public.touch_app_sessions(uuid[], timestamptz[])',
    'public.save_app_session_data(uuid, timestamptz, jsonb, text[])',
    'public.end_app_session(uuid)',
    'public.list_open_app_sessions(uuid, timestamptz, integer)',
    'public.client_app_session_stats(uuid, timestamptz)',
    'public.cleanup_expired_app_sessions(integer)',
    'public.app_session_cleanup_is_scheduled()',
    'public.sweep_expired_app_sessions(integer)',
    'public.schedule_app_session_cleanup()'
  ];
  v_table regclass;
  v_function regprocedure;
  v_role text;
begin
  foreach v_table in array v_tables loop
    execute format('revoke all on table %s from public', v_table);
  end loop;
  foreach v_function in array v_functions loop
    execute format('revoke all on function %s from public', v_function);
  end loop;

  for v_role in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated') loop
    foreach v_table in array v_tables loop
      execute format('revoke all on table %s from %I', v_table, v_role);
    end loop;
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %I', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    foreach v_table in array v_tables loop
      execute format('grant select, insert, update, delete on table %s to service_role', v_table);
    end loop;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
    -- Creating an extension is the migrating role's business.
    revoke all on function public.schedule_app_session_cleanup() from service_role;
  end if;
end;
$$;
