-- What the hub's role may do, where another one owns the tables. As the owner or a superuser,
-- in the hub's database, after each `migrate`.
GRANT USAGE ON SCHEMA public TO hub;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hub;
REVOKE UPDATE, DELETE, TRUNCATE ON hub_auditevent FROM hub;
