-- For `supabase start`: the wineries that the development sandbox knows, as if they had installed the app.
select public.install_client('spectrawinery', '{}', 'jason@spectrawinery.example');
select public.install_client('old-oak-estate', '{}', 'marta@old-oak-estate.example');
