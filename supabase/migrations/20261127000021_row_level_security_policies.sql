-- Row-level security without a policy shows no row to a role that is subject to it; so does this policy, in words. Supabase's
-- database linter asks for one (rls_enabled_no_policy), since a table without any may as well have been forgotten. The app's
-- role, which bypasses row-level security or owns the tables, is not subject to it.
create policy deny_all on public.clients using (false);
create policy deny_all on public.app_sessions using (false);
create policy deny_all on public.app_session_events using (false);
create policy deny_all on public.app_session_cutoffs using (false);
create policy deny_all on public.app_session_memories using (false);
create policy deny_all on public.rate_limits using (false);
create policy deny_all on public.http_sessions using (false);
create policy deny_all on public.shopify_sessions using (false);
create policy deny_all on public.staff_members using (false);
create policy deny_all on public.sign_in_links using (false);
create policy deny_all on public.oauth_tokens using (false);
