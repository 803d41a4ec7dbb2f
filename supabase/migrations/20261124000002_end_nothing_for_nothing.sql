-- Most sign-ins end no other session, and asked three times for nothing to be ended: each time a statement, and its triggers,
-- which took half of a sign-in's time.
create or replace function public.end_app_sessions(p_ids uuid[], p_reason text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ended integer;
begin
  if coalesce(cardinality(array_remove(p_ids, null)), 0) = 0 then
    return 0;
  end if;

  perform set_config('libero.end_reason', p_reason, true);
  with doomed as (
    select s.id from public.app_sessions s where s.id = any (p_ids) order by s.id for update
  )
  delete from public.app_sessions s using doomed d where s.id = d.id;
  get diagnostics v_ended = row_count;
  perform set_config('libero.end_reason', '', true);
  return v_ended;
end;
$$;
