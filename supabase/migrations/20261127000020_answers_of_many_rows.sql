-- PostgREST cuts an answer off after `max-rows` rows (Supabase: Settings, API, "Max rows") and says nothing about it: the answer
-- is a 200 like any other. What was cut off would count as not found, and its users would be signed out. So over PostgREST a
-- function that answers any number of rows is called by its twin `<name>_json`, whose answer is one value that no setting
-- cuts: {"rows": [...]}. In SQL and over a direct connection the rows themselves are faster and easier to read.

create function public.find_app_sessions_json(p_ids uuid[])
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.find_app_sessions(p_ids)) r;
$$;

comment on function public.find_app_sessions_json is 'As find_app_sessions, in one value.';

create function public.list_open_app_sessions_json(
  p_client_id uuid, p_now timestamptz, p_limit integer, p_user_id text default null
)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.list_open_app_sessions(p_client_id, p_now, p_limit, p_user_id)) r;
$$;

comment on function public.list_open_app_sessions_json is 'As list_open_app_sessions, in one value.';

create function public.app_session_endings_json(p_since timestamptz)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.app_session_endings(p_since)) r;
$$;

comment on function public.app_session_endings_json is 'As app_session_endings, in one value.';

create function public.list_app_session_events_json(p_session_id uuid, p_client_id uuid, p_limit integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.list_app_session_events(p_session_id, p_client_id, p_limit)) r;
$$;

comment on function public.list_app_session_events_json is 'As list_app_session_events, in one value.';

create function public.list_http_sessions_json(p_after text, p_now timestamptz, p_limit integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.list_http_sessions(p_after, p_now, p_limit)) r;
$$;

comment on function public.list_http_sessions_json is 'As list_http_sessions, in one value.';

create function public.list_shopify_sessions_to_rekey_json(p_key_id text, p_after text, p_limit integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.list_shopify_sessions_to_rekey(p_key_id, p_after, p_limit)) r;
$$;

comment on function public.list_shopify_sessions_to_rekey_json is 'As list_shopify_sessions_to_rekey, in one value.';

create function public.count_shopify_session_keys_json()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.count_shopify_session_keys()) r;
$$;

comment on function public.count_shopify_session_keys_json is 'As count_shopify_session_keys, in one value.';

create function public.find_staff_members_json(p_email text, p_since timestamptz)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.find_staff_members(p_email, p_since)) r;
$$;

comment on function public.find_staff_members_json is 'As find_staff_members, in one value.';

create function public.count_oauth_token_keys_json()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.count_oauth_token_keys()) r;
$$;

comment on function public.count_oauth_token_keys_json is 'As count_oauth_token_keys, in one value.';

create function public.list_oauth_tokens_of_other_keys_json(p_key_id text, p_after uuid, p_limit integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('rows', coalesce(json_agg(r), '[]'))
  from (select * from public.list_oauth_tokens_of_other_keys(p_key_id, p_after, p_limit)) r;
$$;

comment on function public.list_oauth_tokens_of_other_keys_json is 'As list_oauth_tokens_of_other_keys, in one value.';

-- The other functions that answer rows answer one at most, and say so: a test holds that each function has a twin or says it.
alter function public.install_client(text, jsonb, text) rows 1;
alter function public.find_client(text) rows 1;
alter function public.find_client_by_id(uuid) rows 1;
alter function public.save_client_settings(uuid, text, text, integer, integer, integer, integer, text) rows 1;
alter function public.client_app_session_stats(uuid, timestamptz) rows 1;
alter function public.create_app_session(
  uuid, uuid, text, text, text, text, text, jsonb, timestamptz, timestamptz, uuid, text, text, timestamptz, integer, integer,
  integer, text
) rows 1;
alter function public.find_app_session(uuid) rows 1;
alter function public.save_app_session_data(uuid, timestamptz, jsonb, text[], text[], bigint, integer, timestamptz) rows 1;
alter function public.renew_app_session(uuid, timestamptz, timestamptz, timestamptz) rows 1;
alter function public.app_session_totals(timestamptz) rows 1;
alter function public.sweep_expired_app_sessions(integer, interval) rows 1;
alter function public.app_session_database_status() rows 1;
alter function public.consume_rate_limit(text, integer, integer, boolean) rows 1;
alter function public.find_rate_limit(text) rows 1;
alter function public.find_http_session(text) rows 1;
alter function public.sweep_http_sessions(integer) rows 1;
alter function public.find_shopify_session(text) rows 1;
alter function public.find_shopify_sessions_of_shop(text) rows 1;
alter function public.consume_sign_in_link(uuid, text, text, timestamptz) rows 1;
alter function public.find_oauth_tokens(text, text, text) rows 1;

-- As 20261121000006: only the app's own role reaches the data.
do $$
declare
  v_functions constant regprocedure[] := array[
    'public.find_app_sessions_json(uuid[])',
    'public.list_open_app_sessions_json(uuid, timestamptz, integer, text)',
    'public.app_session_endings_json(timestamptz)',
    'public.list_app_session_events_json(uuid, uuid, integer)',
    'public.list_http_sessions_json(text, timestamptz, integer)',
    'public.list_shopify_sessions_to_rekey_json(text, text, integer)',
    'public.count_shopify_session_keys_json()',
    'public.find_staff_members_json(text, timestamptz)',
    'public.count_oauth_token_keys_json()',
    'public.list_oauth_tokens_of_other_keys_json(text, uuid, integer)'
  ];
  v_function regprocedure;
  v_role text;
begin
  for v_role in
    select 'public'
    union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    foreach v_function in array v_functions loop
      execute format('revoke all on function %s from %s', v_function, v_role);
    end loop;
  end loop;

  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    foreach v_function in array v_functions loop
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end if;
end;
$$;
