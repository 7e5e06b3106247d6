-- Four eyes: what one person asks for, another approves; for the bytes asked for, once, in time.
--
-- The body's hash is SHA-256 in hexadecimal of the very bytes of the command that will be entered.
-- Answers are words in order of precedence; only 'requested', 'approved' and 'granted' change
-- anything.

-- Asks for the approval of a command: its id, or null when this login may not ask.
CREATE OR REPLACE FUNCTION blotter_request_approval(p_kind text, p_body_hash text, p_desk text)
RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    new_id text := gen_random_uuid()::text;
    now_ts bigint := blotter_now();
BEGIN
    IF coalesce(blotter_role(), 'engine') IN ('engine', 'auditor')
        OR p_desk <> ALL (blotter_desks())
        OR (
            SELECT count(*) FROM approval
            WHERE maker = session_user AND used_ts = 0 AND expires_ts > now_ts
        ) >= 100
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO approval (
        approval_id, kind, body_hash, desk, maker, requested_ts, expires_ts, checker, approved_ts,
        used_ts, used_by
    ) VALUES (
        new_id, p_kind, p_body_hash, p_desk, session_user, now_ts, now_ts + 900000000000, '', 0,
        0, ''
    );
    RETURN new_id;
END
$$;


-- Approves a request, by a desk head or compliance of its desk who is not its maker. The checker
-- says the hash of what he has read, so that what he approves is what he saw.
CREATE OR REPLACE FUNCTION blotter_approve(p_id text, p_body_hash text) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    asked approval;
BEGIN
    SELECT * INTO asked FROM approval WHERE approval_id = p_id FOR UPDATE;
    IF asked.approval_id IS NULL OR asked.desk <> ALL (blotter_desks()) THEN
        RETURN 'unknown';
    ELSIF asked.maker = session_user THEN
        RETURN 'own';
    ELSIF coalesce(blotter_role(), '') NOT IN ('desk_head', 'compliance') THEN
        RETURN 'not_a_checker';
    ELSIF asked.body_hash IS DISTINCT FROM p_body_hash THEN
        RETURN 'other_body';
    ELSIF asked.used_ts <> 0 THEN
        RETURN 'used';
    ELSIF asked.expires_ts <= blotter_now() THEN
        RETURN 'expired';
    ELSIF asked.checker <> '' THEN
        RETURN 'already';
    END IF;
    UPDATE approval SET checker = session_user, approved_ts = blotter_now()
    WHERE approval_id = p_id;
    RETURN 'approved';
END
$$;


-- Spends an approval on one command of its maker; the engine calls it, in the epoch that it leads.
-- The same command again is granted again: an engine may have failed before it appended.
CREATE OR REPLACE FUNCTION blotter_use_approval(
    p_epoch bigint, p_id text, p_kind text, p_body_hash text, p_author text, p_command_id text
) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    h head;
    asked approval;
BEGIN
    SELECT * INTO STRICT h FROM head FOR UPDATE;
    IF h.epoch <> p_epoch OR h.lease_expires_ts <= blotter_now() THEN
        RETURN 'fenced';
    END IF;
    SELECT * INTO asked FROM approval WHERE approval_id = p_id FOR UPDATE;
    IF asked.approval_id IS NULL THEN
        RETURN 'unknown';
    ELSIF (asked.kind, asked.body_hash, asked.maker)
        IS DISTINCT FROM (p_kind, p_body_hash, p_author)
    THEN
        RETURN 'other_body';
    ELSIF asked.approved_ts = 0 THEN
        RETURN 'not_approved';
    ELSIF asked.used_ts <> 0 THEN
        RETURN CASE WHEN asked.used_by = p_command_id THEN 'granted' ELSE 'used' END;
    ELSIF asked.expires_ts <= blotter_now() THEN
        RETURN 'expired';
    END IF;
    UPDATE approval SET used_ts = blotter_now(), used_by = p_command_id WHERE approval_id = p_id;
    RETURN 'granted';
END
$$;
