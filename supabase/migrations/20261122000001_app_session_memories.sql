-- Instances that cannot listen to the database (over PostgREST) tell each other through Redis what to forget. This is
-- how they learn of what nobody tells there: changes by hand, and those of an instance that cannot reach Redis.
create table public.app_session_memories (
  only_row boolean not null default true,
  generation bigint not null default 1,
  by_transaction xid8,
  constraint app_session_memories_pkey primary key (only_row),
  constraint app_session_memories_only_row_is_the_only_one check (only_row)
);

comment on table public.app_session_memories is
  'Whoever remembers sessions outside the database forgets them all when the generation changes.';

insert into public.app_session_memories default values;

alter table public.app_session_memories enable row level security;

create function public.app_session_memory_generation()
returns bigint
language sql
stable
set search_path = ''
as $$
  select m.generation from public.app_session_memories m;
$$;

comment on function public.app_session_memory_generation is 'Under which generation sessions may be remembered now.';

-- Once a transaction: a statement by hand may change a million rows.
create function public.forget_app_session_memories()
returns void
language sql
security definer
set search_path = ''
as $$
  update public.app_session_memories m set generation = m.generation + 1, by_transaction = pg_current_xact_id()
  where m.by_transaction is distinct from pg_current_xact_id();
$$;

comment on function public.forget_app_session_memories is 'Makes every instance forget what it remembers of sessions.';

create function public.forget_app_session_memories_by_hand()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform public.forget_app_session_memories();
  return null;
end;
$$;

-- The app's functions say why they end sessions; a hand does not.
create trigger app_sessions_deleted_by_hand
  after delete on public.app_sessions
  for each statement when (coalesce(current_setting('libero.end_reason', true), '') = '')
  execute function public.forget_app_session_memories_by_hand();

create trigger app_sessions_truncated_by_hand
  after truncate on public.app_sessions
  for each statement execute function public.forget_app_session_memories_by_hand();

-- What the app's functions never do: shorten a session, change its user but for the role of a rotation, or its data
-- without a new revision.
create trigger app_sessions_changed_by_hand
  after update of client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at,
    renewable_until, max_age_seconds, idle_timeout
  on public.app_sessions
  for each row when (
    new.expires_at < old.expires_at
    or (new.client_id, new.user_id, new.user_name, new.created_at)
      is distinct from (old.client_id, old.user_id, old.user_name, old.created_at)
    or (new.user_email, new.renewable_until, new.max_age_seconds, new.idle_timeout)
      is distinct from (old.user_email, old.renewable_until, old.max_age_seconds, old.idle_timeout)
    or (new.user_role is distinct from old.user_role and new.secret_hash = old.secret_hash)
    or (new.secret_hash <> old.secret_hash and new.previous_secret_hash is distinct from old.secret_hash)
    or (new.data is distinct from old.data and new.revision = old.revision)
  )
  execute function public.forget_app_session_memories_by_hand();

create trigger app_sessions_activity_taken_back_by_hand
  after update of last_activity_at on public.app_sessions
  for each row when (new.last_activity_at < old.last_activity_at)
  execute function public.forget_app_session_memories_by_hand();

create trigger clients_installed_or_not
  after update of id, tenant_id, uninstalled_at on public.clients
  for each row when (
    (new.id, new.tenant_id, new.uninstalled_at) is distinct from (old.id, old.tenant_id, old.uninstalled_at)
  )
  execute function public.forget_app_session_memories_by_hand();

-- As 20261120000005, for what came since: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.app_session_memory_generation()', 'public.forget_app_session_memories()'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.app_session_memories from %s', v_role);
    foreach v_function in array v_functions || 'public.forget_app_session_memories_by_hand()'::regprocedure loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.app_session_memories to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
