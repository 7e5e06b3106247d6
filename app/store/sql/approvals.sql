-- Four eyes: what one person asks for, another approves; for the bytes asked for, once, in time.
--
-- A request holds the very bytes of the command, so that who approves can read them, and their
-- SHA-256 in hexadecimal. Approving enters the command, in its maker's name; the engine asks again
-- when it decides it. Answers are words in order of precedence; only 'requested', 'approved',
-- 'refused' and 'granted' change anything.

-- Asks for the approval of a command: its id, or none and the reason.
CREATE OR REPLACE FUNCTION blotter_request_approval(
    p_command_id text, p_kind text, p_desk text, p_body text
) RETURNS TABLE (approval_id text, reason text)
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    new_id text := gen_random_uuid()::text;
    now_ts bigint := blotter_now();
BEGIN
    reason := CASE
        WHEN octet_length(p_body) > 1000000
            THEN 'The command is longer than 1000000 bytes. Make a shorter one.'
        WHEN p_kind NOT IN ('AdoptRuleBook', 'RestrictSymbol')
            THEN left(p_kind, 64) || ' needs no second person; send it as it is.'
        WHEN NOT blotter_is_bound()
            THEN session_user || ' administers this store, and approvals are for its people.'
        ELSE blotter_objection(p_command_id, session_user, p_desk, p_kind, 1, 0, p_body)
    END;
    IF reason = '' AND p_desk = '' THEN
        reason := 'The request names no desk, whose people could approve it.';
    ELSIF reason = '' AND (
        SELECT count(*) FROM approval a
        WHERE a.maker = session_user AND a.used_ts = 0 AND a.refused_ts = 0
            AND a.expires_ts > now_ts
    ) >= 100 THEN
        reason := session_user || ' has 100 requests waiting, and no more may. Wait for an answer.';
    END IF;
    IF reason = '' THEN
        INSERT INTO approval (
            approval_id, kind, body_hash, desk, maker, requested_ts, expires_ts, checker,
            approved_ts, used_ts, used_by, body, refused_by, refused_ts
        ) VALUES (
            new_id, p_kind, encode(sha256(convert_to(p_body, 'UTF8')), 'hex'), p_desk,
            session_user, now_ts, now_ts + 900000000000, '', 0, 0, '', p_body, '', 0
        );
        approval_id := new_id;
    END IF;
    RETURN NEXT;
END
$$;


-- Approves a request, by a desk head or compliance of its desk who is not its maker, and enters its
-- command. The checker says the hash of what he has read, so that what he approves is what he saw.
CREATE OR REPLACE FUNCTION blotter_approve(p_id text, p_body_hash text) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    asked approval;
    new_arrival bigint;
BEGIN
    SELECT * INTO asked FROM approval a WHERE a.approval_id = p_id FOR UPDATE;
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
    ELSIF asked.refused_ts <> 0 THEN
        RETURN 'refused_before';
    ELSIF asked.expires_ts <= blotter_now() THEN
        RETURN 'expired';
    ELSIF asked.checker <> '' THEN
        RETURN 'already';
    ELSIF NOT EXISTS (SELECT FROM person p WHERE p.login = asked.maker AND NOT p.disabled) THEN
        RETURN 'maker_gone';
    END IF;
    INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body)
    VALUES (
        asked.body::json ->> 'id', asked.maker, asked.desk, asked.kind, 1, false, blotter_now(),
        asked.body
    )
    ON CONFLICT (command_id) DO NOTHING
    RETURNING arrival INTO new_arrival;
    IF new_arrival IS NULL THEN
        -- Its maker has sent it without waiting, and an engine has refused it or will.
        RETURN 'used';
    END IF;
    INSERT INTO pending (arrival, lane) VALUES (new_arrival, 1);
    UPDATE approval a SET checker = session_user, approved_ts = blotter_now()
    WHERE a.approval_id = p_id;
    PERFORM pg_notify('commands', '');
    RETURN 'approved';
END
$$;


-- Refuses a request, by who could approve it; its maker takes it back with the same verb.
CREATE OR REPLACE FUNCTION blotter_refuse_approval(p_id text) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    asked approval;
BEGIN
    SELECT * INTO asked FROM approval a WHERE a.approval_id = p_id FOR UPDATE;
    IF asked.approval_id IS NULL OR asked.desk <> ALL (blotter_desks()) THEN
        RETURN 'unknown';
    ELSIF asked.maker <> session_user
        AND coalesce(blotter_role(), '') NOT IN ('desk_head', 'compliance')
    THEN
        RETURN 'not_a_checker';
    ELSIF asked.approved_ts <> 0 THEN
        RETURN 'already';
    ELSIF asked.refused_ts <> 0 THEN
        RETURN 'refused_before';
    END IF;
    UPDATE approval a SET refused_by = session_user, refused_ts = blotter_now()
    WHERE a.approval_id = p_id;
    RETURN 'refused';
END
$$;


-- Whether commands of this store need a second person at all: where roles are held to anything.
CREATE OR REPLACE FUNCTION blotter_asks_four_eyes() RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT pg_get_userbyid(c.relowner) = 'blotter_owner' FROM pg_catalog.pg_class c
    WHERE c.oid = 'public.event'::regclass
$$;


-- Spends the approval of these bytes on one command of its maker, and says who gave it; the engine
-- calls it, in the epoch that it leads. The same command again is granted again: an engine may have
-- failed before it appended.
CREATE OR REPLACE FUNCTION blotter_use_approval(
    p_epoch bigint, p_kind text, p_body_hash text, p_author text, p_command_id text
) RETURNS TABLE (verdict text, checker text)
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    h head;
    asked approval;
BEGIN
    checker := '';
    SELECT * INTO STRICT h FROM head FOR UPDATE;
    SELECT * INTO asked FROM approval a
    WHERE a.body_hash = p_body_hash AND a.kind = p_kind AND a.maker = p_author
    ORDER BY a.approved_ts DESC, a.requested_ts DESC LIMIT 1
    FOR UPDATE;
    verdict := CASE
        WHEN h.epoch <> p_epoch OR h.lease_expires_ts <= blotter_now() THEN 'fenced'
        WHEN asked.approval_id IS NULL THEN 'unknown'
        WHEN asked.approved_ts = 0 THEN 'not_approved'
        WHEN asked.used_ts <> 0 AND asked.used_by <> p_command_id THEN 'used'
        WHEN asked.used_ts <> 0 THEN 'granted'
        WHEN asked.expires_ts <= blotter_now() THEN 'expired'
        ELSE 'granted'
    END;
    IF verdict = 'granted' THEN
        checker := asked.checker;
        UPDATE approval a SET used_ts = blotter_now(), used_by = p_command_id
        WHERE a.approval_id = asked.approval_id AND a.used_ts = 0;
    END IF;
    RETURN NEXT;
END
$$;
