-- What Shopify's SessionStorage keeps: a session for each shop, and one for each person who opens the app there.
create table public.shopify_sessions (
  id text not null,
  shop text not null,
  is_online boolean not null,
  expires_at timestamptz,
  access_token text,
  refresh_token text,
  session text not null,
  key_id text not null,
  place bigint not null generated always as identity,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint shopify_sessions_pkey primary key (id),
  constraint shopify_sessions_id_length check (length(id) <= 512),
  constraint shopify_sessions_shop_length check (length(shop) <= 512),
  -- Five parts with an empty second one: JWE under a key that is agreed upon. A token in clear cannot be stored.
  constraint shopify_sessions_access_token_is_sealed check (access_token ~ '^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$'),
  constraint shopify_sessions_refresh_token_is_sealed check (refresh_token ~ '^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$'),
  constraint shopify_sessions_session_is_sealed check (session ~ '^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$')
);

create index shopify_sessions_shop_idx on public.shopify_sessions (shop, place);
create index shopify_sessions_over_idx on public.shopify_sessions (expires_at) where is_online and refresh_token is null;

comment on table public.shopify_sessions is 'Sessions as Shopify''s libraries keep them. Tokens and persons are sealed.';
comment on column public.shopify_sessions.expires_at is 'A copy, for clean-up and for looking; the sealed one counts.';
comment on column public.shopify_sessions.access_token is 'Sealed for this shop, this id and this purpose. Null where there is none.';
comment on column public.shopify_sessions.refresh_token is 'Likewise.';
comment on column public.shopify_sessions.session is
  'All other properties, sealed: the person, the OAuth state, and what later versions of Shopify''s library will add.';
comment on column public.shopify_sessions.key_id is 'Which of TOKEN_ENCRYPTION_KEYS sealed the row.';
comment on column public.shopify_sessions.place is 'The order in which a shop''s sessions came.';

alter table public.shopify_sessions enable row level security;

create function public.store_shopify_session(
  p_id text, p_shop text, p_is_online boolean, p_expires_ms double precision, p_access_token text, p_refresh_token text,
  p_session text, p_key_id text
)
returns void
language sql
set search_path = ''
as $$
  insert into public.shopify_sessions as s (
    id, shop, is_online, expires_at, access_token, refresh_token, session, key_id
  )
  values (
    p_id, p_shop, p_is_online, to_timestamp(p_expires_ms / 1000), p_access_token, p_refresh_token, p_session, p_key_id
  )
  on conflict (id) do update set
    shop = excluded.shop, is_online = excluded.is_online, expires_at = excluded.expires_at,
    access_token = excluded.access_token, refresh_token = excluded.refresh_token, session = excluded.session,
    key_id = excluded.key_id, updated_at = excluded.updated_at;

  -- After the row of its own, and waiting for nobody: two of these cannot wait for each other.
  delete from public.shopify_sessions s
  where s.id in (
    select o.id from public.shopify_sessions o
    where o.is_online and o.refresh_token is null
      and o.expires_at < now() - interval '30 days' and o.updated_at < now() - interval '30 days'
    order by o.expires_at
    limit 10
    for update skip locked
  );
$$;

comment on function public.store_shopify_session is
  'Keeps a session as it is given, whole, new or in place of the one with this id. Takes away up to ten of persons whose '
  'token expired 30 days ago and cannot be refreshed.';

create function public.find_shopify_session(p_id text)
returns table (id text, shop text, access_token text, refresh_token text, session text)
language sql
stable
set search_path = ''
as $$
  select s.id, s.shop, s.access_token, s.refresh_token, s.session from public.shopify_sessions s where s.id = p_id;
$$;

comment on function public.find_shopify_session is 'A session, sealed.';

-- One row with all of them, since PostgREST may cut a list of rows short.
create function public.find_shopify_sessions_of_shop(p_shop text)
returns table (sessions jsonb)
language sql
stable
set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'id', s.id, 'shop', s.shop, 'access_token', s.access_token, 'refresh_token', s.refresh_token, 'session', s.session
      )
      order by s.place
    ),
    '[]'
  )
  from public.shopify_sessions s
  where s.shop = p_shop;
$$;

comment on function public.find_shopify_sessions_of_shop is 'All sessions of a shop, sealed, in the order in which they came.';

create function public.delete_shopify_sessions(p_ids text[])
returns integer
language sql
set search_path = ''
as $$
  -- Locked in one order, so that two of these cannot wait for each other.
  with doomed as (
    select s.id from public.shopify_sessions s where s.id = any (p_ids) order by s.id for update
  ),
  deleted as (
    delete from public.shopify_sessions s using doomed d where s.id = d.id returning 1
  )
  select count(*)::integer from deleted;
$$;

comment on function public.delete_shopify_sessions is 'Deletes these sessions. Returns how many there were.';

create function public.list_shopify_sessions_to_rekey(p_key_id text, p_after text, p_limit integer)
returns table (id text, shop text, access_token text, refresh_token text, session text)
language sql
stable
set search_path = ''
as $$
  select s.id, s.shop, s.access_token, s.refresh_token, s.session
  from public.shopify_sessions s
  where s.key_id <> p_key_id and (p_after is null or s.id > p_after)
  order by s.id
  limit p_limit;
$$;

comment on function public.list_shopify_sessions_to_rekey is 'Sessions that another key sealed, by id, from behind p_after on.';

create function public.rekey_shopify_session(
  p_id text, p_seen text, p_access_token text, p_refresh_token text, p_session text, p_key_id text
)
returns boolean
language sql
set search_path = ''
as $$
  with rekeyed as (
    update public.shopify_sessions s
    set access_token = p_access_token, refresh_token = p_refresh_token, session = p_session, key_id = p_key_id
    where s.id = p_id and s.session = p_seen
    returning 1
  )
  select exists (select from rekeyed);
$$;

comment on function public.rekey_shopify_session is
  'Puts the same, sealed anew, in place of what was seen: p_seen is the sealed session, of which no two are alike. Returns '
  'whether it did; a session that was stored or deleted meanwhile stays as it is.';

create function public.count_shopify_session_keys()
returns table (key_id text, sessions bigint)
language sql
stable
set search_path = ''
as $$
  select s.key_id, count(*) from public.shopify_sessions s group by s.key_id order by s.key_id;
$$;

comment on function public.count_shopify_session_keys is 'How many sessions each key sealed.';

-- As 20261122000002: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.store_shopify_session(text, text, boolean, double precision, text, text, text, text)',
    'public.find_shopify_session(text)',
    'public.find_shopify_sessions_of_shop(text)',
    'public.delete_shopify_sessions(text[])',
    'public.list_shopify_sessions_to_rekey(text, text, integer)',
    'public.rekey_shopify_session(text, text, text, text, text, text)',
    'public.count_shopify_session_keys()'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.shopify_sessions from %s', v_role);
    execute format('revoke all on sequence public.shopify_sessions_place_seq from %s', v_role);
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.shopify_sessions to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
