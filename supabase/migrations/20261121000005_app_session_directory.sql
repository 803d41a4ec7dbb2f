drop function public.list_open_app_sessions(uuid, timestamptz, integer);

create function public.list_open_app_sessions(
  p_client_id uuid, p_now timestamptz, p_limit integer, p_user_id text default null
)
returns table (
  id uuid, client_id uuid, tenant_id text, user_id text, user_name text, origin text, device text,
  created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
#variable_conflict use_column
begin
  if p_client_id is null then
    return query
      select s.id, s.client_id, c.tenant_id, s.user_id, s.user_name, s.origin, s.device,
        s.created_at, s.expires_at, s.last_activity_at
      from public.app_sessions s
      join public.clients c on c.id = s.client_id and c.uninstalled_at is null
      where s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
      order by s.created_at desc, s.id
      limit p_limit;
  else
    return query
      select s.id, s.client_id, c.tenant_id, s.user_id, s.user_name, s.origin, s.device,
        s.created_at, s.expires_at, s.last_activity_at
      from public.app_sessions s
      join public.clients c on c.id = s.client_id and c.uninstalled_at is null
      where s.client_id = p_client_id and (p_user_id is null or s.user_id = p_user_id)
        and s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
      order by s.created_at desc, s.id
      limit p_limit;
  end if;
end;
$$;

comment on function public.list_open_app_sessions is
  'Live sessions, the newest first: of a user at a client, of a client, or (client null) of all.';

create or replace function public.client_app_session_stats(p_client_id uuid, p_now timestamptz)
returns table (open_sessions integer, signed_in_users integer)
language sql
stable
set search_path = ''
as $$
  select count(*)::integer, count(distinct s.user_id)::integer
  from public.app_sessions s
  where s.client_id = p_client_id and s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true);
$$;

create function public.app_session_totals(p_now timestamptz)
returns table (total bigint, active bigint, clients bigint, users bigint, mean_idle_minutes double precision)
language sql
stable
set search_path = ''
as $$
  select count(*), count(*) filter (where t.live),
    count(distinct t.client_id) filter (where t.live),
    count(distinct (t.client_id, t.user_id)) filter (where t.live),
    coalesce(avg(extract(epoch from p_now - t.last_activity_at) / 60) filter (where t.live), 0)::double precision
  from (
    select s.client_id, s.user_id, s.last_activity_at,
      s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true) as live
    from public.app_sessions s
  ) t;
$$;

comment on function public.app_session_totals is 'Figures over all clients, for the operator.';

create function public.app_session_endings(p_since timestamptz)
returns table (reason text, sessions bigint)
language sql
stable
set search_path = ''
as $$
  select e.reason, count(*) from public.app_session_events e
  where e.at >= p_since and e.event = 'ended'
  group by e.reason
  order by e.reason;
$$;

comment on function public.app_session_endings is 'How many sessions ended since then, by reason.';

create function public.list_app_session_events(p_session_id uuid, p_client_id uuid, p_limit integer)
returns setof public.app_session_events
language plpgsql
stable
set search_path = ''
as $$
begin
  if p_session_id is not null then
    return query
      select e.* from public.app_session_events e
      where e.session_id = p_session_id order by e.id desc limit p_limit;
  else
    return query
      select e.* from public.app_session_events e
      where e.client_id = p_client_id order by e.id desc limit p_limit;
  end if;
end;
$$;

comment on function public.list_app_session_events is 'What happened to a session, or at a client; the newest first.';

drop function public.cleanup_expired_app_sessions(integer);

create function public.cleanup_expired_app_sessions(
  p_batch integer default 1000, p_margin interval default '1 minute'
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  -- Not in the function's head: only a superuser may write a setting of our own there.
  perform set_config('libero.end_reason', 'expired', true);
  with expired as (
    select s.id from public.app_sessions s
    where s.expires_at < now() - p_margin
    order by s.expires_at
    limit p_batch
    for update skip locked
  )
  delete from public.app_sessions s using expired e where s.id = e.id;
  get diagnostics v_deleted = row_count;
  perform set_config('libero.end_reason', '', true);
  return v_deleted;
end;
$$;

comment on function public.cleanup_expired_app_sessions is
  'Deletes at most p_batch sessions that expired by the database''s clock more than p_margin ago, waiting for nobody. '
  'Returns how many.';

create function public.cleanup_app_session_events(
  p_batch integer default 1000, p_retention interval default '90 days'
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  with over as (
    select k.client_id, k.user_id from public.app_session_cutoffs k
    where k.ended_at < now() - interval '1 day'
    for update skip locked
  )
  delete from public.app_session_cutoffs k using over o where k.client_id = o.client_id and k.user_id = o.user_id;

  with old as (
    select e.id from public.app_session_events e
    where e.at < now() - p_retention
    order by e.at
    limit p_batch
    for update skip locked
  )
  delete from public.app_session_events e using old o where e.id = o.id;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end;
$$;

comment on function public.cleanup_app_session_events is
  'Deletes at most p_batch events older than p_retention, and marks of "end all" older than a day. Returns how many events.';

drop function public.sweep_expired_app_sessions(integer);

create function public.sweep_expired_app_sessions(
  p_batch integer default 1000, p_event_retention interval default '90 days'
)
returns table (outcome text, deleted integer, deleted_events integer)
language plpgsql
set search_path = ''
as $$
begin
  deleted := 0;
  deleted_events := 0;
  if public.app_session_cleanup_is_scheduled() then
    outcome := 'scheduled';
  elsif not pg_try_advisory_xact_lock(hashtextextended('libero.sweep_expired_app_sessions', 0)) then
    outcome := 'busy';
  else
    outcome := 'swept';
    deleted := public.cleanup_expired_app_sessions(p_batch);
    deleted_events := public.cleanup_app_session_events(p_batch, p_event_retention);
  end if;
  return next;
end;
$$;

comment on function public.sweep_expired_app_sessions is
  'The app''s own schedule: one bite of the clean-up, unless pg_cron does it (scheduled) or another instance is at it (busy).';

create or replace function public.schedule_app_session_cleanup()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if not exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    return false;
  end if;
  create extension if not exists pg_cron with schema pg_catalog;
  -- A thousand bites of a thousand rows; a bite that finds nothing is an index look-up.
  perform cron.schedule(
    'cleanup-expired-app-sessions',
    '0 2 * * *',
    'select sum(public.cleanup_expired_app_sessions(1000)) from generate_series(1, 1000)'
  );
  perform cron.schedule(
    'cleanup-app-session-events',
    '10 2 * * *',
    'select sum(public.cleanup_app_session_events(1000)) from generate_series(1, 1000)'
  );
  return true;
exception when others then
  raise notice 'pg_cron cannot be used here (%); the app sweeps on its own schedule', sqlerrm;
  return false;
end;
$$;

select public.schedule_app_session_cleanup();

-- What a check of the whole set-up asks the database.
create function public.app_session_database_status()
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
      where p.pronamespace = 'public'::regnamespace and p.proname ~ 'app_session|_client'
        and has_function_privilege(b.role, p.oid, 'execute')
      union all
      select b.role || ' may use ' || t.relname
      from browser_side b, pg_catalog.pg_class t
      where t.relnamespace = 'public'::regnamespace
        and t.relname in ('clients', 'app_sessions', 'app_session_events', 'app_session_cutoffs')
        and has_table_privilege(b.role, t.oid, 'select, insert, update, delete, truncate')
    ),
    row_security_active('public.app_sessions');
$$;

comment on function public.app_session_database_status is
  'The database''s clock and version, whether pg_cron cleans up, what is left uncleaned for a day, what browser-side roles '
  'can reach (nothing, if all is well), and whether row-level security hides all rows from whoever asks.';
