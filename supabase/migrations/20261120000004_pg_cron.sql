-- Daily clean-up at 02:00 UTC where pg_cron can be had (Supabase: Database, Extensions, pg_cron).
-- Where it is turned on later: select public.schedule_app_session_cleanup();
create function public.schedule_app_session_cleanup()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if not exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    return false;
  end if;
  create extension if not exists pg_cron with schema pg_catalog;
  -- A thousand bites of a thousand rows; a bite that finds nothing is an index look-up.
  perform cron.schedule(
    'cleanup-expired-app-sessions',
    '0 2 * * *',
    'select sum(public.cleanup_expired_app_sessions(1000)) from generate_series(1, 1000)'
  );
  return true;
exception when others then
  raise notice 'pg_cron cannot be used here (%); the app sweeps on its own schedule', sqlerrm;
  return false;
end;
$$;

comment on function public.schedule_app_session_cleanup is
  'Schedules the daily clean-up with pg_cron. Returns false where pg_cron cannot be used; running it again changes nothing.';

select public.schedule_app_session_cleanup();
