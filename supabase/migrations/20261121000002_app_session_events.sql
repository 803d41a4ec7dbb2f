-- What happened to sessions, and why each of them ended. Kept for some time after the sessions are gone.
create table public.app_session_events (
  id bigint not null generated always as identity,
  at timestamptz not null default clock_timestamp(),
  event text not null,
  reason text,
  session_id uuid not null,
  client_id uuid not null,
  user_id text not null,
  user_name text not null,
  device text,
  constraint app_session_events_pkey primary key (id),
  constraint app_session_events_client_id_fkey foreign key (client_id) references public.clients (id) on delete cascade,
  constraint app_session_events_event_known check (event in ('started', 'rotated', 'ended')),
  constraint app_session_events_reason_of_end check ((event = 'ended') = (reason is not null))
);

comment on table public.app_session_events is 'The history of sessions: started, rotated, ended and why. Holds no secret.';

create index app_session_events_at_idx on public.app_session_events (at);
create index app_session_events_session_id_idx on public.app_session_events (session_id);
create index app_session_events_client_id_id_idx on public.app_session_events (client_id, id desc);

alter table public.app_session_events enable row level security;

-- "End all" of a user or a client leaves this mark, so that a sign-in which began before it cannot survive it.
create table public.app_session_cutoffs (
  client_id uuid not null,
  user_id text not null,
  ended_at timestamptz not null,
  constraint app_session_cutoffs_pkey primary key (client_id, user_id),
  constraint app_session_cutoffs_client_id_fkey foreign key (client_id) references public.clients (id) on delete cascade
);

comment on table public.app_session_cutoffs is
  'Sign-ins that began until ended_at are over. The user '''' stands for all of the client. Kept for a day.';

alter table public.app_session_cutoffs enable row level security;

alter table public.app_sessions
  add column origin text not null default 'open',
  add column device text,
  add column revision bigint not null default 0,
  add column key_revisions jsonb not null default '{}',
  add column previous_secret_hash bytea,
  add column previous_secret_until timestamptz,
  add column renewable_until timestamptz,
  add column max_age_seconds integer,
  add column idle_timeout interval,
  add constraint app_sessions_origin_known check (origin in ('open', 'install')),
  add constraint app_sessions_previous_secret_hash_is_sha256 check (octet_length(previous_secret_hash) = 32);

-- Half a page stays free: every row of it can be touched in one batch and the new versions still fit beside the old.
alter table public.app_sessions set (fillfactor = 50);

comment on column public.app_sessions.origin is 'open: opened from the admin; install: whoever pressed Install.';
comment on column public.app_sessions.device is 'The browser in a few words.';
comment on column public.app_sessions.revision is 'Counts the changes of data.';
comment on column public.app_sessions.key_revisions is 'The revision at which each key of data was last set or unset.';
comment on column public.app_sessions.previous_secret_hash is 'The secret before the last rotation.';
comment on column public.app_sessions.previous_secret_until is 'Until then the previous secret opens the session; then it ends it.';
comment on column public.app_sessions.renewable_until is 'No renewal moves expires_at beyond this; null: no renewal.';
comment on column public.app_sessions.max_age_seconds is 'How far a renewal moves expires_at.';
comment on column public.app_sessions.idle_timeout is 'The session ends when last_activity_at is older; null: never for that reason.';

create index app_sessions_client_id_user_id_idx on public.app_sessions (client_id, user_id);

-- Whoever deletes sessions, by a function or by hand, leaves their events and tells every instance of the app.
-- Functions say why in the setting libero.end_reason; where nobody says, the rows were deleted by hand.
create function public.record_ended_app_sessions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_reason constant text := coalesce(nullif(current_setting('libero.end_reason', true), ''), 'deleted');
begin
  -- Joined with clients: a client that is deleted takes its sessions and its history along.
  insert into public.app_session_events (event, reason, session_id, client_id, user_id, user_name, device)
  select 'ended', case when v_reason = 'expired' and e.last_activity_at + e.idle_timeout < e.expires_at then 'idle' else v_reason end,
    e.id, e.client_id, e.user_id, e.user_name, e.device
  from ended e join public.clients c on c.id = e.client_id;

  -- A notice carries at most 8,000 bytes.
  perform pg_notify('libero_app_sessions', 'session ' || string_agg(n.id::text, ','))
  from (select e.id, (row_number() over () - 1) / 200 as bite from ended e) n
  group by n.bite;
  return null;
end;
$$;

create trigger app_sessions_ended
  after delete on public.app_sessions
  referencing old table as ended
  for each statement execute function public.record_ended_app_sessions();

-- The trigger says what kind of row it is: "session" or "client".
create function public.notify_app_session_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_notify('libero_app_sessions', tg_argv[0] || ' ' || old.id::text);
  return null;
end;
$$;

-- Every column but last_activity_at: a touch, the one frequent write, tells nobody (a notice takes a database-wide
-- lock when it is committed).
create trigger app_sessions_changed
  after update of id, client_id, secret_hash, previous_secret_hash, previous_secret_until, user_id, user_name,
    user_email, user_role, origin, device, data, revision, key_revisions, created_at, expires_at, renewable_until,
    max_age_seconds, idle_timeout
  on public.app_sessions
  for each row execute function public.notify_app_session_change('session');

-- Touches move it forward; only a hand moves it back.
create trigger app_sessions_activity_taken_back
  after update of last_activity_at on public.app_sessions
  for each row when (new.last_activity_at < old.last_activity_at)
  execute function public.notify_app_session_change('session');

create function public.notify_truncated_app_sessions()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_notify('libero_app_sessions', 'all');
  return null;
end;
$$;

create trigger app_sessions_truncated
  after truncate on public.app_sessions
  for each statement execute function public.notify_truncated_app_sessions();

create trigger clients_changed
  after update of id, tenant_id, uninstalled_at on public.clients
  for each row execute function public.notify_app_session_change('client');
