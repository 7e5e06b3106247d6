-- Takes away what PostgreSQL gives every login by default and nobody here needs. Only a superuser
-- may do this; without it the store enforces as much, and a login can make more of a nuisance of
-- itself. Idempotent; for this database alone.
--
-- Not among it, because PostgreSQL has no right for it: LISTEN and NOTIFY (a hint carries nothing,
-- and who is woken looks for himself), SET of one's own settings (the watchdog ends long
-- transactions), reading the catalogue.

DO $$
DECLARE
    shut record;
BEGIN
    FOR shut IN
        SELECT p.oid::regprocedure AS name, p.prokind
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND (
                starts_with(p.proname, 'lo_') OR p.proname IN ('loread', 'lowrite')
                OR strpos(p.proname, 'advisory') > 0
                OR starts_with(p.proname, 'pg_sleep')
                OR p.proname IN (
                    'pg_notify', 'pg_export_snapshot', 'pg_logical_emit_message',
                    'pg_cancel_backend', 'pg_terminate_backend',
                    'pg_current_xact_id', 'txid_current'
                )
            )
    LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION ' || shut.name || ' FROM PUBLIC';
    END LOOP;
END
$$;

-- What the owner's own functions need of it, and an administrator's `store init`.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_notify(text, text),
        pg_catalog.pg_terminate_backend(integer, bigint),
        pg_catalog.pg_advisory_lock(bigint)
    TO blotter_owner;

-- Without a language nobody can run DO, or make a function of his own.
REVOKE ALL ON LANGUAGE plpgsql, sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql, sql TO blotter_owner;
