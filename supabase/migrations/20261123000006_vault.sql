-- Tokens that other platforms gave us for a tenant, and who refreshes them. One row a grant. Whatever lasts is measured by
-- this database's clock, so that instances whose clocks differ see the same.
create table public.oauth_tokens (
  tenant text not null,
  provider text not null,
  account text not null,
  grant_id uuid not null default gen_random_uuid(),
  generation integer not null default 0,
  sealed text,
  key_id text,
  obtained_at timestamptz not null,
  expires_at timestamptz,
  lease integer not null default 0,
  leased_until timestamptz,
  interrupted boolean not null default false,
  failures integer not null default 0,
  failure text,
  misconfigured boolean not null default false,
  retry_at timestamptz,
  revoked_at timestamptz,
  constraint oauth_tokens_pkey primary key (tenant, provider, account),
  constraint oauth_tokens_grant_id_key unique (grant_id),
  constraint oauth_tokens_sealed_unless_revoked check (
    (sealed is null) = (revoked_at is not null) and (sealed is null) = (key_id is null)
  ),
  constraint oauth_tokens_generation_was_leased check (generation <= lease)
);

comment on table public.oauth_tokens is 'OAuth tokens by tenant, provider and account, sealed; one row a grant.';
comment on column public.oauth_tokens.grant_id is 'Another one for each grant that is kept: what was asked for another grant is never stored.';
comment on column public.oauth_tokens.generation is 'The lease under which the tokens came; 0: they were kept.';
comment on column public.oauth_tokens.sealed is 'Access and refresh token, type and scope, sealed for this row. Null once the grant is revoked.';
comment on column public.oauth_tokens.key_id is 'The key that sealed them, by its id.';
comment on column public.oauth_tokens.expires_at is 'End of the access token; null: the provider does not say.';
comment on column public.oauth_tokens.lease is 'Counts the refreshes that were begun. A result is stored only over one of a lesser lease.';
comment on column public.oauth_tokens.leased_until is 'Until then one instance is at it, and all others wait; null: nobody is.';
comment on column public.oauth_tokens.interrupted is 'A refresh was begun whose answer was never seen: the provider may have replaced the refresh token.';
comment on column public.oauth_tokens.failures is 'Refreshes that failed since the last one that did not.';
comment on column public.oauth_tokens.failure is 'Why the last one failed. Holds no token.';
comment on column public.oauth_tokens.misconfigured is 'The provider refuses our client, not the grant.';
comment on column public.oauth_tokens.retry_at is 'The provider is not asked before.';
comment on column public.oauth_tokens.revoked_at is 'Since when the provider takes the refresh token no more.';

alter table public.oauth_tokens enable row level security;

create function public.keep_oauth_tokens(
  p_tenant text, p_provider text, p_account text, p_sealed text, p_key_id text, p_expires_in_seconds integer
)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_uninstalled_at timestamptz;
begin
  -- An uninstall under way comes first, or finds the row. A tenant of another platform is no client.
  select c.uninstalled_at into v_uninstalled_at from public.clients c where c.tenant_id = p_tenant for share;
  if v_uninstalled_at is not null then
    return false;
  end if;

  insert into public.oauth_tokens as t (tenant, provider, account, sealed, key_id, obtained_at, expires_at)
  values (
    p_tenant, p_provider, p_account, p_sealed, p_key_id, v_now, v_now + p_expires_in_seconds * interval '1 second'
  )
  on conflict (tenant, provider, account) do update set
    grant_id = gen_random_uuid(),
    generation = 0,
    sealed = excluded.sealed,
    key_id = excluded.key_id,
    obtained_at = excluded.obtained_at,
    expires_at = excluded.expires_at,
    lease = 0,
    leased_until = null,
    interrupted = false,
    failures = 0,
    failure = null,
    misconfigured = false,
    retry_at = null,
    revoked_at = null;
  return true;
end;
$$;

comment on function public.keep_oauth_tokens is
  'Keeps the tokens of a new grant in place of what there was. Returns false where the tenant is a client that is uninstalled.';

create function public.find_oauth_tokens(p_tenant text, p_provider text, p_account text)
returns table (
  grant_id uuid, generation integer, sealed text, lifetime_ms double precision, expires_in_ms double precision,
  leased_for_ms double precision, interrupted boolean, failures integer, failure text, misconfigured boolean,
  retry_in_ms double precision
)
language sql
stable
set search_path = ''
as $$
  select t.grant_id, t.generation, t.sealed,
    (extract(epoch from t.expires_at - t.obtained_at) * 1000)::double precision,
    (extract(epoch from t.expires_at - clock_timestamp()) * 1000)::double precision,
    (extract(epoch from t.leased_until - clock_timestamp()) * 1000)::double precision,
    t.interrupted, t.failures, t.failure, t.misconfigured,
    (extract(epoch from t.retry_at - clock_timestamp()) * 1000)::double precision
  from public.oauth_tokens t
  where t.tenant = p_tenant and t.provider = p_provider and t.account = p_account;
$$;

comment on function public.find_oauth_tokens is 'A grant''s tokens, and how their refresh stands. No row where nothing is kept.';

create function public.begin_oauth_refresh(
  p_tenant text, p_provider text, p_account text, p_grant_id uuid, p_generation integer, p_failures integer,
  p_lease_ms integer
)
returns integer
language sql
set search_path = ''
as $$
  update public.oauth_tokens t set
    lease = t.lease + 1,
    leased_until = clock_timestamp() + p_lease_ms * interval '1 millisecond',
    interrupted = t.interrupted or t.leased_until is not null
  where t.tenant = p_tenant and t.provider = p_provider and t.account = p_account
    and (t.grant_id, t.generation, t.failures) = (p_grant_id, p_generation, p_failures)
    and t.revoked_at is null
    and (t.leased_until is null or t.leased_until <= clock_timestamp())
    and (t.retry_at is null or t.retry_at <= clock_timestamp())
  returning t.lease;
$$;

comment on function public.begin_oauth_refresh is
  'Takes the lease, if nobody has it and nothing happened since the caller looked. Returns its number, else null.';

create function public.complete_oauth_refresh(
  p_tenant text, p_provider text, p_account text, p_grant_id uuid, p_lease integer, p_sealed text,
  p_key_id text, p_expires_in_seconds integer, p_asked_ms_ago double precision
)
returns boolean
language sql
set search_path = ''
as $$
  with stored as (
    update public.oauth_tokens t set
      generation = p_lease,
      sealed = p_sealed,
      key_id = p_key_id,
      obtained_at = clock_timestamp() - p_asked_ms_ago * interval '1 millisecond',
      expires_at = clock_timestamp() - p_asked_ms_ago * interval '1 millisecond' + p_expires_in_seconds * interval '1 second',
      leased_until = null,
      interrupted = false,
      failures = 0,
      failure = null,
      misconfigured = false,
      retry_at = null,
      revoked_at = null
    where t.tenant = p_tenant and t.provider = p_provider and t.account = p_account
      and t.grant_id = p_grant_id and t.generation < p_lease
    returning 1
  )
  select exists (select from stored);
$$;

comment on function public.complete_oauth_refresh is
  'Stores what a refresh brought, however late, unless a later one, another grant or nothing is there. Returns whether it did.';

create function public.fail_oauth_refresh(
  p_tenant text, p_provider text, p_account text, p_grant_id uuid, p_generation integer, p_lease integer,
  p_failure text, p_misconfigured boolean, p_unanswered boolean, p_retry_ms integer
)
returns boolean
language sql
set search_path = ''
as $$
  with noted as (
    update public.oauth_tokens t set
      leased_until = null,
      interrupted = t.interrupted or p_unanswered,
      failures = t.failures + 1,
      failure = p_failure,
      misconfigured = p_misconfigured,
      retry_at = clock_timestamp() + p_retry_ms * interval '1 millisecond',
      revoked_at = case when p_retry_ms is null then clock_timestamp() end,
      sealed = case when p_retry_ms is null then null else t.sealed end,
      key_id = case when p_retry_ms is null then null else t.key_id end
    where t.tenant = p_tenant and t.provider = p_provider and t.account = p_account
      and (t.grant_id, t.generation, t.lease) = (p_grant_id, p_generation, p_lease)
      and t.leased_until is not null
    returning 1
  )
  select exists (select from noted);
$$;

comment on function public.fail_oauth_refresh is
  'Notes that a refresh of these very tokens failed, and when to try again; no time: the grant is revoked, and its tokens '
  'are deleted. Returns whether it was noted: not what comes from a lease that another has taken over.';

create function public.forget_oauth_tokens(p_tenant text, p_provider text default null, p_account text default null)
returns integer
language sql
set search_path = ''
as $$
  with forgotten as (
    delete from public.oauth_tokens t
    where t.tenant = p_tenant
      and (p_provider is null or t.provider = p_provider)
      and (p_account is null or t.account = p_account)
    returning 1
  )
  select count(*)::integer from forgotten;
$$;

comment on function public.forget_oauth_tokens is
  'Deletes a tenant''s tokens: all, those of one provider, or of one account there. Returns how many grants they were of.';

create function public.count_oauth_token_keys()
returns table (key_id text, grants bigint)
language sql
stable
set search_path = ''
as $$
  select t.key_id, count(*) from public.oauth_tokens t where t.key_id is not null group by t.key_id;
$$;

comment on function public.count_oauth_token_keys is 'How many grants'' tokens each key sealed.';

create function public.list_oauth_tokens_of_other_keys(p_key_id text, p_after uuid, p_limit integer)
returns table (grant_id uuid, tenant text, provider text, account text, sealed text)
language sql
stable
set search_path = ''
as $$
  select t.grant_id, t.tenant, t.provider, t.account, t.sealed
  from public.oauth_tokens t
  where t.key_id <> p_key_id and (p_after is null or t.grant_id > p_after)
  order by t.grant_id
  limit p_limit;
$$;

comment on function public.list_oauth_tokens_of_other_keys is
  'Tokens that another key than this one sealed, by grant, from behind p_after on.';

create function public.reseal_oauth_tokens(p_grant_id uuid, p_from text, p_to text, p_key_id text)
returns boolean
language sql
set search_path = ''
as $$
  with resealed as (
    update public.oauth_tokens t set sealed = p_to, key_id = p_key_id
    where t.grant_id = p_grant_id and t.sealed = p_from
    returning 1
  )
  select exists (select from resealed);
$$;

comment on function public.reseal_oauth_tokens is
  'Puts the same tokens, sealed anew, in place of what was read. Returns whether that was still there.';

-- A client that is uninstalled, by the app or by hand, leaves no tokens behind.
create function public.forget_oauth_tokens_of_client()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform public.forget_oauth_tokens(old.tenant_id);
  return null;
end;
$$;

create trigger clients_uninstalled_forget_oauth_tokens
  after update of uninstalled_at on public.clients
  for each row when (new.uninstalled_at is not null)
  execute function public.forget_oauth_tokens_of_client();

create trigger clients_deleted_forget_oauth_tokens
  after delete on public.clients
  for each row execute function public.forget_oauth_tokens_of_client();

-- As 20261122000002: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.keep_oauth_tokens(text, text, text, text, text, integer)',
    'public.find_oauth_tokens(text, text, text)',
    'public.begin_oauth_refresh(text, text, text, uuid, integer, integer, integer)',
    'public.complete_oauth_refresh(text, text, text, uuid, integer, text, text, integer, double precision)',
    'public.fail_oauth_refresh(text, text, text, uuid, integer, integer, text, boolean, boolean, integer)',
    'public.forget_oauth_tokens(text, text, text)',
    'public.count_oauth_token_keys()',
    'public.list_oauth_tokens_of_other_keys(text, uuid, integer)',
    'public.reseal_oauth_tokens(uuid, text, text, text)'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.oauth_tokens from %s', v_role);
    foreach v_function in array v_functions || 'public.forget_oauth_tokens_of_client()'::regprocedure loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.oauth_tokens to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
