-- The store's verbs on PostgreSQL. Each is one statement for its caller, so a client that stops
-- in the middle of a call holds no lock.
--
-- They run as whoever calls them; rights.sql makes those that people may call SECURITY DEFINER, for
-- which search_path is pinned. Whom they ask who is calling is in identity.sql.
-- Written without the percent sign, which a driver may take for a parameter. Words ("received",
-- "fenced") are the values of Verdict and AppendStatus in app/ports.py; chain and limits are the
-- same as there, and tests hold the two together.

-- Nanoseconds UTC by the server's clock, which moves within a transaction too.
CREATE OR REPLACE FUNCTION blotter_now() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint $$;


-- What is known of an id. With a body: whether it is the very command that is asked about.
CREATE OR REPLACE FUNCTION blotter_known(p_id text, p_author text, p_body text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT CASE
                WHEN c.void THEN 'voided'
                WHEN p_body IS NOT NULL AND (c.author, c.body) <> (p_author, p_body) THEN 'conflict'
                WHEN EXISTS (SELECT FROM pending p WHERE p.arrival = c.arrival) THEN 'received'
                ELSE 'decided'
            END
            FROM command c WHERE c.command_id = p_id
        ),
        'not_seen'
    )
$$;


CREATE OR REPLACE FUNCTION blotter_lookup(p_id text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT CASE
        -- Nobody learns what became of somebody else's command but from the log.
        WHEN blotter_is_bound() AND EXISTS (
            SELECT FROM command c
            WHERE c.command_id = p_id AND NOT c.void AND c.author <> session_user
        ) THEN 'conflict'
        ELSE blotter_known(p_id, NULL, NULL)
    END
$$;


-- Stores several commands in order, each once; answers a verdict for each, the clock that it was
-- judged by, and for some refusals the reason.
CREATE OR REPLACE FUNCTION blotter_submit(
    p_ids text[], p_authors text[], p_desks text[], p_kinds text[], p_lanes integer[],
    p_seen_ts bigint[], p_bodies text[]
) RETURNS TABLE (verdict text, judged_ts bigint, reason text)
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    wish record;
    is_bound boolean := blotter_is_bound();
    flood text := CASE WHEN is_bound THEN blotter_flood() ELSE '' END;
    new_arrival bigint;
    any_stored boolean := false;
BEGIN
    FOR wish IN
        SELECT * FROM unnest(p_ids, p_authors, p_desks, p_kinds, p_lanes, p_seen_ts, p_bodies)
            WITH ORDINALITY AS w (id, author, desk, kind, lane, seen_ts, body, n)
        ORDER BY w.n
    LOOP
        judged_ts := blotter_now();
        reason := '';
        IF is_bound AND octet_length(coalesce(wish.body, '')) <= 1000000 THEN
            reason := blotter_objection(
                wish.id, wish.author, wish.desk, wish.kind, wish.lane, wish.seen_ts, wish.body
            );
        END IF;
        verdict := CASE
            WHEN octet_length(wish.body) > 1000000 OR reason <> '' THEN 'refused'
            ELSE blotter_known(wish.id, wish.author, wish.body)
        END;
        -- Freshness is asked at first receipt only: a command that is known is not refused later.
        IF verdict = 'not_seen' AND wish.seen_ts <> 0
            AND judged_ts - wish.seen_ts > 5000000000
        THEN
            verdict := 'stale';
        END IF;
        -- A kill must never wait behind what it is to stop.
        IF verdict = 'not_seen' AND flood <> '' AND wish.lane <> 0 THEN
            verdict := 'refused';
            reason := flood;
        END IF;
        IF verdict = 'not_seen' THEN
            INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body)
            VALUES (
                wish.id, wish.author, wish.desk, wish.kind, wish.lane, false, judged_ts, wish.body
            )
            ON CONFLICT (command_id) DO NOTHING
            RETURNING arrival INTO new_arrival;
            IF new_arrival IS NOT NULL THEN
                INSERT INTO pending (arrival, lane) VALUES (new_arrival, wish.lane);
                any_stored := true;
                verdict := 'received';
            ELSE
                -- Another connection stored this id since we looked.
                verdict := blotter_known(wish.id, wish.author, wish.body);
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF any_stored THEN
        PERFORM pg_notify('commands', '');
    END IF;
END
$$;


-- Claims an id that has not been seen; answers what is known of it then. Who is bound claims in his
-- own name, and only an id that nobody can guess.
CREATE OR REPLACE FUNCTION blotter_void(p_id text, p_author text) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    IF blotter_is_bound() THEN
        IF p_author NOT IN ('', session_user)
            OR coalesce(blotter_role(), 'engine') IN ('engine', 'auditor')
            OR p_id !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
        THEN
            RETURN 'refused';
        END IF;
        p_author := session_user;
    END IF;
    INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body)
    VALUES (p_id, p_author, '', '', 1, true, blotter_now(), '')
    ON CONFLICT (command_id) DO NOTHING;
    RETURN blotter_lookup(p_id);
END
$$;


-- Commands to decide: the first lane while it has any, each lane in order of arrival.
CREATE OR REPLACE FUNCTION blotter_pending(p_limit bigint)
RETURNS TABLE (arrival bigint, lane integer, command_id text, body text)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT p.arrival, p.lane, c.command_id, c.body
    FROM pending p JOIN command c ON c.arrival = p.arrival
    WHERE p.lane = (SELECT min(waiting.lane) FROM pending waiting)
    ORDER BY p.arrival LIMIT p_limit
$$;


-- -- the lease ------------------------------------------------------------------------------------
-- A row, not an advisory lock: a stopped process would never give that back. The clock is read
-- after the row is locked, so waiting for the lock can't make a lease look longer than it is.

CREATE OR REPLACE FUNCTION blotter_leader()
RETURNS TABLE (epoch bigint, holder text, expires_ts bigint)
LANGUAGE sql VOLATILE SET search_path = public, pg_temp
AS $$
    SELECT h.epoch, h.holder, h.lease_expires_ts FROM head h
    WHERE h.lease_expires_ts > blotter_now()
$$;


CREATE OR REPLACE FUNCTION blotter_acquire(p_holder text, p_ttl_ns bigint)
RETURNS TABLE (epoch bigint, expires_ts bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    h head;
    now_ts bigint;
BEGIN
    SELECT * INTO STRICT h FROM head FOR UPDATE;
    now_ts := blotter_now();
    IF h.lease_expires_ts > now_ts THEN
        RETURN;
    END IF;
    epoch := h.epoch + 1;
    expires_ts := now_ts + p_ttl_ns;
    UPDATE head SET epoch = h.epoch + 1, holder = p_holder, lease_expires_ts = now_ts + p_ttl_ns;
    RETURN NEXT;
END
$$;


-- Prolongs a lease that nobody else has taken since; answers when it ends, else null.
CREATE OR REPLACE FUNCTION blotter_renew(p_epoch bigint, p_holder text, p_ttl_ns bigint)
RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    new_expires_ts bigint;
BEGIN
    PERFORM FROM head FOR UPDATE;
    new_expires_ts := blotter_now() + p_ttl_ns;
    UPDATE head SET lease_expires_ts = new_expires_ts
    WHERE epoch = p_epoch AND holder = p_holder;
    RETURN CASE WHEN FOUND THEN new_expires_ts END;
END
$$;


CREATE OR REPLACE FUNCTION blotter_release(p_epoch bigint, p_holder text) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    UPDATE head SET lease_expires_ts = 0 WHERE epoch = p_epoch AND holder = p_holder
$$;


-- -- the log --------------------------------------------------------------------------------------

-- Refuses events that don't carry on each stream's numbers and hash chain. Every hash is computed
-- from the hash that is claimed for the event before it; as all claims are checked, the chain holds.
CREATE OR REPLACE FUNCTION blotter_check_chain(
    p_expected_seq bigint, p_streams text[], p_stream_seqs bigint[], p_commands text[],
    p_bodies text[], p_hashes text[]
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    bad record;
BEGIN
    SELECT linked.* INTO bad
    FROM (
        SELECT
            e.*,
            coalesce(lag(e.stream_seq) OVER place, s.stream_seq, 0) AS seq_before,
            coalesce(lag(e.hash) OVER place, s.hash, repeat('0', 64)) AS hash_before
        FROM unnest(p_streams, p_stream_seqs, p_commands, p_bodies, p_hashes)
            WITH ORDINALITY AS e (stream, stream_seq, command_id, body, hash, n)
        LEFT JOIN stream s ON s.name = e.stream
        WINDOW place AS (PARTITION BY e.stream ORDER BY e.n)
    ) linked
    WHERE linked.stream_seq IS DISTINCT FROM linked.seq_before + 1
        OR linked.hash IS DISTINCT FROM encode(
            sha256(convert_to(
                linked.hash_before || '|' || linked.stream || '|' || linked.stream_seq || '|'
                || linked.command_id || '|' || linked.body,
                'UTF8'
            )),
            'hex'
        )
    ORDER BY linked.n LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF bad.stream_seq IS DISTINCT FROM bad.seq_before + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'DB001', MESSAGE =
            'Stream ' || bad.stream || ' goes from ' || bad.seq_before || ' to ' || bad.stream_seq
            || ' at event ' || p_expected_seq + bad.n
            || ': something is missing. Stop trading and verify the store.';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'DB001', MESSAGE =
        'The hash chain of stream ' || bad.stream || ' breaks at event ' || p_expected_seq + bad.n
        || ': it does not follow from what is stored. Stop trading and verify the store.';
END
$$;


-- Rows of the read tables as they are after a batch, each array with its columns by name.
CREATE OR REPLACE FUNCTION blotter_write_rows(
    p_orders jsonb, p_busted text[], p_executions jsonb, p_alerts jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    IF p_orders IS NOT NULL THEN
        INSERT INTO orders SELECT * FROM jsonb_populate_recordset(NULL::orders, p_orders)
        ON CONFLICT (order_id) DO UPDATE SET
            command_id = excluded.command_id, desk = excluded.desk, trader = excluded.trader,
            symbol = excluded.symbol, side = excluded.side, qty = excluded.qty,
            order_type = excluded.order_type, account = excluded.account, venue = excluded.venue,
            time_in_force = excluded.time_in_force, status = excluded.status,
            created_ts = excluded.created_ts, updated_ts = excluded.updated_ts,
            limit_px = excluded.limit_px, stop_px = excluded.stop_px,
            leaves_qty = excluded.leaves_qty, cum_qty = excluded.cum_qty,
            avg_px = excluded.avg_px, last_px = excluded.last_px, last_qty = excluded.last_qty,
            arrival_px = excluded.arrival_px, cl_ord_id = excluded.cl_ord_id,
            version = excluded.version, reason = excluded.reason;
    END IF;
    IF p_busted IS NOT NULL THEN
        DELETE FROM executions WHERE exec_id = ANY (p_busted);
    END IF;
    IF p_executions IS NOT NULL THEN
        INSERT INTO executions SELECT * FROM jsonb_populate_recordset(NULL::executions, p_executions)
        ON CONFLICT (exec_id) DO UPDATE SET
            order_id = excluded.order_id, desk = excluded.desk, symbol = excluded.symbol,
            side = excluded.side, account = excluded.account, qty = excluded.qty,
            px = excluded.px, ts = excluded.ts, venue = excluded.venue;
    END IF;
    IF p_alerts IS NOT NULL THEN
        INSERT INTO alerts SELECT * FROM jsonb_populate_recordset(NULL::alerts, p_alerts)
        ON CONFLICT (alert_id) DO UPDATE SET
            desk = excluded.desk, severity = excluded.severity, rule = excluded.rule,
            text = excluded.text, ts = excluded.ts, trader = excluded.trader,
            order_id = excluded.order_id, note = excluded.note, state = excluded.state,
            acknowledged_by = excluded.acknowledged_by;
    END IF;
END
$$;


-- Appends one batch, all of it or nothing. The head row is locked first: it fences other engines
-- and makes readers who follow by seq see every event. The order of the checks is AppendStatus's.
CREATE OR REPLACE FUNCTION blotter_append(
    p_epoch bigint, p_expected_seq bigint,
    p_streams text[], p_stream_seqs bigint[], p_ts bigint[], p_commands text[], p_kinds text[],
    p_bodies text[], p_hashes text[],
    p_settled bigint[],
    p_orders jsonb, p_busted text[], p_executions jsonb, p_alerts jsonb
) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    h head;
    total integer := cardinality(p_streams);
    is_same boolean;
BEGIN
    SELECT * INTO STRICT h FROM head FOR UPDATE;
    IF h.epoch <> p_epoch THEN
        RETURN 'fenced';
    END IF;
    IF h.lease_expires_ts <= blotter_now() THEN
        RETURN 'expired';
    END IF;
    IF h.seq <> p_expected_seq THEN
        SELECT total > 0 AND h.seq = p_expected_seq + total AND bool_and(
            (l.stream, l.stream_seq, l.ts, l.command_id, l.kind, l.body, l.hash)
            IS NOT DISTINCT FROM
            (e.stream, e.stream_seq, e.ts, e.command_id, e.kind, e.body, e.hash)
        )
        INTO is_same
        FROM unnest(p_streams, p_stream_seqs, p_ts, p_commands, p_kinds, p_bodies, p_hashes)
            WITH ORDINALITY AS e (stream, stream_seq, ts, command_id, kind, body, hash, n)
        LEFT JOIN event l ON l.seq = p_expected_seq + e.n;
        RETURN CASE WHEN is_same THEN 'already' ELSE 'fenced' END;
    END IF;

    -- A failover may have lost commands that this engine has read and decided: as nobody knows them
    -- any more, they could come again, or be voided, and must not stand in the log.
    IF (SELECT count(*) FROM command WHERE arrival = ANY (p_settled)) < cardinality(p_settled) THEN
        RETURN 'fenced';
    END IF;

    PERFORM blotter_check_chain(
        p_expected_seq, p_streams, p_stream_seqs, p_commands, p_bodies, p_hashes
    );
    INSERT INTO event (seq, stream, stream_seq, epoch, ts, command_id, kind, body, hash)
    SELECT p_expected_seq + e.n, e.stream, e.stream_seq, p_epoch, e.ts, e.command_id, e.kind,
        e.body, e.hash
    FROM unnest(p_streams, p_stream_seqs, p_ts, p_commands, p_kinds, p_bodies, p_hashes)
        WITH ORDINALITY AS e (stream, stream_seq, ts, command_id, kind, body, hash, n);
    INSERT INTO stream (name, stream_seq, hash)
    SELECT DISTINCT ON (e.stream) e.stream, e.stream_seq, e.hash
    FROM unnest(p_streams, p_stream_seqs, p_hashes)
        WITH ORDINALITY AS e (stream, stream_seq, hash, n)
    ORDER BY e.stream, e.n DESC
    ON CONFLICT (name) DO UPDATE SET stream_seq = excluded.stream_seq, hash = excluded.hash;
    PERFORM blotter_write_rows(p_orders, p_busted, p_executions, p_alerts);
    DELETE FROM pending WHERE arrival = ANY (p_settled);
    UPDATE head SET seq = p_expected_seq + total;
    PERFORM pg_notify('events', '');
    RETURN 'appended';
END
$$;


-- Keeps the last two snapshots of a scope and version: the newest may turn out to be unreadable.
-- One whose last event the log does not hold is not kept: an engine that slept through a failover
-- which lost events must not leave what nobody could lead from.
CREATE OR REPLACE FUNCTION blotter_save_snapshot(
    p_scope text, p_seq bigint, p_version integer, p_state_hash text, p_heads text, p_blob bytea
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO snapshot (scope, seq, version, state_hash, heads, blob)
    SELECT p_scope, p_seq, p_version, p_state_hash, p_heads, p_blob
    FROM event last
    WHERE last.seq = p_seq
        AND coalesce(p_heads::jsonb -> last.stream ->> 1, last.hash) = last.hash
    ON CONFLICT (scope, seq) DO UPDATE SET
        version = excluded.version, state_hash = excluded.state_hash, heads = excluded.heads,
        blob = excluded.blob;
    DELETE FROM snapshot s
    WHERE s.scope = p_scope AND s.version = p_version AND s.seq < (
        SELECT kept.seq FROM snapshot kept
        WHERE kept.scope = p_scope AND kept.version = p_version
        ORDER BY kept.seq DESC OFFSET 1 LIMIT 1
    );
END
$$;


-- The feed's sign of life, and the quotes, depth and bars that changed; a symbol's bars go a day
-- after they began. Rows are taken in the order of their keys, so that two publishers can't lock
-- each other out.
CREATE OR REPLACE FUNCTION blotter_publish_market(
    p_feed_ts bigint,
    p_symbols text[], p_ts bigint[], p_bodies text[],
    p_depth_symbols text[], p_depth_ts bigint[], p_depth_bodies text[],
    p_bar_symbols text[], p_starts bigint[], p_opens bigint[], p_highs bigint[], p_lows bigint[],
    p_closes bigint[], p_qtys bigint[], p_vwaps bigint[]
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO feed (id, ts) VALUES (1, p_feed_ts) ON CONFLICT (id) DO UPDATE SET ts = excluded.ts;
    INSERT INTO quote (symbol, ts, body)
    SELECT DISTINCT ON (q.symbol) q.symbol, q.ts, q.body
    FROM unnest(p_symbols, p_ts, p_bodies) WITH ORDINALITY AS q (symbol, ts, body, n)
    ORDER BY q.symbol, q.n DESC
    ON CONFLICT (symbol) DO UPDATE SET ts = excluded.ts, body = excluded.body;
    INSERT INTO depth (symbol, ts, body)
    SELECT DISTINCT ON (d.symbol) d.symbol, d.ts, d.body
    FROM unnest(p_depth_symbols, p_depth_ts, p_depth_bodies)
        WITH ORDINALITY AS d (symbol, ts, body, n)
    ORDER BY d.symbol, d.n DESC
    ON CONFLICT (symbol) DO UPDATE SET ts = excluded.ts, body = excluded.body;
    INSERT INTO bar (symbol, start_ts, open, high, low, close, qty, vwap)
    SELECT DISTINCT ON (b.symbol, b.start_ts)
        b.symbol, b.start_ts, b.open, b.high, b.low, b.close, b.qty, b.vwap
    FROM unnest(
            p_bar_symbols, p_starts, p_opens, p_highs, p_lows, p_closes, p_qtys, p_vwaps
        ) WITH ORDINALITY AS b (symbol, start_ts, open, high, low, close, qty, vwap, n)
    ORDER BY b.symbol, b.start_ts, b.n DESC
    ON CONFLICT (symbol, start_ts) DO UPDATE SET
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        qty = excluded.qty, vwap = excluded.vwap;
    DELETE FROM bar USING (
        SELECT b.symbol, max(b.start_ts) - 86400000000000 AS last_ts
        FROM unnest(p_bar_symbols, p_starts) AS b (symbol, start_ts) GROUP BY b.symbol
    ) old
    WHERE bar.symbol = old.symbol AND bar.start_ts <= old.last_ts;
    PERFORM pg_notify('market', '');
END
$$;
