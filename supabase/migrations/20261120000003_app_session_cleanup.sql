create function public.cleanup_expired_app_sessions(p_batch integer default 1000)
returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select s.id from public.app_sessions s
    where s.expires_at < now()
    order by s.expires_at
    limit p_batch
    for update skip locked
  ), deleted as (
    delete from public.app_sessions s using expired e where s.id = e.id returning 1
  )
  select count(*)::integer from deleted;
$$;

comment on function public.cleanup_expired_app_sessions is
  'Deletes at most p_batch sessions that expired by the database''s clock, waiting for nobody. Returns how many.';

-- Reads cron.job with its owner's rights: the role that the app signs in with has none on the cron schema.
create function public.app_session_cleanup_is_scheduled()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_scheduled boolean := false;
begin
  if to_regclass('cron.job') is not null then
    execute 'select exists (select from cron.job where jobname = $1 and active)'
      into v_scheduled using 'cleanup-expired-app-sessions';
  end if;
  return v_scheduled;
end;
$$;

comment on function public.app_session_cleanup_is_scheduled is 'Whether pg_cron does the clean-up here.';

create function public.sweep_expired_app_sessions(p_batch integer default 1000)
returns table (outcome text, deleted integer)
language plpgsql
set search_path = ''
as $$
begin
  deleted := 0;
  if public.app_session_cleanup_is_scheduled() then
    outcome := 'scheduled';
  elsif not pg_try_advisory_xact_lock(hashtextextended('libero.sweep_expired_app_sessions', 0)) then
    outcome := 'busy';
  else
    outcome := 'swept';
    deleted := public.cleanup_expired_app_sessions(p_batch);
  end if;
  return next;
end;
$$;

comment on function public.sweep_expired_app_sessions is
  'The app''s own schedule: one bite of the clean-up, unless pg_cron does it (scheduled) or another instance is at it (busy).';
