-- Counts of a minute. Unlogged, because they need not outlive a crash of the server, and so cost no write-ahead log.
-- Room is left on each page, so that counting up stays a heap-only update.
create unlogged table public.rate_limits (
  key text not null,
  points integer not null,
  expires_at timestamptz not null,
  constraint rate_limits_pkey primary key (key)
) with (fillfactor = 70);

create index rate_limits_expires_at_idx on public.rate_limits (expires_at);

comment on table public.rate_limits is
  'How often an address or a tenant, of which the key holds a hash, did something in the window that ends at expires_at.';

alter table public.rate_limits enable row level security;

create function public.consume_rate_limit(
  p_key text, p_points integer, p_window_ms integer, p_restart boolean default false
)
returns table (points integer, ms_before_next integer)
language plpgsql
set search_path = ''
as $$
declare
  v_bite constant integer := 10;
  v_now constant timestamptz := clock_timestamp();
  v_end constant timestamptz := v_now + p_window_ms * interval '1 millisecond';
  v_expires_at timestamptz;
begin
  insert into public.rate_limits as l (key, points, expires_at)
  values (p_key, p_points, v_end)
  on conflict (key) do update set
    points = case when p_restart or l.expires_at <= v_now then excluded.points else l.points + excluded.points end,
    expires_at = case when p_restart or l.expires_at <= v_now then excluded.expires_at else l.expires_at end
  returning l.points, l.expires_at into points, v_expires_at;

  -- Whoever begins a window takes away some that are over: more than one, so that the table can only shrink. This comes
  -- after the insert, and waits for nobody, so that two of these cannot wait for each other.
  if v_expires_at = v_end then
    delete from public.rate_limits l
    where l.key in (
      select e.key from public.rate_limits e
      where e.expires_at <= v_now and e.key <> p_key
      order by e.expires_at
      limit v_bite
      for update skip locked
    );
  end if;

  ms_before_next := greatest(0, ceil(extract(epoch from v_expires_at - clock_timestamp()) * 1000))::integer;
  return next;
end;
$$;

comment on function public.consume_rate_limit is
  'Adds points to a key''s count, in one statement; begins a window of p_window_ms where there is none, or p_restart says '
  'so. Returns the count, and the milliseconds until the window ends.';

create function public.find_rate_limit(p_key text)
returns table (points integer, ms_before_next integer)
language sql
stable
set search_path = ''
as $$
  select l.points, ceil(extract(epoch from l.expires_at - now()) * 1000)::integer
  from public.rate_limits l
  where l.key = p_key and l.expires_at > now();
$$;

comment on function public.find_rate_limit is 'A key''s count and the milliseconds until it ends; no row where nothing counts.';

create function public.delete_rate_limit(p_key text)
returns boolean
language sql
set search_path = ''
as $$
  with deleted as (
    delete from public.rate_limits l where l.key = p_key returning 1
  )
  select exists (select from deleted);
$$;

comment on function public.delete_rate_limit is 'Forgets a key''s count. Returns whether there was one.';

-- As 20261121000006: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.consume_rate_limit(text, integer, integer, boolean)',
    'public.find_rate_limit(text)',
    'public.delete_rate_limit(text)'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.rate_limits from %s', v_role);
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.rate_limits to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;

-- As 20261121000005, which names what browser-side roles can reach, with the tables and functions that came since.
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
      where p.pronamespace = 'public'::regnamespace and p.proname ~ 'app_session|_client|rate_limit'
        and has_function_privilege(b.role, p.oid, 'execute')
      union all
      select b.role || ' may use ' || t.relname
      from browser_side b, pg_catalog.pg_class t
      where t.relnamespace = 'public'::regnamespace
        and t.relname in (
          'clients', 'app_sessions', 'app_session_events', 'app_session_cutoffs', 'app_session_memories', 'rate_limits'
        )
        and has_table_privilege(b.role, t.oid, 'select, insert, update, delete, truncate')
    ),
    row_security_active('public.app_sessions');
$$;
