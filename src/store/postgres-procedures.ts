/**
 * What every verb begins with. An isolation that looks at the past would count the hits of the past. Locks come in ascending order, and end
 * with the transaction.
 */
const begin = `
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM set_config('lock_timeout', patience_ms, true), set_config('enable_seqscan', 'off', true);
  FOREACH lock IN ARRAY locks LOOP
    PERFORM pg_advisory_xact_lock(lock);
  END LOOP;`

/** What a verb that takes quotas is given: each key once, and of each quota the number of its key, its max and its window. */
const quotas = 'keys text[], quotas bigint[]'

const take = `
    taken := %.take_v1(this, began, keys, quotas);
    IF taken.full_quota IS NOT NULL THEN
      status := 'limited';
      figures := taken.full_quota || ',' || taken.wait_ms;`

/** A one-shot that lives stays as it is. */
const openShots = `
      FOR i IN 1 .. cardinality(shots) LOOP
        INSERT INTO %.record AS shot (id, ends_at) VALUES (shots[i], began + shot_ttls[i])
        ON CONFLICT (id) DO UPDATE SET code_digest = NULL, attempts_left = 0, closed = false, code_ends_at = 0, ends_at = excluded.ends_at
          WHERE shot.ends_at <= began;
      END LOOP;`

const declare = `
DECLARE
  lock bigint;
  found_one %.record;
  taken record;
BEGIN${begin}
  began := %.now_v1();`

/**
 * A procedure for each verb, in the schema `%`. A procedure commits by itself: what it answers is durable, and inside a transaction of the
 * application Postgres refuses it, so that no rollback gives an attempt back. Figures are text, with
 * commas: `room` is what each key has left, then when each has more.
 */
export const procedures = `
CREATE OR REPLACE PROCEDURE %.open_v1(
  patience_ms text, locks bigint[], this text, the_id text, digest text, attempts bigint, ttl bigint, life bigint, ${quotas},
  shots text[], shot_ttls bigint[], INOUT status text = NULL, INOUT began bigint = NULL, INOUT figures text = NULL, INOUT room text = NULL
) LANGUAGE plpgsql AS $$${declare}
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > began;
  IF FOUND THEN
    status := 'exists';
    figures := greatest(0, found_one.code_ends_at - began) || ',' || found_one.ends_at - began;
  ELSE${take}
    ELSE
      INSERT INTO %.record (id, code_digest, attempts_left, code_ends_at, ends_at)
      VALUES (the_id, digest, attempts, began + least(ttl, life), began + life)
      ON CONFLICT (id) DO UPDATE SET code_digest = excluded.code_digest, attempts_left = excluded.attempts_left, closed = false,
        code_ends_at = excluded.code_ends_at, ends_at = excluded.ends_at;${openShots}
      status := 'opened';
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

CREATE OR REPLACE PROCEDURE %.renew_v1(
  patience_ms text, locks bigint[], this text, the_id text, digest text, ttl bigint, ${quotas},
  shots text[], shot_ttls bigint[], INOUT status text = NULL, INOUT began bigint = NULL, INOUT figures text = NULL, INOUT room text = NULL
) LANGUAGE plpgsql AS $$${declare}
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > began AND code_digest IS NOT NULL;
  status := CASE
    WHEN NOT FOUND THEN 'absent'
    WHEN found_one.closed THEN 'closed'
    WHEN found_one.attempts_left < 1 THEN 'exhausted'
  END;
  IF status IS NULL THEN${take}
    ELSE
      UPDATE %.record SET code_ends_at = least(found_one.ends_at, began + ttl), code_digest = coalesce(digest, code_digest) WHERE id = the_id;${openShots}
      status := 'renewed';
      figures := least(found_one.ends_at - began, ttl);
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

CREATE OR REPLACE PROCEDURE %.attempt_v1(
  patience_ms text, locks bigint[], this text, the_id text, ${quotas},
  INOUT status text = NULL, INOUT began bigint = NULL, INOUT figures text = NULL, INOUT room text = NULL, INOUT digest text = NULL
) LANGUAGE plpgsql AS $$${declare}
  SELECT * INTO found_one FROM %.record WHERE id = the_id AND ends_at > began AND code_digest IS NOT NULL;
  status := CASE
    WHEN NOT FOUND THEN 'absent'
    WHEN found_one.code_ends_at <= began THEN 'expired'
    WHEN found_one.closed THEN 'closed'
    WHEN found_one.attempts_left < 1 OR found_one.attempts_left > 100 THEN 'exhausted'
  END;
  IF status IS NULL THEN${take}
    ELSE
      -- Spent first, then revealed: both by one conditional statement.
      UPDATE %.record SET attempts_left = attempts_left - 1 WHERE id = the_id AND attempts_left >= 1 AND NOT closed
        RETURNING 'granted', code_digest, attempts_left INTO STRICT status, digest, figures;
      room := taken.room;
    END IF;
  END IF;
  COMMIT;
END $$;

-- Without a COMMIT, so that it can also join a transaction of the application. The caller holds the locks.
CREATE OR REPLACE FUNCTION %.end_v1(the_id text, releases text[], this text, since bigint, shots text[], shot_ttls bigint[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  began bigint := %.now_v1();
BEGIN
  UPDATE %.record SET closed = true WHERE id = the_id AND NOT closed AND ends_at > began;
  IF FOUND THEN
    IF cardinality(releases) > 0 THEN
      PERFORM %.forget_v1(releases, this, since);
    END IF;${openShots}
    RETURN 'closed';
  END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM %.record WHERE id = the_id AND ends_at > began) THEN 'already' ELSE 'absent' END;
END $$;

CREATE OR REPLACE PROCEDURE %.close_v1(
  patience_ms text, locks bigint[], the_id text, releases text[], this text, since bigint, shots text[], shot_ttls bigint[], INOUT status text = NULL
) LANGUAGE plpgsql AS $$
DECLARE
  lock bigint;
BEGIN${begin}
  status := %.end_v1(the_id, releases, this, since, shots, shot_ttls);
  COMMIT;
END $$;

-- Ends a one-shot in a transaction of the application, whose own patience is put back.
CREATE OR REPLACE FUNCTION %.join_v1(patience_ms text, locks bigint[], the_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  patience text := current_setting('lock_timeout');
  lock bigint;
  status text;
BEGIN
  PERFORM set_config('lock_timeout', patience_ms, true);
  FOREACH lock IN ARRAY locks LOOP
    PERFORM pg_advisory_xact_lock(lock);
  END LOOP;
  status := %.end_v1(the_id, '{}', NULL, NULL, '{}', '{}');
  PERFORM set_config('lock_timeout', patience, true);
  RETURN status;
END $$;

CREATE OR REPLACE PROCEDURE %.release_v1(
  patience_ms text, locks bigint[], releases text[], this text, since bigint, INOUT status text = NULL
) LANGUAGE plpgsql AS $$
DECLARE
  lock bigint;
BEGIN${begin}
  PERFORM %.forget_v1(releases, this, since);
  status := 'released';
  COMMIT;
END $$;

-- Deletes a batch of what is over; what another call holds is left for the next time. Its loss in a crash would be no loss.
CREATE OR REPLACE PROCEDURE %.sweep_v1(batch bigint, INOUT swept bigint = NULL) LANGUAGE plpgsql AS $$
DECLARE
  began bigint := %.now_v1();
  hits bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '100ms', true);
  DELETE FROM %.record WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM %.record WHERE ends_at <= began ORDER BY ends_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS swept = ROW_COUNT;
  DELETE FROM %.hit WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM %.hit WHERE ends_at <= began ORDER BY ends_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS hits = ROW_COUNT;
  swept := swept + hits;
  COMMIT;
END $$;
`
