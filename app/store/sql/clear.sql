-- Drops the functions of whatever version was here, so that none is left over and none is there
-- twice with other parameters. Policies and triggers hold on to four, which are only replaced.

DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'blotter_')
            AND p.proname NOT IN (
                'blotter_role', 'blotter_desks', 'blotter_streams', 'blotter_refuse_change'
            )
    LOOP
        EXECUTE 'DROP FUNCTION ' || old.name;
    END LOOP;
END
$$;
