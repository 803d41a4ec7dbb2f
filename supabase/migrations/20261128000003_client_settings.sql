-- Two administrators saved different fields, and the second save took the first one's back: each wrote every field as their page had
-- it. Now a change names the fields that changed, and what the page showed there.
create function public.change_client_settings(p_client_id uuid, p_changes jsonb, p_shown jsonb)
returns table (client json, conflicts text[])
language plpgsql
rows 1
set search_path = ''
as $$
declare
  v_client public.clients;
  v_now jsonb;
begin
  select c.* into v_client from public.clients c
  where c.id = p_client_id and c.uninstalled_at is null
  for no key update;
  if not found then
    return;
  end if;

  v_now := to_jsonb(v_client);
  conflicts := array(
    select k from jsonb_object_keys(p_changes) k
    where v_now -> k is distinct from p_shown -> k and v_now -> k is distinct from p_changes -> k
    order by k
  );
  if cardinality(conflicts) = 0 then
    v_client := jsonb_populate_record(v_client, p_changes);
    update public.clients c set
      contact_email = v_client.contact_email,
      default_theme = v_client.default_theme,
      session_max_age_seconds = v_client.session_max_age_seconds,
      session_idle_timeout_seconds = v_client.session_idle_timeout_seconds,
      session_renewal_limit_seconds = v_client.session_renewal_limit_seconds,
      session_max_per_user = v_client.session_max_per_user,
      session_at_limit = v_client.session_at_limit
    where c.id = p_client_id;
  end if;
  client := row_to_json(v_client);
  return next;
end;
$$;

comment on function public.change_client_settings is
  'The settings page: saves the fields in p_changes, unless one of them is neither as p_shown has it nor as it is to be: those are '
  'the conflicts, and nothing is saved then. The client as it is now; no row when it is not installed.';

-- The webhook of an install makes a session that no browser has: Commerce7's server gets its cookie. What users see counts it from
-- its first use on.
create or replace function public.client_app_session_stats(p_client_id uuid, p_now timestamptz)
returns table (open_sessions integer, signed_in_users integer)
language sql
stable
rows 1
set search_path = ''
as $$
  select count(*)::integer, count(distinct s.user_id)::integer
  from public.app_sessions s
  join public.clients c on c.id = s.client_id and s.started_order >= c.sessions_ended_order
  where s.client_id = p_client_id and s.expires_at > p_now and coalesce(s.last_activity_at + s.idle_timeout > p_now, true)
    and (s.origin <> 'install' or s.last_activity_at > s.created_at);
$$;
