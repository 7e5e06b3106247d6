-- Rows of the log, commands and checkpoints are never changed, by anybody.
--
-- Whoever owns the tables can drop these; the hash chain and the desktops' copies then tell.

CREATE OR REPLACE FUNCTION blotter_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'DB002', MESSAGE =
        TG_OP || ' on ' || TG_TABLE_NAME || ' is refused: what is written there stays. '
        || 'Enter a new command that corrects it.';
END
$$;

CREATE OR REPLACE TRIGGER event_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION blotter_refuse_change();
CREATE OR REPLACE TRIGGER command_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON command
    FOR EACH STATEMENT EXECUTE FUNCTION blotter_refuse_change();
CREATE OR REPLACE TRIGGER checkpoint_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION blotter_refuse_change();

-- ALWAYS: in a session that replays replication they fire too.
ALTER TABLE event ENABLE ALWAYS TRIGGER event_stays;
ALTER TABLE command ENABLE ALWAYS TRIGGER command_stays;
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_stays;
