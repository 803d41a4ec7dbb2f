-- What a winery may set for its sessions, beside their lifetime. Null takes the app's default; 0 turns a limit off.
alter table public.clients
  add column session_idle_timeout_seconds integer,
  add column session_renewal_limit_seconds integer,
  add column session_max_per_user integer,
  add column session_at_limit text,
  add constraint clients_session_idle_timeout_bounds
    check (session_idle_timeout_seconds = 0 or session_idle_timeout_seconds between 300 and 86400),
  add constraint clients_session_renewal_limit_bounds
    check (session_renewal_limit_seconds = 0 or session_renewal_limit_seconds between 3600 and 2592000),
  add constraint clients_session_max_per_user_bounds check (session_max_per_user between 0 and 100),
  add constraint clients_session_at_limit_known check (session_at_limit in ('end-oldest', 'refuse-new'));

comment on column public.clients.session_idle_timeout_seconds is 'A session that was not used for so long ends.';
comment on column public.clients.session_renewal_limit_seconds is 'With use a session is renewed, up to this age.';
comment on column public.clients.session_max_per_user is 'How many sessions one person may have.';
comment on column public.clients.session_at_limit is 'What happens when somebody who has that many signs in.';

drop function public.save_client_settings(uuid, text, text, integer);

create function public.save_client_settings(
  p_client_id uuid, p_contact_email text, p_default_theme text, p_session_max_age_seconds integer,
  p_session_idle_timeout_seconds integer default null, p_session_renewal_limit_seconds integer default null,
  p_session_max_per_user integer default null, p_session_at_limit text default null
)
returns setof public.clients
language sql
set search_path = ''
as $$
  update public.clients c set
    contact_email = p_contact_email,
    default_theme = p_default_theme,
    session_max_age_seconds = p_session_max_age_seconds,
    session_idle_timeout_seconds = p_session_idle_timeout_seconds,
    session_renewal_limit_seconds = p_session_renewal_limit_seconds,
    session_max_per_user = p_session_max_per_user,
    session_at_limit = p_session_at_limit
  where c.id = p_client_id and c.uninstalled_at is null
  returning c.*;
$$;

comment on function public.save_client_settings is 'The settings page. No row when the client is not installed.';
