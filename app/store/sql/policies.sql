-- Which rows who sees. Run as the owner, whom no policy binds. Idempotent.
--
-- A table without a policy shows nobody anything, whatever somebody was granted. The sub-selects
-- make PostgreSQL ask once a statement, not once a row.

DO $$
DECLARE
    old record;
    given text;
    people text := ' FOR SELECT TO blotter_trader, blotter_desk_head, blotter_compliance, '
        || 'blotter_ops, blotter_auditor USING ';
BEGIN
    FOR old IN
        SELECT p.polname, p.polrelid::regclass AS of_table
        FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
        WHERE c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE 'DROP POLICY ' || quote_ident(old.polname) || ' ON ' || old.of_table;
    END LOOP;
    FOR given IN
        SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE 'ALTER TABLE ' || given || ' ENABLE ROW LEVEL SECURITY';
    END LOOP;
    -- What is no desk's and no secret: for everybody who is somebody in this store.
    FOREACH given IN ARRAY ARRAY[
        'alembic_version', 'store', 'head', 'quote', 'depth', 'bar', 'feed'
    ] LOOP
        EXECUTE 'CREATE POLICY people ON ' || given
            || ' FOR SELECT USING ((SELECT blotter_role()) IS NOT NULL)';
    END LOOP;
    -- What is a desk's, and no part of its compliance's.
    FOREACH given IN ARRAY ARRAY['orders', 'executions', 'alerts', 'approval'] LOOP
        EXECUTE 'CREATE POLICY desks ON ' || given || people
            || '(desk = ANY ((SELECT blotter_desks())::text[]))';
    END LOOP;
    -- The streams that somebody is granted; a snapshot's scope is the stream whose followers it is
    -- for, and '*', everything, is the engine's. The empty text keeps the planner off the index by
    -- stream: before the first ANALYZE it would read and sort all of a stream for each page.
    EXECUTE 'CREATE POLICY streams ON stream' || people
        || '(name = ANY ((SELECT blotter_streams())::text[]))';
    EXECUTE 'CREATE POLICY streams ON event' || people
        || '(stream || '''' = ANY ((SELECT blotter_streams())::text[]))';
    EXECUTE 'CREATE POLICY streams ON snapshot' || people
        || '(scope = ANY ((SELECT blotter_streams())::text[]))';
    -- The engine decides for all desks, so it reads all.
    FOREACH given IN ARRAY ARRAY[
        'stream', 'event', 'snapshot', 'orders', 'executions', 'alerts'
    ] LOOP
        EXECUTE 'CREATE POLICY engine ON ' || given
            || ' FOR SELECT TO blotter_engine USING ((SELECT blotter_role() = ''engine''))';
    END LOOP;
END
$$;

-- A checkpoint names every stream of the store, so it is for those who look at all of it.
CREATE POLICY auditors ON checkpoint FOR SELECT
    TO blotter_auditor, blotter_compliance, blotter_engine
    USING ((SELECT blotter_role()) IN ('auditor', 'compliance', 'engine'));
CREATE POLICY audited ON command FOR SELECT TO blotter_auditor
    USING (
        (SELECT blotter_role()) = 'auditor' AND desk = ANY ((SELECT blotter_desks())::text[])
    );
