-- Links by e-mail that sign somebody in, one row for each mailbox: the newest takes the place of the one before, in one
-- statement, so that of two asked for at once one is left. Unlogged, because a link lives minutes: it costs no
-- write-ahead log, and no archive of that log keeps it.
create unlogged table public.sign_in_links (
  mailbox_hash bytea not null,
  id uuid not null,
  secret_hash bytea not null,
  browser_hash bytea not null,
  sealed_email text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint sign_in_links_pkey primary key (mailbox_hash),
  constraint sign_in_links_id_key unique (id),
  constraint sign_in_links_hashes_are_sha256 check (
    octet_length(mailbox_hash) = 32 and octet_length(secret_hash) = 32 and octet_length(browser_hash) = 32
  ),
  constraint sign_in_links_expires_after_issue check (expires_at > issued_at)
);

create index sign_in_links_expires_at_idx on public.sign_in_links (expires_at);

comment on table public.sign_in_links is
  'The newest link to sign in with for each mailbox. Nothing in it opens the link, or tells whose mailbox it is.';
comment on column public.sign_in_links.mailbox_hash is 'HMAC-SHA-256 of the address, under a key that the app has.';
comment on column public.sign_in_links.secret_hash is 'SHA-256 of the 256 random bits in the link.';
comment on column public.sign_in_links.browser_hash is 'SHA-256 of the 256 random bits in the cookie of the browser that asked.';
comment on column public.sign_in_links.sealed_email is 'The address, under a key that is made of the link''s secret: only the link opens it.';
comment on column public.sign_in_links.used_at is 'When it signed somebody in; null: it has not.';

alter table public.sign_in_links enable row level security;

create function public.issue_sign_in_link(
  p_mailbox_hash text, p_id uuid, p_secret_hash text, p_browser_hash text, p_sealed_email text,
  p_issued_at timestamptz, p_expires_at timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_bite constant integer := 10;
begin
  insert into public.sign_in_links as l (
    mailbox_hash, id, secret_hash, browser_hash, sealed_email, issued_at, expires_at
  ) values (
    decode(p_mailbox_hash, 'hex'), p_id, decode(p_secret_hash, 'hex'), decode(p_browser_hash, 'hex'), p_sealed_email,
    p_issued_at, p_expires_at
  )
  on conflict (mailbox_hash) do update set
    id = excluded.id, secret_hash = excluded.secret_hash, browser_hash = excluded.browser_hash,
    sealed_email = excluded.sealed_email, issued_at = excluded.issued_at, expires_at = excluded.expires_at,
    used_at = null;

  -- Each takes away some that are long over: more than one, so that the table can only shrink. This comes after the
  -- insert, and waits for nobody, so that two of these cannot wait for each other. The hour is for clocks that differ.
  delete from public.sign_in_links l
  where l.id in (
    select e.id from public.sign_in_links e
    where e.expires_at < now() - interval '1 hour' and e.id <> p_id
    order by e.expires_at
    limit v_bite
    for update skip locked
  );
end;
$$;

comment on function public.issue_sign_in_link is
  'Keeps a link, in place of the mailbox''s older one, which opens nothing any more.';

create function public.consume_sign_in_link(
  p_id uuid, p_secret_hash text, p_browser_hash text, p_now timestamptz
)
returns table (outcome text, sealed_email text)
language plpgsql
set search_path = ''
as $$
begin
  -- One statement: of any number at once, the row's lock lets one through, and the others see that it is used.
  return query
    update public.sign_in_links l set used_at = p_now
    where l.id = p_id and l.secret_hash = decode(p_secret_hash, 'hex')
      and l.browser_hash = decode(p_browser_hash, 'hex') and l.used_at is null and l.expires_at > p_now
    returning 'opened', l.sealed_email;
  if found then
    return;
  end if;

  return query
    select case when l.used_at is null then 'expired' else 'used' end, null::text
    from public.sign_in_links l
    where l.id = p_id and l.secret_hash = decode(p_secret_hash, 'hex')
      and l.browser_hash = decode(p_browser_hash, 'hex');
end;
$$;

comment on function public.consume_sign_in_link is
  'Uses a link: "opened" with the sealed address, once. "used" and "expired" are told only to whoever holds both its '
  'secret and the cookie of the browser that asked; to anybody else, no row.';

-- A session can begin with a link now.
alter table public.app_sessions
  drop constraint app_sessions_origin_known,
  add constraint app_sessions_origin_known check (origin in ('open', 'install', 'link'));

comment on column public.app_sessions.origin is
  'open: opened from the admin; install: whoever pressed Install; link: by a link that came by e-mail.';

-- As 20261121000006: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.issue_sign_in_link(text, uuid, text, text, text, timestamptz, timestamptz)',
    'public.consume_sign_in_link(uuid, text, text, timestamptz)'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on table public.sign_in_links from %s', v_role);
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant select, insert, update, delete on table public.sign_in_links to service_role;
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
