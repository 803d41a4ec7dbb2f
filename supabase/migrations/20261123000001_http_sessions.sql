-- Sessions of other web frameworks, first of all express-session's. A row is found by the hash of the session's id, and
-- the id itself is nowhere: whoever reads this table or a backup of it takes over no session.
create table public.http_sessions (
  key bytea not null,
  data json not null,
  revision bigint not null default 0,
  expires_at timestamptz not null,
  expires_hour timestamptz not null
    generated always as (date_bin('1 hour', expires_at, timestamptz '2000-01-01 00:00:00+00')) stored,
  ended_at timestamptz,
  constraint http_sessions_pkey primary key (key),
  constraint http_sessions_key_is_sha256 check (octet_length(key) = 32),
  constraint http_sessions_data_is_object check (json_typeof(data) = 'object'),
  constraint http_sessions_ended_hold_nothing check (ended_at is null or data::text = '{}')
) with (fillfactor = 70);

comment on table public.http_sessions is
  'Short-lived sessions of express-session and its like. One that ended stays for a time as an empty row, so that a late save does not bring it back.';
comment on column public.http_sessions.key is 'SHA-256 of the session''s id.';
comment on column public.http_sessions.data is
  'As the framework wrote it: json, because jsonb does not keep the order of keys.';
comment on column public.http_sessions.revision is 'Counts the changes that functions made; a hand does not count.';
comment on column public.http_sessions.expires_at is
  'When the session is over, and rolls with use. Of one that ended: how long its row stays. In no index, so that a touch stays a heap-only update.';
comment on column public.http_sessions.expires_hour is 'What the clean-up looks for; changes once an hour at most.';
comment on column public.http_sessions.ended_at is 'Null while the session is live.';

create index http_sessions_expires_hour_idx on public.http_sessions (expires_hour);

alter table public.http_sessions enable row level security;

create function public.find_http_session(p_key text)
returns table (data json, expires_at timestamptz)
language sql
stable
set search_path = ''
as $$
  select h.data, h.expires_at
  from public.http_sessions h
  where h.key = decode(p_key, 'hex') and h.ended_at is null;
$$;

comment on function public.find_http_session is
  'The session whether expired or not, because the app''s clock decides validity; no row where it ended.';

create function public.set_http_session(p_key text, p_data json, p_expires_at timestamptz, p_now timestamptz)
returns boolean
language sql
set search_path = ''
as $$
  with saved as (
    insert into public.http_sessions as h (key, data, expires_at)
    values (decode(p_key, 'hex'), p_data, p_expires_at)
    on conflict (key) do update set
      data = excluded.data, expires_at = excluded.expires_at, revision = h.revision + 1
    where h.ended_at is null and h.expires_at > p_now
    returning 1
  )
  select exists (select from saved);
$$;

comment on function public.set_http_session is
  'Makes a session, or writes a live one anew as a whole. False where it is over: nothing brings it back.';

create function public.merge_http_session(
  p_key text, p_set json, p_unset text[], p_expires_at timestamptz, p_shorten boolean, p_now timestamptz
)
returns boolean
language sql
set search_path = ''
as $$
  with saved as (
    update public.http_sessions h set
      data = (
        select coalesce(json_object_agg(merged.key, merged.value order by merged.place), '{}')
        from (
          select o.key, coalesce(n.value, o.value) as value, o.place
          from json_each(h.data) with ordinality o (key, value, place)
          left join json_each(p_set) n on n.key = o.key
          where o.key <> all (p_unset)
          union all
          select n.key, n.value, 1000000000 + n.place
          from json_each(p_set) with ordinality n (key, value, place)
          where not exists (select from json_each(h.data) o where o.key = n.key)
        ) merged
      ),
      expires_at = case when p_shorten then p_expires_at else greatest(h.expires_at, p_expires_at) end,
      revision = h.revision + 1
    where h.key = decode(p_key, 'hex') and h.ended_at is null and h.expires_at > p_now
    returning 1
  )
  select exists (select from saved);
$$;

comment on function public.merge_http_session is
  'Merges the keys that changed into a live session, so that requests that change different keys both win; of the same '
  'key the last write does. Moves the end forward, or to wherever it is told with p_shorten. False where it is over.';

create function public.touch_http_session(p_key text, p_expires_at timestamptz, p_now timestamptz)
returns boolean
language sql
set search_path = ''
as $$
  with touched as (
    update public.http_sessions h set expires_at = p_expires_at
    where h.key = decode(p_key, 'hex') and h.ended_at is null and h.expires_at > p_now and h.expires_at < p_expires_at
    returning 1
  )
  select exists (select from touched)
    or exists (
      select from public.http_sessions h
      where h.key = decode(p_key, 'hex') and h.ended_at is null and h.expires_at > p_now
    );
$$;

comment on function public.touch_http_session is 'Moves the end of a live session forward, never back. False where it is over.';

-- The row stays for as long as a browser may hold the session's cookie, and a day at least.
create function public.end_http_session(p_key text, p_now timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_expires_at timestamptz;
begin
  select h.expires_at into v_expires_at
  from public.http_sessions h
  where h.key = decode(p_key, 'hex') and h.ended_at is null
  for update;
  if not found then
    return false;
  end if;
  update public.http_sessions h set
    data = '{}', ended_at = now(), expires_at = greatest(h.expires_at, now() + interval '24 hours'),
    revision = h.revision + 1
  where h.key = decode(p_key, 'hex');
  return v_expires_at > p_now;
end;
$$;

comment on function public.end_http_session is 'Ends a session for good, and empties it. Returns whether there was a live one.';

create function public.list_http_sessions(p_after text, p_now timestamptz, p_limit integer)
returns table (key text, data json, expires_at timestamptz)
language sql
stable
set search_path = ''
as $$
  select encode(h.key, 'hex'), h.data, h.expires_at
  from public.http_sessions h
  where h.key > decode(p_after, 'hex') and h.ended_at is null and h.expires_at > p_now
  order by h.key
  limit p_limit;
$$;

comment on function public.list_http_sessions is 'A page of the live sessions, in the order of their keys.';

create function public.count_http_sessions(p_now timestamptz)
returns bigint
language sql
stable
set search_path = ''
as $$
  select count(*) from public.http_sessions h where h.ended_at is null and h.expires_at > p_now;
$$;

comment on function public.count_http_sessions is 'How many sessions are live.';

create function public.clear_http_sessions(p_after text, p_batch integer default 1000)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_last_key text;
begin
  -- One notice for all of them.
  perform set_config('libero.http_sessions_told', 'all', true);
  with bite as (
    select h.key from public.http_sessions h
    where h.key > decode(p_after, 'hex') and h.ended_at is null
    order by h.key
    limit p_batch
    for update
  ), ended as (
    update public.http_sessions h set
      data = '{}', ended_at = now(), expires_at = greatest(h.expires_at, now() + interval '24 hours'),
      revision = h.revision + 1
    from bite b where h.key = b.key
    returning h.key
  )
  select encode(e.key, 'hex') into v_last_key from ended e order by e.key desc limit 1;
  if v_last_key is not null then
    perform pg_notify('libero_app_sessions', 'http all');
  end if;
  perform set_config('libero.http_sessions_told', '', true);
  return v_last_key;
end;
$$;

comment on function public.clear_http_sessions is
  'Ends the next p_batch sessions after a key. Returns the last key it came to, null where there was none left.';

create function public.cleanup_http_sessions(p_batch integer default 1000, p_margin interval default '1 hour')
returns integer
language sql
set search_path = ''
as $$
  with over as (
    select h.key from public.http_sessions h
    where h.expires_hour < date_bin('1 hour', now() - p_margin, timestamptz '2000-01-01 00:00:00+00')
    order by h.expires_hour
    limit p_batch
    for update skip locked
  ), deleted as (
    delete from public.http_sessions h using over o where h.key = o.key returning 1
  )
  select count(*)::integer from deleted;
$$;

comment on function public.cleanup_http_sessions is
  'Deletes at most p_batch sessions whose hour was over by the database''s clock p_margin ago, waiting for nobody. Returns how many.';

-- As app_session_cleanup_is_scheduled: the app's role has no rights on the cron schema.
create function public.http_session_cleanup_is_scheduled()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_scheduled boolean := false;
begin
  if to_regclass('cron.job') is not null then
    execute 'select exists (select from cron.job where jobname = $1 and active)'
      into v_scheduled using 'cleanup-http-sessions';
  end if;
  return v_scheduled;
end;
$$;

comment on function public.http_session_cleanup_is_scheduled is 'Whether pg_cron cleans up HTTP sessions here.';

create function public.sweep_http_sessions(p_batch integer default 1000)
returns table (outcome text, deleted integer)
language plpgsql
set search_path = ''
as $$
begin
  deleted := 0;
  if public.http_session_cleanup_is_scheduled() then
    outcome := 'scheduled';
  elsif not pg_try_advisory_xact_lock(hashtextextended('libero.sweep_http_sessions', 0)) then
    outcome := 'busy';
  else
    outcome := 'swept';
    deleted := public.cleanup_http_sessions(p_batch);
  end if;
  return next;
end;
$$;

comment on function public.sweep_http_sessions is
  'The app''s own schedule: one bite of the clean-up, unless pg_cron does it (scheduled) or another instance is at it (busy).';

-- Where pg_cron is turned on later: select public.schedule_http_session_cleanup();
create function public.schedule_http_session_cleanup()
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
    'cleanup-http-sessions',
    '20 * * * *',
    'select sum(public.cleanup_http_sessions(1000)) from generate_series(1, 1000)'
  );
  return true;
exception when others then
  raise notice 'pg_cron cannot be used here (%); the app sweeps on its own schedule', sqlerrm;
  return false;
end;
$$;

comment on function public.schedule_http_session_cleanup is
  'Schedules the hourly clean-up with pg_cron. Returns false where pg_cron cannot be used; running it again changes nothing.';

select public.schedule_http_session_cleanup();

-- Whoever changes or ends a session, by a function or by hand, tells every instance of the app. A touch tells nobody: it
-- is the one frequent write, and whoever has not heard of it believes in an end that comes too early, and asks.
create function public.notify_http_session_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_notify('libero_app_sessions', 'http ' || encode(old.key, 'hex'));
  return null;
end;
$$;

create trigger http_sessions_changed
  after update of key, data, revision, ended_at on public.http_sessions
  for each row when (current_setting('libero.http_sessions_told', true) is distinct from 'all')
  execute function public.notify_http_session_change();

create trigger http_sessions_shortened
  after update of expires_at on public.http_sessions
  for each row when (new.expires_at < old.expires_at)
  execute function public.notify_http_session_change();

-- The clean-up deletes what is long over. Only a hand deletes a live session.
create trigger http_sessions_deleted
  after delete on public.http_sessions
  for each row when (old.ended_at is null and old.expires_at > now())
  execute function public.notify_http_session_change();

create function public.notify_truncated_http_sessions()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_notify('libero_app_sessions', 'http all');
  return null;
end;
$$;

create trigger http_sessions_truncated
  after truncate on public.http_sessions
  for each statement execute function public.notify_truncated_http_sessions();

-- As 20261122000001, for instances that cannot listen to the database: what is done by hand.
create trigger http_sessions_deleted_by_hand
  after delete on public.http_sessions
  for each row when (old.ended_at is null and old.expires_at > now())
  execute function public.forget_app_session_memories_by_hand();

create trigger http_sessions_truncated_by_hand
  after truncate on public.http_sessions
  for each statement execute function public.forget_app_session_memories_by_hand();

create trigger http_sessions_changed_by_hand
  after update of key, data, ended_at on public.http_sessions
  for each row when (
    new.revision = old.revision
    and (
      new.key <> old.key or new.ended_at is distinct from old.ended_at
      or new.data::text is distinct from old.data::text
    )
  )
  execute function public.forget_app_session_memories_by_hand();

create trigger http_sessions_shortened_by_hand
  after update of expires_at on public.http_sessions
  for each row when (new.expires_at < old.expires_at and new.revision = old.revision)
  execute function public.forget_app_session_memories_by_hand();

-- As 20261122000002: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.find_http_session(text)',
    'public.set_http_session(text, json, timestamptz, timestamptz)',
    'public.merge_http_session(text, json, text[], timestamptz, boolean, timestamptz)',
    'public.touch_http_session(text, timestamptz, timestamptz)',
    'public.end_http_session(text, timestamptz)',
    'public.list_http_sessions(text, timestamptz, integer)',
    'public.count_http_sessions(timestamptz)',
    'public.clear_http_sessions(text, integer)',
    'public.cleanup_http_sessions(integer, interval)',
    'public.http_session_cleanup_is_scheduled()',
    'public.sweep_http_sessions(integer)'
  ];
  -- Creating an extension is the migrating role's business.
  v_schedule constant regprocedure := 'public.schedule_http_session_cleanup()';
  v_triggers constant regprocedure[] := array[
    'public.notify_http_session_change()', 'public.notify_truncated_http_sessions()'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.http_sessions from %s', v_role);
    foreach v_function in array v_functions || v_triggers || v_schedule loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.http_sessions to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
