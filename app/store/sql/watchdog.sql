-- Ends what holds the store up. A login can lift its own statement_timeout, and a transaction that
-- it leaves open keeps dead rows alive and slows every append; only ending it helps.

-- Ends the sessions of people whose transaction is older than p_max_age_s; answers how many. The
-- engine calls it. Sessions of engines and of administrators are left alone. Needs
-- pg_signal_backend and pg_read_all_stats, which roles.sql grants the owner if it may.
CREATE OR REPLACE FUNCTION blotter_end_long_transactions(p_max_age_s integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = public, pg_temp
AS $$
    SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid))::integer
    FROM pg_catalog.pg_stat_activity a JOIN person p ON p.login = a.usename
    WHERE a.datname = current_database() AND p.role <> 'engine'
        AND pg_has_role('pg_signal_backend', 'USAGE')
        AND a.xact_start < clock_timestamp() - make_interval(secs => greatest(p_max_age_s, 1))
$$;
