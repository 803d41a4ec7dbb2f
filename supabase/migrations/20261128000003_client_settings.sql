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
