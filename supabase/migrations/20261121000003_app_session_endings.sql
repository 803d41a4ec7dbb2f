-- Every way in which the app ends sessions. Rows are always locked in the order of their ids, so that two of these,
-- or one of these and a batch of touches, cannot deadlock. What several sessions share is locked before them: the
-- client's row, then the user.
create function public.end_app_sessions(p_ids uuid[], p_reason text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ended integer;
begin
  perform set_config('libero.end_reason', p_reason, true);
  with doomed as (
    select s.id from public.app_sessions s where s.id = any (p_ids) order by s.id for update
  )
  delete from public.app_sessions s using doomed d where s.id = d.id;
  get diagnostics v_ended = row_count;
  perform set_config('libero.end_reason', '', true);
  return v_ended;
end;
$$;

comment on function public.end_app_sessions is 'Ends these sessions. Returns how many there were.';

drop function public.end_app_session(uuid);

create function public.end_app_session(p_id uuid, p_reason text default 'signed_out')
returns integer
language sql
set search_path = ''
as $$
  select public.end_app_sessions(array[p_id], p_reason);
$$;

comment on function public.end_app_session is 'Ends one session. Returns 1, or 0 when there was none.';

create function public.end_idle_app_session(p_id uuid, p_now timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  -- Locked first: a touch under way is seen, and none can come between.
  perform from public.app_sessions s
  where s.id = p_id and s.last_activity_at + s.idle_timeout <= p_now
  for update;
  return case when found then public.end_app_sessions(array[p_id], 'idle') else 0 end;
end;
$$;

comment on function public.end_idle_app_session is 'Ends a session if its idle limit has run out. Returns 1 if it did, else 0.';

create function public.lock_app_session_user(p_client_id uuid, p_user_id text)
returns void
language sql
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(p_client_id::text || ' ' || p_user_id, 0));
$$;

comment on function public.lock_app_session_user is
  'Until the end of the transaction, sign-ins of one user and "end all" of that user come one after the other.';

create function public.set_app_session_cutoffs(p_client_ids uuid[], p_user_id text, p_until timestamptz)
returns void
language sql
set search_path = ''
as $$
  insert into public.app_session_cutoffs as k (client_id, user_id, ended_at)
  select c, p_user_id, p_until from unnest(p_client_ids) c
  on conflict (client_id, user_id) do update set ended_at = greatest(k.ended_at, excluded.ended_at);
$$;

comment on function public.set_app_session_cutoffs is
  'Sign-ins that began until p_until, and are still under way, will be refused. The user '''' stands for all of the client.';

create function public.end_user_app_sessions(
  p_client_id uuid, p_user_id text, p_except uuid, p_reason text, p_now timestamptz
)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  perform from public.clients c where c.id = p_client_id for share;
  if not found then
    return 0;
  end if;
  perform public.lock_app_session_user(p_client_id, p_user_id);

  perform public.set_app_session_cutoffs(array[p_client_id], p_user_id, p_now);

  return public.end_app_sessions(
    array(
      select s.id from public.app_sessions s
      where s.client_id = p_client_id and s.user_id = p_user_id and s.id is distinct from p_except
    ),
    p_reason
  );
end;
$$;

comment on function public.end_user_app_sessions is
  'Ends all sessions of a user at a client but one, and sign-ins under way that began until p_now. Returns how many.';

create function public.end_client_app_sessions(p_client_id uuid, p_reason text, p_now timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  -- Excludes sign-ins, which share this lock.
  perform from public.clients c where c.id = p_client_id for no key update;
  if not found then
    return 0;
  end if;

  perform public.set_app_session_cutoffs(array[p_client_id], '', p_now);

  return public.end_app_sessions(
    array(select s.id from public.app_sessions s where s.client_id = p_client_id), p_reason
  );
end;
$$;

comment on function public.end_client_app_sessions is
  'Ends all sessions of a client, and sign-ins under way that began until p_now. Returns how many.';

create function public.end_all_app_sessions(p_reason text, p_now timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_client_ids constant uuid[] := array(select c.id from public.clients c order by c.id for no key update);
begin
  perform public.set_app_session_cutoffs(v_client_ids, '', p_now);

  return public.end_app_sessions(array(select s.id from public.app_sessions s), p_reason);
end;
$$;

comment on function public.end_all_app_sessions is 'Ends every session there is. Returns how many.';

create or replace function public.uninstall_client(p_tenant_id text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_client_id uuid;
begin
  update public.clients c set uninstalled_at = coalesce(c.uninstalled_at, now())
  where c.tenant_id = p_tenant_id
  returning c.id into v_client_id;

  return public.end_app_sessions(
    array(select s.id from public.app_sessions s where s.client_id = v_client_id), 'uninstalled'
  );
end;
$$;
