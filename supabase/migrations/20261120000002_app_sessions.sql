-- One row per signed-in browser. The row holds a hash of the session's secret, never the secret:
-- whoever reads this table or a backup of it can sign in as nobody.
create table public.app_sessions (
  id uuid not null,
  client_id uuid not null,
  secret_hash bytea not null,
  user_id text not null,
  user_name text not null,
  user_email text,
  user_role text,
  data jsonb not null default '{}',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_activity_at timestamptz not null,
  constraint app_sessions_pkey primary key (id),
  constraint app_sessions_client_id_fkey foreign key (client_id) references public.clients (id) on delete cascade,
  constraint app_sessions_secret_hash_is_sha256 check (octet_length(secret_hash) = 32),
  constraint app_sessions_data_is_object check (jsonb_typeof(data) = 'object')
) with (fillfactor = 80);

comment on table public.app_sessions is 'Signed-in staff. A row that is deleted is a session that ended.';
comment on column public.app_sessions.secret_hash is 'SHA-256 of the 256 random bits in the cookie.';
comment on column public.app_sessions.expires_at is 'Absolute end. Setting it in the past ends the session at its next request.';
comment on column public.app_sessions.last_activity_at is
  'Up to a second late. In no index, and pages keep room (fillfactor), so that a touch stays a heap-only update.';

create index app_sessions_expires_at_idx on public.app_sessions (expires_at);
create index app_sessions_client_id_created_at_idx on public.app_sessions (client_id, created_at desc);

alter table public.app_sessions enable row level security;

create function public.create_app_session(
  p_id uuid, p_client_id uuid, p_secret_hash text, p_user_id text, p_user_name text, p_user_email text,
  p_user_role text, p_data jsonb, p_created_at timestamptz, p_expires_at timestamptz, p_replaces uuid
)
returns table (tenant_id text)
language plpgsql
set search_path = ''
as $$
begin
  -- The share lock makes a sign-in and an uninstall exclude each other: whichever comes second sees the first.
  select c.tenant_id into tenant_id
  from public.clients c
  where c.id = p_client_id and c.uninstalled_at is null
  for share;
  if not found then
    return;
  end if;

  delete from public.app_sessions s where s.id = p_replaces;
  insert into public.app_sessions (
    id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at, last_activity_at
  ) values (
    p_id, p_client_id, decode(p_secret_hash, 'hex'), p_user_id, p_user_name, p_user_email, p_user_role, p_data,
    p_created_at, p_expires_at, p_created_at
  );
  return next;
end;
$$;

comment on function public.create_app_session is
  'Starts a session and ends the one it replaces. No row when the client is not installed; an id in use is an error.';

create function public.find_app_session(p_id uuid)
returns table (
  id uuid, client_id uuid, tenant_id text, secret_hash text, user_id text, user_name text, user_email text,
  user_role text, data jsonb, created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz
)
language sql
stable
set search_path = ''
as $$
  select s.id, s.client_id, c.tenant_id, encode(s.secret_hash, 'hex'), s.user_id, s.user_name, s.user_email,
    s.user_role, s.data, s.created_at, s.expires_at, s.last_activity_at
  from public.app_sessions s
  join public.clients c on c.id = s.client_id and c.uninstalled_at is null
  where s.id = p_id;
$$;

comment on function public.find_app_session is
  'The row whether expired or not: the app''s clock decides validity, the database''s decides deletion.';

create function public.touch_app_sessions(p_ids uuid[], p_times timestamptz[])
returns integer
language sql
set search_path = ''
as $$
  -- Rows are locked in the order of their ids, so that two batches cannot deadlock.
  with noted as (
    select t.id, t.at from unnest(p_ids, p_times) as t (id, at)
  ), live as (
    select s.id, n.at
    from public.app_sessions s join noted n on n.id = s.id
    where s.last_activity_at < n.at
    order by s.id
    for no key update of s
  ), touched as (
    update public.app_sessions s set last_activity_at = l.at from live l where s.id = l.id returning 1
  )
  select count(*)::integer from touched;
$$;

comment on function public.touch_app_sessions is
  'Moves last_activity_at of many sessions forward, never back; sessions that are gone stay gone. Returns how many moved.';

create function public.save_app_session_data(p_id uuid, p_now timestamptz, p_set jsonb, p_unset text[])
returns table (data jsonb)
language sql
set search_path = ''
as $$
  update public.app_sessions s set data = (s.data || p_set) - p_unset
  where s.id = p_id and s.expires_at > p_now
  returning s.data;
$$;

comment on function public.save_app_session_data is
  'Merges the keys that changed, so that requests that change different keys both win. No row when the session is over.';

create function public.end_app_session(p_id uuid)
returns integer
language sql
set search_path = ''
as $$
  with ended as (delete from public.app_sessions s where s.id = p_id returning 1)
  select count(*)::integer from ended;
$$;

comment on function public.end_app_session is 'Ends one session. Returns 1, or 0 when there was none.';

create function public.uninstall_client(p_tenant_id text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_client_id uuid;
  v_ended integer;
begin
  update public.clients c set uninstalled_at = coalesce(c.uninstalled_at, now())
  where c.tenant_id = p_tenant_id
  returning c.id into v_client_id;

  delete from public.app_sessions s where s.client_id = v_client_id;
  get diagnostics v_ended = row_count;
  return v_ended;
end;
$$;

comment on function public.uninstall_client is
  'Soft-deletes the client and ends every session of it. Returns how many ended; an unknown tenant is 0.';

create function public.list_open_app_sessions(p_client_id uuid, p_now timestamptz, p_limit integer)
returns table (
  id uuid, user_id text, user_name text, created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz
)
language sql
stable
set search_path = ''
as $$
  select s.id, s.user_id, s.user_name, s.created_at, s.expires_at, s.last_activity_at
  from public.app_sessions s
  where s.client_id = p_client_id and s.expires_at > p_now
  order by s.created_at desc, s.id
  limit p_limit;
$$;

comment on function public.list_open_app_sessions is 'Open sessions of a client, the newest first.';

create function public.client_app_session_stats(p_client_id uuid, p_now timestamptz)
returns table (open_sessions integer, signed_in_users integer)
language sql
stable
set search_path = ''
as $$
  select count(*)::integer, count(distinct s.user_id)::integer
  from public.app_sessions s
  where s.client_id = p_client_id and s.expires_at > p_now;
$$;

comment on function public.client_app_session_stats is 'Open sessions of a client, and how many people hold them.';
