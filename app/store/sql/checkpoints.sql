-- Signed checkpoints: where the log stood, in words that somebody signed with a key of his own.
--
-- The database can't tell a good signature from a bad one, and need not: who verifies does.

-- Appends a checkpoint; false when its number is not the next one, as another was signed meanwhile.
CREATE OR REPLACE FUNCTION blotter_add_checkpoint(
    p_number bigint, p_seq bigint, p_body text, p_signature text
) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    h head;
BEGIN
    SELECT * INTO STRICT h FROM head FOR UPDATE;
    IF p_seq > h.seq OR p_number <> (SELECT coalesce(max(number), 0) + 1 FROM checkpoint) THEN
        RETURN false;
    END IF;
    INSERT INTO checkpoint (number, seq, body, signature)
    VALUES (p_number, p_seq, p_body, p_signature);
    RETURN true;
END
$$;
