-- Whom Commerce7 vouched for, and at which address a link may reach them who wants to sign in outside the admin.
create table public.staff_members (
  client_id uuid not null,
  user_id text not null,
  name text not null,
  email text not null,
  role text,
  verified_at timestamptz not null,
  constraint staff_members_pkey primary key (client_id, user_id),
  constraint staff_members_client_id_fkey foreign key (client_id) references public.clients (id) on delete cascade
);

comment on table public.staff_members is
  'Personal data, kept for one purpose: links by which staff sign in outside the admin. Deleted a year after Commerce7 '
  'last vouched for them, when they have no address any more, and with their client.';
comment on column public.staff_members.user_id is 'Commerce7''s id of the account.';
comment on column public.staff_members.email is 'As Commerce7 wrote it; found whatever the case of its letters.';
comment on column public.staff_members.role is 'Commerce7''s name for it; null where it told none.';
comment on column public.staff_members.verified_at is 'When Commerce7 last vouched for them.';

-- "C": only A to Z have a lower case. Elsewhere letters that look alike (K and the Kelvin sign) would be one address.
create index staff_members_lower_email_idx on public.staff_members (lower(email collate "C"));
create index staff_members_verified_at_idx on public.staff_members (verified_at);

alter table public.staff_members enable row level security;

create function public.remember_staff_member(
  p_client_id uuid, p_user_id text, p_name text, p_email text, p_role text, p_verified_at timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_bite constant integer := 10;
begin
  delete from public.staff_members s
  where p_email is null and s.client_id = p_client_id and s.user_id = p_user_id and s.verified_at <= p_verified_at;

  insert into public.staff_members as s (client_id, user_id, name, email, role, verified_at)
  select c.id, p_user_id, p_name, p_email, p_role, p_verified_at
  from public.clients c
  where p_email is not null and c.id = p_client_id and c.uninstalled_at is null
  on conflict (client_id, user_id) do update set
    name = excluded.name, email = excluded.email, role = excluded.role, verified_at = excluded.verified_at
  where s.verified_at <= excluded.verified_at;

  -- Waits for nobody, and comes last, so that two of these cannot wait for each other.
  delete from public.staff_members s
  where (s.client_id, s.user_id) in (
    select o.client_id, o.user_id from public.staff_members o
    where o.verified_at < now() - interval '1 year'
    order by o.verified_at
    limit v_bite
    for update skip locked
  );
end;
$$;

comment on function public.remember_staff_member is
  'Keeps for whom Commerce7 vouched last; of two answers about one person the later counts, whichever comes first. '
  'Whoever has no address is not kept. Takes away a few that are a year old.';

create function public.find_staff_members(p_email text, p_since timestamptz)
returns table (client_id uuid, tenant_id text, user_id text, name text, email text, role text)
language sql
stable
set search_path = ''
as $$
  select f.client_id, f.tenant_id, f.user_id, f.name, f.email, f.role
  from (
    select distinct on (c.id)
      c.id as client_id, c.tenant_id, s.user_id, s.name, s.email, s.role, s.verified_at
    from public.staff_members s join public.clients c on c.id = s.client_id
    where lower(s.email collate "C") = lower(p_email collate "C")
      and s.verified_at >= p_since
      and c.uninstalled_at is null
      -- The app's moments are whole milliseconds, and an install vouches for who pressed the button.
      and s.verified_at >= date_trunc('milliseconds', c.installed_at)
    order by c.id, s.verified_at desc
  ) f
  order by f.verified_at desc, f.tenant_id;
$$;

comment on function public.find_staff_members is
  'Staff of installed clients with this address, for whom Commerce7 vouched at p_since or later, and since the client was '
  'installed; of two accounts of one client with the same address the later one. The latest first.';

-- As 20261121000006: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.remember_staff_member(uuid, text, text, text, text, timestamptz)',
    'public.find_staff_members(text, timestamptz)'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.staff_members from %s', v_role);
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.staff_members to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
