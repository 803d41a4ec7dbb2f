-- Which of a sign-in and an "end all" came first. Instances' clocks differ by seconds: after "sign out everywhere", signing in
-- through an instance whose clock is behind was refused until it had caught up. Numbers of one sequence decide now, and no clock.
create sequence public.app_session_order;

comment on sequence public.app_session_order is 'The order of sign-ins and of ends of all sessions of a user or client.';

alter table public.app_sessions
  add column started_order bigint not null default 0,
  add column older_secrets jsonb,
  add constraint app_sessions_older_secrets_is_array check (jsonb_typeof(older_secrets) = 'array');

comment on column public.app_sessions.started_order is 'When it began, among ends of all sessions of its user or client.';
comment on column public.app_sessions.older_secrets is
  'Secrets before previous_secret_hash whose grace was not over at the last rotation: {"hash", "until" in ms since the epoch}.';

alter table public.clients add column sessions_ended_order bigint not null default 0;

comment on column public.clients.sessions_ended_order is 'Sessions that began before are over, although their rows may not be deleted yet.';

alter table public.app_session_cutoffs add column ended_order bigint not null default 0;

comment on column public.app_session_cutoffs.ended_order is 'Sign-ins whose number is smaller are over. ended_at is for its clean-up.';

drop trigger app_sessions_changed on public.app_sessions;

create trigger app_sessions_changed
  after update of id, client_id, secret_hash, previous_secret_hash, previous_secret_until, older_secrets, user_id, user_name,
    user_email, user_role, origin, device, data, revision, key_revisions, created_at, expires_at, renewable_until,
    max_age_seconds, idle_timeout, started_order
  on public.app_sessions
  for each row execute function public.notify_app_session_change('session');

drop trigger clients_changed on public.clients;

create trigger clients_changed
  after update of id, tenant_id, uninstalled_at, sessions_ended_order on public.clients
  for each row execute function public.notify_app_session_change('client');

create function public.begin_app_sign_in()
returns bigint
language sql
set search_path = ''
as $$
  select nextval('public.app_session_order');
$$;

comment on function public.begin_app_sign_in is 'The number of a sign-in that begins now, for start_app_session.';

create function public.start_app_session(p_session jsonb)
returns table (outcome text, tenant_id text)
language plpgsql
rows 1
set search_path = ''
as $$
declare
  v record;
  v_ended_order bigint;
  v_other_roles uuid[];
  v_used uuid[];
  v_unused uuid[];
  v_too_many uuid[] := '{}';
begin
  select * into v from jsonb_to_record(p_session) as r (
    id uuid, client_id uuid, secret_hash text, user_id text, user_name text, user_email text, user_role text,
    is_role_known boolean, data jsonb, created_at timestamptz, expires_at timestamptz, renewable_until timestamptz,
    max_age_seconds integer, idle_timeout_seconds integer, origin text, device text, replaces uuid[], ticket bigint,
    max_sessions integer, at_limit text
  );

  -- The share lock makes a sign-in and an uninstall exclude each other: whichever comes second sees the first.
  select c.tenant_id, c.sessions_ended_order into tenant_id, v_ended_order
  from public.clients c
  where c.id = v.client_id and c.uninstalled_at is null
  for share;
  if not found then
    return;
  end if;
  perform public.lock_app_session_user(v.client_id, v.user_id);

  if v_ended_order > v.ticket or exists (
    select from public.app_session_cutoffs k
    where k.client_id = v.client_id and k.user_id = v.user_id and k.ended_order > v.ticket
  ) then
    outcome := 'overtaken';
    return next;
    return;
  end if;

  -- Before anything ends: the one that has it might be among those that this one takes the place of.
  if exists (select from public.app_sessions s where s.id = v.id) then
    raise unique_violation using message = format('session id %s is in use', v.id);
  end if;

  -- The user's other sessions, the oldest first. One that an install made and nobody used counts for no limit.
  select
    coalesce(array_agg(o.id) filter (where o.other_role), '{}'),
    coalesce(array_agg(o.id order by o.started_order, o.created_at, o.id) filter (where not o.other_role and not o.unused), '{}'),
    coalesce(array_agg(o.id order by o.started_order, o.created_at, o.id) filter (where not o.other_role and o.unused), '{}')
  into v_other_roles, v_used, v_unused
  from (
    select s.id, s.created_at, s.started_order,
      v.is_role_known and s.user_role is not null and s.user_role is distinct from v.user_role as other_role,
      s.origin = 'install' and s.last_activity_at = s.created_at as unused
    from public.app_sessions s
    where s.client_id = v.client_id and s.user_id = v.user_id and s.id <> all (v.replaces)
      and s.started_order >= v_ended_order
      and s.expires_at > v.created_at and coalesce(s.last_activity_at + s.idle_timeout > v.created_at, true)
  ) o;

  if v.max_sessions > 0 then
    if v.at_limit = 'refuse-new' and cardinality(v_used) >= v.max_sessions then
      outcome := 'limit';
      return next;
      return;
    end if;
    v_too_many := (v_unused || v_used)[1 : cardinality(v_unused || v_used) - v.max_sessions + 1];
  end if;

  -- All at once and in order, before they end for different reasons.
  perform from public.app_sessions s
  where s.id = any (v_other_roles || v_too_many || v.replaces)
  order by s.id
  for update;
  perform public.end_app_sessions(v.replaces, 'replaced');
  perform public.end_app_sessions(v_other_roles, 'rights_changed');
  perform public.end_app_sessions(v_too_many, 'limit');

  insert into public.app_sessions (
    id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at,
    last_activity_at, origin, device, renewable_until, max_age_seconds, idle_timeout, started_order
  ) values (
    v.id, v.client_id, decode(v.secret_hash, 'hex'), v.user_id, v.user_name, v.user_email, v.user_role, v.data,
    v.created_at, v.expires_at, v.created_at, v.origin, v.device, v.renewable_until, v.max_age_seconds,
    nullif(v.idle_timeout_seconds, 0) * interval '1 second', nextval('public.app_session_order')
  );
  insert into public.app_session_events (event, session_id, client_id, user_id, user_name, device)
  values ('started', v.id, v.client_id, v.user_id, v.user_name, v.device);
  outcome := 'started';
  return next;
end;
$$;

comment on function public.start_app_session is
  'Starts a session and ends those it takes the place of: those it replaces, the user''s others with another role where the '
  'role is known, and the oldest beyond max_sessions. Outcome started, limit or overtaken (all were ended after the ticket '
  'was drawn); no row when the client is not installed; an id in use is an error.';

-- Called by instances of the version before, whose clocks decide.
create or replace function public.create_app_session(
  p_id uuid, p_client_id uuid, p_secret_hash text, p_user_id text, p_user_name text, p_user_email text,
  p_user_role text, p_data jsonb, p_created_at timestamptz, p_expires_at timestamptz, p_replaces uuid,
  p_origin text default 'open', p_device text default null, p_renewable_until timestamptz default null,
  p_max_age_seconds integer default null, p_idle_timeout_seconds integer default 0,
  p_max_sessions integer default 0, p_at_limit text default 'end-oldest'
)
returns table (outcome text, tenant_id text)
language plpgsql
rows 1
set search_path = ''
as $$
begin
  return query select s.* from public.start_app_session(jsonb_build_object(
    'id', p_id, 'client_id', p_client_id, 'secret_hash', p_secret_hash, 'user_id', p_user_id, 'user_name', p_user_name,
    'user_email', p_user_email, 'user_role', p_user_role, 'is_role_known', p_user_role is not null, 'data', p_data,
    'created_at', p_created_at, 'expires_at', p_expires_at, 'renewable_until', p_renewable_until,
    'max_age_seconds', p_max_age_seconds, 'idle_timeout_seconds', p_idle_timeout_seconds, 'origin', p_origin,
    'device', p_device, 'replaces', array_remove(array[p_replaces], null), 'ticket',
    case when exists (
      select from public.app_session_cutoffs k
      where k.client_id = p_client_id and k.user_id in ('', p_user_id) and k.ended_at >= p_created_at
    ) then -1 end,
    'max_sessions', p_max_sessions, 'at_limit', p_at_limit
  )) s;
end;
$$;

create or replace function public.find_app_session(p_id uuid)
returns table (
  id uuid, client_id uuid, tenant_id text, secret_hash text, user_id text, user_name text, user_email text,
  user_role text, data jsonb, created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz,
  origin text, device text, revision bigint, previous_secret_hash text, previous_secret_until timestamptz,
  renewable_until timestamptz, max_age_seconds integer, idle_timeout_seconds integer
)
language sql
stable
rows 1
set search_path = ''
as $$
  select s.id, s.client_id, c.tenant_id, encode(s.secret_hash, 'hex'), s.user_id, s.user_name, s.user_email,
    s.user_role, s.data, s.created_at, s.expires_at, s.last_activity_at,
    s.origin, s.device, s.revision, encode(s.previous_secret_hash, 'hex'), s.previous_secret_until,
    s.renewable_until, s.max_age_seconds, extract(epoch from s.idle_timeout)::integer
  from public.app_sessions s
  join public.clients c on c.id = s.client_id and c.uninstalled_at is null and s.started_order >= c.sessions_ended_order
  where s.id = p_id;
$$;

create or replace function public.find_app_sessions(p_ids uuid[])
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
      round(date_part('epoch', s.previous_secret_until) * 1000) as previous_secret_until, s.older_secrets,
      round(date_part('epoch', s.renewable_until) * 1000) as renewable_until, s.max_age_seconds,
      date_part('epoch', s.idle_timeout)::integer as idle_timeout_seconds
    from unnest(p_ids) as asked (id)
    join public.app_sessions s on s.id = asked.id
    join public.clients c on c.id = s.client_id and c.uninstalled_at is null and s.started_order >= c.sessions_ended_order
  ) r;
end;
$$;

create function public.app_session_was_ended(p_client_id uuid, p_started_order bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (select from public.clients c where c.id = p_client_id and c.sessions_ended_order > p_started_order);
$$;

comment on function public.app_session_was_ended is
  'Whether all sessions of its client were ended, and this row has yet to be deleted.';

create or replace function public.save_app_session_data(
  p_id uuid, p_now timestamptz, p_set jsonb, p_unset text[], p_overwrite text[] default '{}',
  p_revision bigint default null, p_max_bytes integer default null, p_active_at timestamptz default null
)
returns table (outcome text, data jsonb, revision bigint, conflicts text[], bytes integer)
language plpgsql
rows 1
set search_path = ''
as $$
declare
  v_keys constant text[] := array(select jsonb_object_keys(p_set)) || p_unset;
  v_session public.app_sessions;
  v_key_revisions jsonb;
begin
  select s.* into v_session
  from public.app_sessions s
  where s.id = p_id and s.expires_at > p_now
    and coalesce(greatest(s.last_activity_at, p_active_at) + s.idle_timeout > p_now, true)
    and not public.app_session_was_ended(s.client_id, s.started_order)
  for no key update;
  if not found then
    return;
  end if;

  conflicts := array(
    select k from unnest(v_keys) k
    where k <> all (p_overwrite) and (v_session.key_revisions ->> k)::bigint > p_revision
    order by k
  );
  revision := v_session.revision + 1;
  data := (v_session.data || p_set) - p_unset;
  v_key_revisions := v_session.key_revisions
    || coalesce((select jsonb_object_agg(k, v_session.revision + 1) from unnest(v_keys) k), '{}');
  bytes := octet_length(data::text) + octet_length(v_key_revisions::text);
  outcome := case
    when cardinality(conflicts) > 0 then 'conflict'
    when bytes > p_max_bytes then 'too-large'
    else 'saved'
  end;

  if outcome = 'saved' then
    update public.app_sessions s set
      data = save_app_session_data.data,
      revision = save_app_session_data.revision,
      key_revisions = v_key_revisions,
      last_activity_at = greatest(s.last_activity_at, p_active_at)
    where s.id = p_id;
  end if;
  return next;
end;
$$;

-- Every secret that was current within the grace opens the session, however many rotations there were; and a role can be taken
-- away, which is not the same as leaving it.
drop function public.rotate_app_session(uuid, timestamptz, timestamptz, text, text, timestamptz, text);

create function public.rotate_app_session(
  p_id uuid, p_now timestamptz, p_active_at timestamptz, p_from text, p_to text, p_grace_until timestamptz,
  p_user_role text, p_sets_role boolean default null
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_rotated integer;
begin
  with rotated as (
    update public.app_sessions s set
      secret_hash = decode(p_to, 'hex'),
      previous_secret_hash = s.secret_hash,
      previous_secret_until = p_grace_until,
      older_secrets = (
        select jsonb_agg(jsonb_build_object('hash', o.hash, 'until', o.until) order by o.until desc)
        from (
          select encode(s.previous_secret_hash, 'hex') as hash,
            round(extract(epoch from s.previous_secret_until) * 1000)::bigint as until
          union all
          select e ->> 'hash', (e ->> 'until')::bigint from jsonb_array_elements(s.older_secrets) e
        ) o
        where o.until > extract(epoch from p_now) * 1000
      ),
      user_role = case when coalesce(p_sets_role, p_user_role is not null) then p_user_role else s.user_role end,
      last_activity_at = greatest(s.last_activity_at, p_active_at)
    where s.id = p_id and s.secret_hash = decode(p_from, 'hex') and s.expires_at > p_now
      and coalesce(greatest(s.last_activity_at, p_active_at) + s.idle_timeout > p_now, true)
      and not public.app_session_was_ended(s.client_id, s.started_order)
    returning s.*
  )
  insert into public.app_session_events (event, session_id, client_id, user_id, user_name, device)
  select 'rotated', r.id, r.client_id, r.user_id, r.user_name, r.device from rotated r;
  get diagnostics v_rotated = row_count;
  return v_rotated;
end;
$$;

comment on function public.rotate_app_session is
  'Replaces the secret, if p_from is still the one, and the role where p_sets_role. Returns 1, or 0 when it is not or the '
  'session is over.';

create or replace function public.renew_app_session(
  p_id uuid, p_now timestamptz, p_active_at timestamptz, p_expires_at timestamptz
)
returns table (expires_at timestamptz)
language sql
rows 1
set search_path = ''
as $$
  update public.app_sessions s set
    expires_at = greatest(s.expires_at, least(p_expires_at, coalesce(s.renewable_until, s.expires_at))),
    last_activity_at = greatest(s.last_activity_at, p_active_at)
  where s.id = p_id and s.expires_at > p_now
    and coalesce(greatest(s.last_activity_at, p_active_at) + s.idle_timeout > p_now, true)
    and not public.app_session_was_ended(s.client_id, s.started_order)
  returning s.expires_at;
$$;

-- The caller may have seen the session active later than the row says: that is written up to a second late.
drop function public.end_idle_app_session(uuid, timestamptz);

create function public.end_idle_app_session(p_id uuid, p_now timestamptz, p_active_at timestamptz default null)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  -- Locked first: a touch under way is seen, and none can come between.
  perform from public.app_sessions s
  where s.id = p_id and greatest(s.last_activity_at, p_active_at) + s.idle_timeout <= p_now
  for update;
  return case when found then public.end_app_sessions(array[p_id], 'idle') else 0 end;
end;
$$;

comment on function public.end_idle_app_session is
  'Ends a session if its idle limit has run out for a caller who saw it active at p_active_at. Returns 1 if it did, else 0.';

-- As before, and the numbers too.
create or replace function public.set_app_session_cutoffs(p_client_ids uuid[], p_user_id text, p_until timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_order constant bigint := nextval('public.app_session_order');
begin
  insert into public.app_session_cutoffs as k (client_id, user_id, ended_at, ended_order)
  select c, p_user_id, p_until, v_order from unnest(p_client_ids) c
  on conflict (client_id, user_id) do update set
    ended_at = greatest(k.ended_at, excluded.ended_at),
    ended_order = greatest(k.ended_order, excluded.ended_order);
  if p_user_id = '' then
    update public.clients c set sessions_ended_order = v_order where c.id = any (p_client_ids);
  end if;
end;
$$;

comment on function public.set_app_session_cutoffs is
  'Sessions that began before, and sign-ins under way, are over: of a user, or ('''') of all of a client. p_until is for '
  'instances of the version before.';

-- A million rows take half a minute to delete. Of a client, or of all, the first step makes every session end at once; rows are
-- deleted in batches, each in a transaction of its own, in the order of their ids.
create function public.end_app_session_batch(
  p_client_id uuid, p_user_id text, p_except uuid, p_reason text, p_order bigint default null, p_after uuid default null,
  p_batch integer default 1000
)
returns table (ended integer, ended_order bigint, last_id uuid)
language plpgsql
rows 1
set search_path = ''
as $$
declare
  v_client_ids uuid[];
  v_ids uuid[];
begin
  ended_order := p_order;
  if ended_order is null then
    -- A user's sign-ins wait for the lock of the user; those of a client, or of all, for the client's row.
    if p_user_id is not null then
      perform from public.clients c where c.id = p_client_id for share;
      v_client_ids := case when found then array[p_client_id] else '{}' end;
      perform public.lock_app_session_user(p_client_id, p_user_id);
    else
      v_client_ids := array(
        select c.id from public.clients c where p_client_id is null or c.id = p_client_id order by c.id for no key update
      );
    end if;
    perform public.set_app_session_cutoffs(v_client_ids, coalesce(p_user_id, ''), clock_timestamp());
    ended_order := nextval('public.app_session_order');
  end if;

  if p_client_id is null then
    v_ids := array(
      select s.id from public.app_sessions s
      where (p_after is null or s.id > p_after) and s.started_order < ended_order order by s.id limit p_batch
    );
  elsif p_user_id is null then
    v_ids := array(
      select s.id from public.app_sessions s
      where s.client_id = p_client_id and (p_after is null or s.id > p_after) and s.started_order < ended_order
      order by s.id limit p_batch
    );
  else
    v_ids := array(
      select s.id from public.app_sessions s
      where s.client_id = p_client_id and s.user_id = p_user_id and s.id is distinct from p_except
        and (p_after is null or s.id > p_after) and s.started_order < ended_order
      order by s.id limit p_batch
    );
  end if;
  ended := public.end_app_sessions(v_ids, p_reason);
  last_id := case when cardinality(v_ids) = p_batch then v_ids[p_batch] end;
  return next;
end;
$$;

comment on function public.end_app_session_batch is
  'Ends sessions of a user at a client but one, of a client, or (client null) of all, and sign-ins under way: at most p_batch '
  'rows. Where last_id is not null there may be more: to be called again with ended_order and last_id.';

create function public.begin_client_uninstall(p_tenant_id text)
returns table (client_id uuid, ended integer, ended_order bigint, last_id uuid)
language plpgsql
rows 1
set search_path = ''
as $$
begin
  update public.clients c set uninstalled_at = coalesce(c.uninstalled_at, now())
  where c.tenant_id = p_tenant_id
  returning c.id into client_id;
  if client_id is null then
    return;
  end if;

  select b.ended, b.ended_order, b.last_id into ended, ended_order, last_id
  from public.end_app_session_batch(client_id, null, null, 'uninstalled') b;
  return next;
end;
$$;

comment on function public.begin_client_uninstall is
  'Soft-deletes the client, which ends every session of it at once, and deletes the first of them; end_app_session_batch goes '
  'on from there. No row for an unknown tenant.';

-- Called by instances of the version before.
create or replace function public.uninstall_client(p_tenant_id text)
returns integer
language sql
set search_path = ''
as $$
  select coalesce((select u.ended from public.begin_client_uninstall(p_tenant_id) u), 0);
$$;

-- An install does not say which role the one who pressed the button has: the role that is known stays.
drop function public.remember_staff_member(uuid, text, text, text, text, timestamptz);

create function public.remember_staff_member(
  p_client_id uuid, p_user_id text, p_name text, p_email text, p_role text, p_verified_at timestamptz,
  p_is_role_known boolean default true
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_batch constant integer := 10;
begin
  delete from public.staff_members s
  where p_email is null and s.client_id = p_client_id and s.user_id = p_user_id and s.verified_at <= p_verified_at;

  insert into public.staff_members as s (client_id, user_id, name, email, role, verified_at)
  select c.id, p_user_id, p_name, p_email, p_role, p_verified_at
  from public.clients c
  where p_email is not null and c.id = p_client_id and c.uninstalled_at is null
  on conflict (client_id, user_id) do update set
    name = excluded.name, email = excluded.email, verified_at = excluded.verified_at,
    role = case when p_is_role_known then excluded.role else s.role end
  where s.verified_at <= excluded.verified_at;

  -- Waits for nobody, and comes last, so that two of these cannot wait for each other.
  delete from public.staff_members s
  where (s.client_id, s.user_id) in (
    select o.client_id, o.user_id from public.staff_members o
    where o.verified_at < now() - interval '1 year'
    order by o.verified_at
    limit v_batch
    for update skip locked
  );
end;
$$;

comment on function public.remember_staff_member is
  'Keeps the staff member whom Commerce7 verified last; of two answers about one person the later counts, whichever comes first. '
  'Staff without an address are not kept. Takes away a few that are a year old.';
