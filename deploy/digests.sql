-- For every table its name, the count of its rows and a digest of what is in them, whatever
-- their order. `emptied` are tables whose rows a backup leaves out.
SELECT format(
    'SELECT %L, count(*), coalesce(sum((''x'' || left(md5(r::text), 16))::bit(64)::bigint), 0)'
    || ' FROM %I.%I r WHERE %L',
    n.nspname || '.' || c.relname, n.nspname, c.relname,
    NOT n.nspname || '.' || c.relname = ANY (string_to_array(:'emptied', ' '))
)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname
\gexec
