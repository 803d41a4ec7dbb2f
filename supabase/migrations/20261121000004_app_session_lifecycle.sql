drop function public.create_app_session(
  uuid, uuid, text, text, text, text, text, jsonb, timestamptz, timestamptz, uuid
);

create function public.create_app_session(
  p_id uuid, p_client_id uuid, p_secret_hash text, p_user_id text, p_user_name text, p_user_email text,
  p_user_role text, p_data jsonb, p_created_at timestamptz, p_expires_at timestamptz, p_replaces uuid,
  p_origin text default 'open', p_device text default null, p_renewable_until timestamptz default null,
  p_max_age_seconds integer default null, p_idle_timeout_seconds integer default 0,
  p_max_sessions integer default 0, p_at_limit text default 'end-oldest'
)
returns table (outcome text, tenant_id text)
language plpgsql
set search_path = ''
as $$
declare
  v_other_rights uuid[];
  v_used uuid[];
  v_unused uuid[];
  v_too_many uuid[] := '{}';
begin
  -- The share lock makes a sign-in and an uninstall exclude each other: whichever comes second sees the first.
  select c.tenant_id into tenant_id
  from public.clients c
  where c.id = p_client_id and c.uninstalled_at is null
  for share;
  if not found then
    return;
  end if;
  perform public.lock_app_session_user(p_client_id, p_user_id);

  if exists (
    select from public.app_session_cutoffs k
    where k.client_id = p_client_id and k.user_id in ('', p_user_id) and k.ended_at >= p_created_at
  ) then
    outcome := 'overtaken';
    return next;
    return;
  end if;

  -- Before anything ends: the one that has it might be among those that this one takes the place of.
  if exists (select from public.app_sessions s where s.id = p_id) then
    raise unique_violation using message = format('session id %s is in use', p_id);
  end if;

  -- The user's other sessions, the oldest first. One that an install made and nobody used counts for no limit.
  select
    coalesce(array_agg(o.id) filter (where o.other_rights), '{}'),
    coalesce(array_agg(o.id order by o.created_at, o.id) filter (where not o.other_rights and not o.unused), '{}'),
    coalesce(array_agg(o.id order by o.created_at, o.id) filter (where not o.other_rights and o.unused), '{}')
  into v_other_rights, v_used, v_unused
  from (
    select s.id, s.created_at, coalesce(s.user_role <> p_user_role, false) as other_rights,
      s.origin = 'install' and s.last_activity_at = s.created_at as unused
    from public.app_sessions s
    where s.client_id = p_client_id and s.user_id = p_user_id and s.id is distinct from p_replaces
      and s.expires_at > p_created_at and coalesce(s.last_activity_at + s.idle_timeout > p_created_at, true)
  ) o;

  if p_max_sessions > 0 then
    if p_at_limit = 'refuse-new' and cardinality(v_used) >= p_max_sessions then
      outcome := 'limit';
      return next;
      return;
    end if;
    v_too_many := (v_unused || v_used)[1 : cardinality(v_unused || v_used) - p_max_sessions + 1];
  end if;

  -- All at once and in order, before they end for different reasons.
  perform from public.app_sessions s
  where s.id = any (v_other_rights || v_too_many || p_replaces)
  order by s.id
  for update;
  perform public.end_app_sessions(array[p_replaces], 'replaced');
  perform public.end_app_sessions(v_other_rights, 'rights_changed');
  perform public.end_app_sessions(v_too_many, 'limit');

  insert into public.app_sessions (
    id, client_id, secret_hash, user_id, user_name, user_email, user_role, data, created_at, expires_at,
    last_activity_at, origin, device, renewable_until, max_age_seconds, idle_timeout
  ) values (
    p_id, p_client_id, decode(p_secret_hash, 'hex'), p_user_id, p_user_name, p_user_email, p_user_role, p_data,
    p_created_at, p_expires_at, p_created_at, p_origin, p_device, p_renewable_until, p_max_age_seconds,
    nullif(p_idle_timeout_seconds, 0) * interval '1 second'
  );
  insert into public.app_session_events (event, session_id, client_id, user_id, user_name, device)
  values ('started', p_id, p_client_id, p_user_id, p_user_name, p_device);
  outcome := 'started';
  return next;
end;
$$;

comment on function public.create_app_session is
  'Starts a session and ends those it takes the place of. Outcome started, limit or overtaken; no row when the client is '
  'not installed; an id in use is an error.';

drop function public.find_app_session(uuid);

create function public.find_app_session(p_id uuid)
returns table (
  id uuid, client_id uuid, tenant_id text, secret_hash text, user_id text, user_name text, user_email text,
  user_role text, data jsonb, created_at timestamptz, expires_at timestamptz, last_activity_at timestamptz,
  origin text, device text, revision bigint, previous_secret_hash text, previous_secret_until timestamptz,
  renewable_until timestamptz, max_age_seconds integer, idle_timeout_seconds integer
)
language sql
stable
set search_path = ''
as $$
  select s.id, s.client_id, c.tenant_id, encode(s.secret_hash, 'hex'), s.user_id, s.user_name, s.user_email,
    s.user_role, s.data, s.created_at, s.expires_at, s.last_activity_at,
    s.origin, s.device, s.revision, encode(s.previous_secret_hash, 'hex'), s.previous_secret_until,
    s.renewable_until, s.max_age_seconds, extract(epoch from s.idle_timeout)::integer
  from public.app_sessions s
  join public.clients c on c.id = s.client_id and c.uninstalled_at is null
  where s.id = p_id;
$$;

comment on function public.find_app_session is
  'The row whether live or not: the app''s clock decides validity, the database''s decides deletion.';

create or replace function public.touch_app_sessions(p_ids uuid[], p_times timestamptz[])
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
    where s.last_activity_at < n.at and s.expires_at > n.at and coalesce(s.last_activity_at + s.idle_timeout > n.at, true)
    order by s.id
    for no key update of s
  ), touched as (
    update public.app_sessions s set last_activity_at = l.at from live l where s.id = l.id returning 1
  )
  select count(*)::integer from touched;
$$;

comment on function public.touch_app_sessions is
  'Moves last_activity_at of sessions that were live at that moment forward, never back. Returns how many moved.';

drop function public.save_app_session_data(uuid, timestamptz, jsonb, text[]);

create function public.save_app_session_data(
  p_id uuid, p_now timestamptz, p_set jsonb, p_unset text[], p_overwrite text[] default '{}',
  p_revision bigint default null, p_max_bytes integer default null, p_active_at timestamptz default null
)
returns table (outcome text, data jsonb, revision bigint, conflicts text[], bytes integer)
language plpgsql
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

comment on function public.save_app_session_data is
  'Merges the keys that changed. Outcome conflict where one that p_overwrite does not name changed after p_revision, '
  'too-large beyond p_max_bytes, else saved; no row when the session is over.';

create function public.rotate_app_session(
  p_id uuid, p_now timestamptz, p_active_at timestamptz, p_from text, p_to text, p_grace_until timestamptz,
  p_user_role text
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
      user_role = coalesce(p_user_role, s.user_role),
      last_activity_at = greatest(s.last_activity_at, p_active_at)
    where s.id = p_id and s.secret_hash = decode(p_from, 'hex') and s.expires_at > p_now
      and coalesce(greatest(s.last_activity_at, p_active_at) + s.idle_timeout > p_now, true)
    returning s.*
  )
  insert into public.app_session_events (event, session_id, client_id, user_id, user_name, device)
  select 'rotated', r.id, r.client_id, r.user_id, r.user_name, r.device from rotated r;
  get diagnostics v_rotated = row_count;
  return v_rotated;
end;
$$;

comment on function public.rotate_app_session is
  'Replaces the secret, if p_from is still the one. Returns 1, or 0 when it is not or the session is over.';

create function public.renew_app_session(
  p_id uuid, p_now timestamptz, p_active_at timestamptz, p_expires_at timestamptz
)
returns table (expires_at timestamptz)
language sql
set search_path = ''
as $$
  update public.app_sessions s set
    expires_at = greatest(s.expires_at, least(p_expires_at, coalesce(s.renewable_until, s.expires_at))),
    last_activity_at = greatest(s.last_activity_at, p_active_at)
  where s.id = p_id and s.expires_at > p_now
    and coalesce(greatest(s.last_activity_at, p_active_at) + s.idle_timeout > p_now, true)
  returning s.expires_at;
$$;

comment on function public.renew_app_session is
  'Moves the end forward, within renewable_until. No row when the session is over.';
