-- The roles of a store and who owns it; run by a superuser, or by who owns the database and may
-- create roles and databases. Idempotent.
--
-- One set of group roles a cluster, however many stores it holds: a login gets CONNECT on its own
-- store's database alone, and what it is there is in that store's table person.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'blotter_owner', 'blotter_trader', 'blotter_desk_head', 'blotter_compliance',
        'blotter_ops', 'blotter_auditor', 'blotter_engine'
    ] LOOP
        BEGIN
            IF to_regrole(wanted) IS NULL THEN
                EXECUTE 'CREATE ROLE ' || wanted || ' NOLOGIN NOINHERIT';
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another store of the cluster is just being made
        END;
    END LOOP;
    ALTER ROLE blotter_owner INHERIT; -- for the two roles below
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        -- For the watchdog. Only a superuser may pass these on.
        GRANT pg_signal_backend, pg_read_all_stats TO blotter_owner;
    ELSE
        EXECUTE 'GRANT blotter_owner TO ' || quote_ident(current_user);
    END IF;
END
$$;

-- What a store of an older schema, or one without roles, has made in somebody's own name.
DO $$
DECLARE
    thing record;
BEGIN
    EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' OWNER TO blotter_owner';
    FOR thing IN
        SELECT 'TABLE public.' || quote_ident(c.relname) AS name
        FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND c.relowner <> 'blotter_owner'::regrole
        UNION ALL
        SELECT 'FUNCTION ' || p.oid::regprocedure
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'blotter_')
            AND p.proowner <> 'blotter_owner'::regrole
    LOOP
        EXECUTE 'ALTER ' || thing.name || ' OWNER TO blotter_owner';
    END LOOP;
END
$$;
