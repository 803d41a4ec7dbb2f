-- One million open sessions. The newest of all wineries were found by sorting them all.
create index app_sessions_created_at_id_idx on public.app_sessions (created_at desc, id);

-- In a large table every figure takes a scan of seconds, since nothing but last_activity_at says who idles, and an index on that
-- would make every touch dearer. So figures are counted once in a while, by one instance at a time, and read from here.
create table public.app_session_figures (
  only_row boolean not null default true,
  counted_at timestamptz not null,
  total bigint not null,
  active bigint not null,
  expired bigint not null,
  clients bigint not null,
  users bigint not null,
  mean_idle_minutes double precision not null,
  constraint app_session_figures_pkey primary key (only_row),
  constraint app_session_figures_only_row_is_the_only_one check (only_row)
);

comment on table public.app_session_figures is 'Figures over all clients as they were last counted, where counting takes long.';

alter table public.app_session_figures enable row level security;

create policy deny_all on public.app_session_figures using (false);

create function public.count_app_sessions(p_now timestamptz)
returns table (
  total bigint, active bigint, expired bigint, clients bigint, users bigint, mean_idle_minutes double precision
)
language sql
stable
rows 1
set search_path = ''
as $$
  -- The webhook of an install makes a session that no browser has: it counts from its first use on.
  with by_user as (
    select s.client_id, s.user_id, count(*) as sessions, count(*) filter (where l.live and l.used) as live,
      count(*) filter (where not l.live) as expired,
      sum(extract(epoch from p_now - s.last_activity_at)::double precision / 60) filter (where l.live and l.used) as idle_minutes
    from public.app_sessions s
    join public.clients c on c.id = s.client_id
    cross join lateral (
      select s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
        and s.started_order >= c.sessions_ended_order and c.uninstalled_at is null as live,
        s.origin <> 'install' or s.last_activity_at > s.created_at as used
    ) l
    group by s.client_id, s.user_id
  )
  select coalesce(sum(u.sessions), 0)::bigint, coalesce(sum(u.live), 0)::bigint, coalesce(sum(u.expired), 0)::bigint,
    count(distinct u.client_id) filter (where u.live > 0), count(*) filter (where u.live > 0),
    coalesce(sum(u.idle_minutes) / nullif(sum(u.live), 0), 0)::double precision
  from by_user u;
$$;

comment on function public.count_app_sessions is 'Figures over all clients, by a scan of all sessions.';

create function public.refresh_app_session_figures()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('libero.refresh_app_session_figures', 0)) then
    return false;
  end if;
  insert into public.app_session_figures as f (counted_at, total, active, expired, clients, users, mean_idle_minutes)
  select clock_timestamp(), c.* from public.count_app_sessions(clock_timestamp()) c
  on conflict (only_row) do update set
    counted_at = excluded.counted_at, total = excluded.total, active = excluded.active, expired = excluded.expired, clients = excluded.clients,
    users = excluded.users, mean_idle_minutes = excluded.mean_idle_minutes;
  return true;
end;
$$;

comment on function public.refresh_app_session_figures is
  'Counts the figures. False where another instance is counting.';

drop function public.app_session_totals(timestamptz);

create function public.app_session_totals(p_now timestamptz)
returns table (
  total bigint, active bigint, expired bigint, clients bigint, users bigint, mean_idle_minutes double precision,
  counted_at timestamptz, is_due boolean
)
language plpgsql
stable
rows 1
set search_path = ''
as $$
#variable_conflict use_column
begin
  -- Some ten thousand sessions are counted within milliseconds.
  if pg_relation_size('public.app_sessions') > 4 * 1024 * 1024 then
    return query
      select f.total, f.active, f.expired, f.clients, f.users, f.mean_idle_minutes, f.counted_at,
        f.counted_at < clock_timestamp() - interval '1 minute'
      from public.app_session_figures f;
    if found then
      return;
    end if;
  end if;
  return query
    select c.total, c.active, c.expired, c.clients, c.users, c.mean_idle_minutes, p_now,
      pg_relation_size('public.app_sessions') > 4 * 1024 * 1024
    from public.count_app_sessions(p_now) c;
end;
$$;

comment on function public.app_session_totals is
  'Figures over all clients, for the operator: counted now, or in a large table as they were last counted; is_due after a minute.';

-- Without sorting: the planner knows too little of a small table of clients to see that the index leads to the newest at once.
create function public.list_newest_app_sessions(p_now timestamptz, p_limit integer)
returns table (
  id uuid, client_id uuid, tenant_id text, user_id text, user_name text, origin text, device text,
  created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz
)
language sql
stable
set search_path = ''
set enable_sort = 'off'
as $$
  select s.id, s.client_id, c.tenant_id, s.user_id, s.user_name, s.origin, s.device,
    s.created_at, s.expires_at, s.last_activity_at
  from public.app_sessions s
  join public.clients c on c.id = s.client_id and c.uninstalled_at is null and s.started_order >= c.sessions_ended_order
  where s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
  order by s.created_at desc, s.id
  limit p_limit;
$$;

comment on function public.list_newest_app_sessions is 'Live sessions of all clients, the newest first.';

create or replace function public.list_open_app_sessions(
  p_client_id uuid, p_now timestamptz, p_limit integer, p_user_id text default null
)
returns table (
  id uuid, client_id uuid, tenant_id text, user_id text, user_name text, origin text, device text,
  created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz
)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
#variable_conflict use_column
begin
  if p_client_id is null then
    return query select n.* from public.list_newest_app_sessions(p_now, p_limit) n;
  else
    return query
      select s.id, s.client_id, c.tenant_id, s.user_id, s.user_name, s.origin, s.device,
        s.created_at, s.expires_at, s.last_activity_at
      from public.app_sessions s
      join public.clients c on c.id = s.client_id and c.uninstalled_at is null and s.started_order >= c.sessions_ended_order
      where s.client_id = p_client_id and (p_user_id is null or s.user_id = p_user_id)
        and s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
      order by s.created_at desc, s.id
      limit p_limit;
  end if;
end;
$$;
