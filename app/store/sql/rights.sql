-- Who may do what, as a whole: everything is taken away first. Run as the owner. Idempotent.
--
-- Nobody writes to a table. People read through the policies below and write through functions that
-- run as the owner and ask for session_user. A new table or function is closed until it has its
-- line here; tests/store/rights.txt says what comes out, and a test holds the two together.

ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- By name too, so that a copy of the database, which somebody else owns, goes on working.
GRANT ALL ON SCHEMA public TO blotter_owner;
REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM PUBLIC, blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops,
        blotter_auditor, blotter_engine;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public
    FROM PUBLIC, blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops,
        blotter_auditor, blotter_engine;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public
    FROM PUBLIC, blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops,
        blotter_auditor, blotter_engine;
-- CONNECT is given to each login by itself, TEMP to nobody.
DO $$
BEGIN
    EXECUTE 'REVOKE ALL ON DATABASE ' || quote_ident(current_database()) || ' FROM PUBLIC';
END
$$;

-- -- what everybody may -------------------------------------------------------------------------

GRANT USAGE ON SCHEMA public
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops, blotter_auditor,
        blotter_engine;
GRANT SELECT ON alembic_version, store, head, stream, event, snapshot, quote, depth, bar, feed,
        orders, executions, alerts, checkpoint
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops, blotter_auditor,
        blotter_engine;
GRANT EXECUTE ON FUNCTION blotter_now, blotter_leader, blotter_me, blotter_is_bound,
        blotter_role, blotter_desks, blotter_streams, blotter_asks_four_eyes
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops, blotter_auditor,
        blotter_engine;

-- -- what people may ----------------------------------------------------------------------------

GRANT EXECUTE ON FUNCTION blotter_submit, blotter_lookup, blotter_void, blotter_request_approval
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops;
GRANT EXECUTE ON FUNCTION blotter_refuse_approval
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops;
GRANT EXECUTE ON FUNCTION blotter_approve TO blotter_desk_head, blotter_compliance;
GRANT SELECT ON approval
    TO blotter_trader, blotter_desk_head, blotter_compliance, blotter_ops, blotter_auditor;
GRANT SELECT ON command TO blotter_auditor;

-- -- what the engine may ------------------------------------------------------------------------

GRANT EXECUTE ON FUNCTION blotter_acquire, blotter_renew, blotter_release, blotter_pending,
        blotter_append, blotter_save_snapshot, blotter_publish_market, blotter_use_approval,
        blotter_end_long_transactions, blotter_add_checkpoint
    TO blotter_engine;

-- -- these run as the owner ---------------------------------------------------------------------

ALTER FUNCTION blotter_submit SECURITY DEFINER;
ALTER FUNCTION blotter_lookup SECURITY DEFINER;
ALTER FUNCTION blotter_void SECURITY DEFINER;
ALTER FUNCTION blotter_leader SECURITY DEFINER;
ALTER FUNCTION blotter_acquire SECURITY DEFINER;
ALTER FUNCTION blotter_renew SECURITY DEFINER;
ALTER FUNCTION blotter_release SECURITY DEFINER;
ALTER FUNCTION blotter_pending SECURITY DEFINER;
ALTER FUNCTION blotter_append SECURITY DEFINER;
ALTER FUNCTION blotter_save_snapshot SECURITY DEFINER;
ALTER FUNCTION blotter_publish_market SECURITY DEFINER;
ALTER FUNCTION blotter_end_long_transactions SECURITY DEFINER;
ALTER FUNCTION blotter_request_approval SECURITY DEFINER;
ALTER FUNCTION blotter_approve SECURITY DEFINER;
ALTER FUNCTION blotter_refuse_approval SECURITY DEFINER;
ALTER FUNCTION blotter_use_approval SECURITY DEFINER;
ALTER FUNCTION blotter_add_checkpoint SECURITY DEFINER;
