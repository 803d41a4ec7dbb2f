-- The wineries that installed Libero. Uninstalling is a soft delete; a second install reactivates the row.
create table public.clients (
  id uuid not null default gen_random_uuid(),
  tenant_id text not null,
  installed_at timestamptz not null default now(),
  uninstalled_at timestamptz,
  install_settings jsonb not null default '{}',
  contact_email text,
  default_theme text,
  session_max_age_seconds integer,
  constraint clients_pkey primary key (id),
  constraint clients_tenant_id_key unique (tenant_id),
  constraint clients_tenant_id_is_slug check (tenant_id ~ '^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$'),
  constraint clients_install_settings_is_object check (jsonb_typeof(install_settings) = 'object'),
  constraint clients_contact_email_length check (length(contact_email) <= 254),
  constraint clients_default_theme_known check (default_theme in ('light', 'dark')),
  constraint clients_session_max_age_bounds check (session_max_age_seconds between 900 and 86400)
);

comment on table public.clients is 'Wineries (Commerce7 tenants) that installed the app.';
comment on column public.clients.tenant_id is 'Commerce7 tenant: the first label of its admin host.';
comment on column public.clients.uninstalled_at is 'Null while installed. Set by the uninstall webhook.';
comment on column public.clients.install_settings is 'What the merchant typed in the install form, as Commerce7 sent it.';
comment on column public.clients.default_theme is 'Theme where Commerce7 names none; null follows the browser.';
comment on column public.clients.session_max_age_seconds is 'Absolute lifetime of new sessions; null takes the app''s default.';

alter table public.clients enable row level security;

create function public.install_client(p_tenant_id text, p_install_settings jsonb, p_contact_email text)
returns setof public.clients
language sql
set search_path = ''
as $$
  insert into public.clients as c (tenant_id, install_settings, contact_email)
  values (p_tenant_id, p_install_settings, p_contact_email)
  on conflict (tenant_id) do update set
    installed_at = case when c.uninstalled_at is null then c.installed_at else now() end,
    uninstalled_at = null,
    install_settings = excluded.install_settings,
    contact_email = coalesce(c.contact_email, excluded.contact_email)
  returning c.*;
$$;

comment on function public.install_client is
  'Creates the client, or reactivates it. Settings made in the app survive a second install.';

create function public.find_client(p_tenant_id text)
returns setof public.clients
language sql
stable
set search_path = ''
as $$
  select c.* from public.clients c where c.tenant_id = p_tenant_id and c.uninstalled_at is null;
$$;

comment on function public.find_client is 'The installed client of a tenant, or no row.';

create function public.find_client_by_id(p_client_id uuid)
returns setof public.clients
language sql
stable
set search_path = ''
as $$
  select c.* from public.clients c where c.id = p_client_id and c.uninstalled_at is null;
$$;

comment on function public.find_client_by_id is 'The installed client with this id, or no row.';

create function public.save_client_settings(
  p_client_id uuid, p_contact_email text, p_default_theme text, p_session_max_age_seconds integer
)
returns setof public.clients
language sql
set search_path = ''
as $$
  update public.clients c set
    contact_email = p_contact_email,
    default_theme = p_default_theme,
    session_max_age_seconds = p_session_max_age_seconds
  where c.id = p_client_id and c.uninstalled_at is null
  returning c.*;
$$;

comment on function public.save_client_settings is 'The settings page. No row when the client is not installed.';
