-- Look-ups that an instance is asked for at the same time travel together: one round trip, one plan, one start of the
-- executor for all of them. PL/pgSQL, since up to PostgreSQL 17 a function in SQL is planned anew at each call; and a plan for
-- any number of ids, since planning for the number at hand takes twice as long as the look-up. One column, since a driver reads
-- the description of each column with each answer.
create function public.find_app_sessions(p_ids uuid[])
returns table (session json)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  return query
  select row_to_json(r) from (
    select s.id, s.client_id, c.tenant_id, encode(s.secret_hash, 'hex') as secret_hash, s.user_id, s.user_name,
      s.user_email, s.user_role, s.data, round(date_part('epoch', s.created_at) * 1000) as created_at,
      round(date_part('epoch', s.expires_at) * 1000) as expires_at,
      round(date_part('epoch', s.last_activity_at) * 1000) as last_activity_at, s.origin, s.device, s.revision,
      encode(s.previous_secret_hash, 'hex') as previous_secret_hash,
      round(date_part('epoch', s.previous_secret_until) * 1000) as previous_secret_until,
      round(date_part('epoch', s.renewable_until) * 1000) as renewable_until, s.max_age_seconds,
      date_part('epoch', s.idle_timeout)::integer as idle_timeout_seconds
    from unnest(p_ids) as asked (id)
    join public.app_sessions s on s.id = asked.id
    join public.clients c on c.id = s.client_id and c.uninstalled_at is null
  ) r;
end;
$$;

comment on function public.find_app_sessions is
  'The rows whether live or not, as find_app_session, which instances of before go on calling. Instants are milliseconds '
  'since the epoch.';

-- As 20261121000006: only the app's own role reaches the data.
do $$
declare
  v_function constant regprocedure := 'public.find_app_sessions(uuid[])';
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
