-- Who is asking: always the login (session_user), which neither SET ROLE nor a function changes.
--
-- A login that has the rights of the tables' owner (the owner itself, a superuser, an
-- administrator) is bound by nothing here; everybody else is a row of person, or nobody.
-- Those that anybody may call are SECURITY DEFINER, because nobody may read person; each tells only
-- of its caller.

-- Whether the rules for people bind this login.
CREATE OR REPLACE FUNCTION blotter_is_bound() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT NOT pg_has_role(session_user, relowner, 'MEMBER')
    FROM pg_catalog.pg_class WHERE oid = 'public.event'::regclass
$$;


-- What this login is in this store; null for nobody and for somebody disabled.
CREATE OR REPLACE FUNCTION blotter_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT role FROM person WHERE login = session_user AND NOT disabled $$;


-- The desks that this login is granted.
CREATE OR REPLACE FUNCTION blotter_desks() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT CASE p.desks
                WHEN '*' THEN ARRAY(
                    SELECT substr(s.name, 6) FROM stream s WHERE starts_with(s.name, 'desk/')
                )
                ELSE string_to_array(p.desks, ' ')
            END
            FROM person p WHERE p.login = session_user AND NOT p.disabled AND p.role <> 'engine'
        ),
        '{}'
    )
$$;


-- The streams that a person may read: the firm's, its desks', and with a grant their compliance.
-- An engine reads all, by a policy of its own.
CREATE OR REPLACE FUNCTION blotter_streams() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT ARRAY(
        SELECT 'firm'
        UNION ALL SELECT 'desk/' || d FROM unnest(blotter_desks()) d
        UNION ALL SELECT 'compliance/' || d FROM unnest(blotter_desks()) d WHERE p.sees_compliance
    )
    FROM person p WHERE p.login = session_user AND NOT p.disabled AND p.role <> 'engine'
$$;


-- What a client is told of itself. "is_enforced": whether the roles were set up; "is_hardened":
-- whether what PostgreSQL gives every login by default, and nobody here needs, was taken away;
-- advisory locks stand for all of it. "reads_all": whether all streams are shown to it, by right.
CREATE OR REPLACE FUNCTION blotter_me()
RETURNS TABLE (
    login text, role text, desks text, is_bound boolean, is_enforced boolean, is_hardened boolean,
    reads_all boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT
        session_user::text,
        coalesce(blotter_role(), ''),
        coalesce((SELECT p.desks FROM person p WHERE p.login = session_user), ''),
        blotter_is_bound(),
        (
            SELECT pg_get_userbyid(c.relowner) = 'blotter_owner' FROM pg_catalog.pg_class c
            WHERE c.oid = 'public.event'::regclass
        ),
        NOT EXISTS (
            SELECT FROM pg_catalog.pg_proc f,
                aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
            WHERE f.oid = 'pg_catalog.pg_advisory_lock(bigint)'::regprocedure AND a.grantee = 0
        ),
        NOT blotter_is_bound() OR blotter_role() IS NOT DISTINCT FROM 'engine' OR (
            EXISTS (
                SELECT FROM person p WHERE p.login = session_user AND NOT p.disabled
                    AND p.desks = '*' AND p.sees_compliance
            )
            AND NOT EXISTS (SELECT FROM stream s WHERE s.name <> ALL (blotter_streams()))
        )
$$;


-- Why a bound login may not enter this command; empty when it may. A command says four things
-- twice, beside its body and in it, and the engine believes the body: they have to agree.
CREATE OR REPLACE FUNCTION blotter_objection(
    p_id text, p_author text, p_desk text, p_kind text, p_lane integer, p_seen_ts bigint,
    p_body text
) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
    body json;
    keys text[];
BEGIN
    -- A null would slip through every comparison below.
    IF num_nulls(p_id, p_author, p_desk, p_kind, p_lane, p_seen_ts, p_body) > 0 THEN
        RETURN 'The command is not whole. Make a new one.';
    END IF;
    IF coalesce(blotter_role(), 'engine') IN ('engine', 'auditor') THEN
        RETURN session_user || ' may enter no commands here. Ask whoever administers the store.';
    END IF;
    IF p_author IS DISTINCT FROM session_user THEN
        RETURN 'A command signed by ' || left(p_author, 32) || ' came from the login '
            || session_user || '. Set login = "' || session_user || '" in the profile.';
    END IF;
    IF p_desk <> '' AND p_desk <> ALL (blotter_desks()) THEN
        RETURN session_user || ' is not of the desk ' || left(p_desk, 32) || '.';
    END IF;
    -- Ids that can't be guessed: nobody may take, or void, what somebody else will use.
    IF p_id !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' THEN
        RETURN 'Command id ' || left(p_id, 40) || ' is no UUIDv7. Make a new one.';
    END IF;
    IF p_lane <> 1 AND p_kind NOT IN (
        'CancelOrder', 'CancelOrders', 'HaltTrading', 'PauseStrategy', 'StopStrategy'
    ) THEN
        RETURN p_kind || ' waits in line 1; only what reduces risk goes ahead in line 0.';
    END IF;
    body := p_body::json;
    keys := ARRAY(SELECT json_object_keys(body));
    IF cardinality(keys) <> (SELECT count(DISTINCT k) FROM unnest(keys) k)
        OR body ->> 'id' IS DISTINCT FROM p_id
        OR body ->> 'author' IS DISTINCT FROM p_author
        OR coalesce(body ->> 'desk', '') <> p_desk
        OR body ->> 'type' IS DISTINCT FROM p_kind
        OR coalesce((body ->> 'seen_ts')::bigint, 0) <> p_seen_ts
    THEN
        RETURN 'What stands beside the command is not what its body says. Make a new one.';
    END IF;
    -- One that says it saw the future would never be too old.
    IF p_kind IN (
        'SubmitOrder', 'AmendOrder', 'ReleaseOrder', 'SubmitGroup', 'StartStrategy',
        'ResumeStrategy', 'SendWave'
    )
        AND (p_seen_ts <= 0 OR p_seen_ts > blotter_now() + 5000000000)
    THEN
        RETURN 'The command does not say when its author last saw the store. Send it again.';
    END IF;
    RETURN '';
EXCEPTION WHEN data_exception THEN
    RETURN 'The command is not JSON that can be kept. Make a new one.';
END
$$;


-- Why a bound login may enter nothing more for now; empty when it may. 5,000 waiting commands of
-- one person are no trading: somebody's desktop runs wild. The join is asked only when so many wait
-- at all, which the ends of the queue tell at once.
CREATE OR REPLACE FUNCTION blotter_flood() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
BEGIN
    IF (SELECT coalesce(max(arrival) - min(arrival), 0) < 4999 FROM pending) THEN
        RETURN '';
    END IF;
    IF (
        SELECT count(*) < 5000 FROM (
            SELECT FROM pending p JOIN command c ON c.arrival = p.arrival
            WHERE c.author = session_user LIMIT 5000
        ) waiting
    ) THEN
        RETURN '';
    END IF;
    RETURN session_user || ' has 5000 commands waiting, and no more may. '
        || 'Wait until the engine has decided them.';
END
$$;
