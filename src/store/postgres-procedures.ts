/**
 * A procedure for each verb, in the schema `%`. A procedure commits by itself: what it answers is durable, and inside a transaction of the
 * application Postgres refuses it, so that no rollback gives an attempt back.
 */
export const procedures = `
CREATE OR REPLACE PROCEDURE %.open_v1(
  patience_ms bigint, this text, the_id text, digest text, attempts bigint, ttl bigint, life bigint, keys text[], quota_keys text[], maxes bigint[], windows bigint[],
  shots text[], shot_ttls bigint[], INOUT status text = NULL, INOUT figures bigint[] = NULL, INOUT room bigint[] = NULL
) LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
  found_one %.record;
  taken record;
BEGIN
  CALL %.begin_v1(patience_ms);
  PERFORM %.lock_v1(keys);
  now_ms := %.now_v1();
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > now_ms;
  IF FOUND THEN
    status := 'exists';
    figures := ARRAY[greatest(0, found_one.code_ends_at - now_ms), found_one.ends_at - now_ms];
  ELSE
    SELECT * INTO taken FROM %.take_v1(this, now_ms, quota_keys, maxes, windows);
    IF taken.full_quota IS NOT NULL THEN
      status := 'limited';
      figures := ARRAY[taken.full_quota, taken.wait_ms];
    ELSE
      INSERT INTO %.record (id, code_digest, attempts_left, code_ends_at, ends_at)
      VALUES (the_id, digest, attempts, now_ms + least(ttl, life), now_ms + life)
      ON CONFLICT (id) DO UPDATE SET code_digest = excluded.code_digest, attempts_left = excluded.attempts_left, closed = false,
        code_ends_at = excluded.code_ends_at, ends_at = excluded.ends_at;
      PERFORM %.open_shots_v1(shots, shot_ttls, now_ms);
      status := 'opened';
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

CREATE OR REPLACE PROCEDURE %.renew_v1(
  patience_ms bigint, this text, the_id text, digest text, ttl bigint, keys text[], quota_keys text[], maxes bigint[], windows bigint[], shots text[],
  shot_ttls bigint[], INOUT status text = NULL, INOUT figures bigint[] = NULL, INOUT room bigint[] = NULL
) LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
  found_one %.record;
  taken record;
BEGIN
  CALL %.begin_v1(patience_ms);
  PERFORM %.lock_v1(keys);
  now_ms := %.now_v1();
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > now_ms AND code_digest IS NOT NULL;
  status := CASE
    WHEN NOT FOUND THEN 'absent'
    WHEN found_one.closed THEN 'closed'
    WHEN found_one.attempts_left < 1 THEN 'exhausted'
  END;
  IF status IS NULL THEN
    SELECT * INTO taken FROM %.take_v1(this, now_ms, quota_keys, maxes, windows);
    IF taken.full_quota IS NOT NULL THEN
      status := 'limited';
      figures := ARRAY[taken.full_quota, taken.wait_ms];
    ELSE
      UPDATE %.record SET code_ends_at = least(found_one.ends_at, now_ms + ttl), code_digest = coalesce(digest, code_digest) WHERE id = the_id;
      PERFORM %.open_shots_v1(shots, shot_ttls, now_ms);
      status := 'renewed';
      figures := ARRAY[least(found_one.ends_at - now_ms, ttl)];
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

CREATE OR REPLACE PROCEDURE %.attempt_v1(
  patience_ms bigint, this text, the_id text, keys text[], quota_keys text[], maxes bigint[], windows bigint[],
  INOUT status text = NULL, INOUT digest text = NULL, INOUT figures bigint[] = NULL, INOUT room bigint[] = NULL
) LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
  found_one %.record;
  taken record;
BEGIN
  CALL %.begin_v1(patience_ms);
  PERFORM %.lock_v1(keys);
  now_ms := %.now_v1();
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > now_ms AND code_digest IS NOT NULL;
  status := CASE
    WHEN NOT FOUND THEN 'absent'
    WHEN found_one.code_ends_at <= now_ms THEN 'expired'
    WHEN found_one.closed THEN 'closed'
    WHEN found_one.attempts_left < 1 OR found_one.attempts_left > 100 THEN 'exhausted'
  END;
  IF status IS NULL THEN
    SELECT * INTO taken FROM %.take_v1(this, now_ms, quota_keys, maxes, windows);
    IF taken.full_quota IS NOT NULL THEN
      status := 'limited';
      figures := ARRAY[taken.full_quota, taken.wait_ms];
    ELSE
      -- Spent first, then revealed: both by one conditional statement.
      UPDATE %.record SET attempts_left = attempts_left - 1 WHERE id = the_id AND attempts_left >= 1 AND NOT closed
        RETURNING 'granted', code_digest, ARRAY[attempts_left] INTO STRICT status, digest, figures;
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

-- Without a COMMIT, so that it can also join a transaction of the application.
CREATE OR REPLACE FUNCTION %.end_v1(the_id text, keys text[], releases text[], this text, shots text[], shot_ttls bigint[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
BEGIN
  PERFORM %.lock_v1(keys);
  now_ms := %.now_v1();
  UPDATE %.record SET closed = true WHERE id = the_id AND NOT closed AND ends_at > now_ms;
  IF FOUND THEN
    PERFORM %.forget_v1(releases, this), %.open_shots_v1(shots, shot_ttls, now_ms);
    RETURN 'closed';
  END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM %.record WHERE id = the_id AND ends_at > now_ms) THEN 'already' ELSE 'absent' END;
END $$;

-- Ends a one-shot in a transaction of the application, whose own patience is put back.
CREATE OR REPLACE FUNCTION %.join_v1(patience_ms bigint, the_id text, keys text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  patience text := current_setting('lock_timeout');
  status text;
BEGIN
  PERFORM set_config('lock_timeout', patience_ms::text, true);
  status := %.end_v1(the_id, keys, '{}', NULL, '{}', '{}');
  PERFORM set_config('lock_timeout', patience, true);
  RETURN status;
END $$;

CREATE OR REPLACE PROCEDURE %.close_v1(
  patience_ms bigint, the_id text, keys text[], releases text[], this text, shots text[], shot_ttls bigint[], INOUT status text = NULL
) LANGUAGE plpgsql AS $$
BEGIN
  CALL %.begin_v1(patience_ms);
  status := %.end_v1(the_id, keys, releases, this, shots, shot_ttls);
  COMMIT;
END $$;

CREATE OR REPLACE PROCEDURE %.release_v1(patience_ms bigint, keys text[], releases text[], this text, INOUT status text = NULL) LANGUAGE plpgsql AS $$
BEGIN
  CALL %.begin_v1(patience_ms);
  PERFORM %.lock_v1(keys), %.forget_v1(releases, this);
  status := 'released';
  COMMIT;
END $$;

-- Deletes a batch of what is over; what another call holds is left for the next time. Its loss in a crash would be no loss.
CREATE OR REPLACE PROCEDURE %.sweep_v1(batch bigint, INOUT swept bigint = NULL) LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint := %.now_v1();
  hits bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '100ms', true);
  DELETE FROM %.record WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM %.record WHERE ends_at <= now_ms ORDER BY ends_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS swept = ROW_COUNT;
  DELETE FROM %.hit WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM %.hit WHERE ends_at <= now_ms ORDER BY ends_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS hits = ROW_COUNT;
  swept := swept + hits;
  COMMIT;
END $$;
`
