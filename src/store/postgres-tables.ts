/**
 * The tables, in the schema `%`, and what every verb is made of. Times are whole milliseconds since 1970. Columns are only ever added, and
 * what changes gets a new number: stores of an older version go on beside newer ones.
 */
export const tables = `
CREATE SCHEMA IF NOT EXISTS %;

-- A challenge or, without a digest, a one-shot.
CREATE TABLE IF NOT EXISTS %.record (
  id text COLLATE "C" PRIMARY KEY,
  code_digest text,
  attempts_left integer NOT NULL DEFAULT 0,
  closed boolean NOT NULL DEFAULT false,
  code_ends_at bigint NOT NULL DEFAULT 0,
  ends_at bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS record_ends_at ON %.record (ends_at);

-- One hit of a quota key. Places of a key are dense, so that two look-ups count a window of any size.
CREATE TABLE IF NOT EXISTS %.hit (
  key text COLLATE "C",
  call text COLLATE "C",
  at bigint NOT NULL,
  place bigint NOT NULL,
  ends_at bigint NOT NULL,
  PRIMARY KEY (key, call)
);
CREATE INDEX IF NOT EXISTS hit_window ON %.hit (key, at, place);
CREATE INDEX IF NOT EXISTS hit_ends_at ON %.hit (ends_at);

-- The server's clock: not the client's, and not the transaction's.
CREATE OR REPLACE FUNCTION %.now_v1() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- What every verb begins with. An isolation that looks at the past would count hits of the past.
CREATE OR REPLACE PROCEDURE %.begin_v1(patience_ms bigint) LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  PERFORM set_config('synchronous_commit', 'on', true), set_config('lock_timeout', patience_ms::text, true), set_config('enable_seqscan', 'off', true);
END $$;

-- Locks names that need no row yet, always in one order, so that no two calls wait for each other. Held until the transaction ends.
CREATE OR REPLACE FUNCTION %.lock_v1(names text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(number)
    FROM (SELECT DISTINCT hashtextextended('%' || name, 0) AS number FROM unnest(names) AS name ORDER BY 1) AS ordered;
END $$;

-- Tests every quota; if none is full, takes one hit of every key. The caller holds the locks of the keys.
CREATE OR REPLACE FUNCTION %.take_v1(
  this text, now_ms bigint, keys text[], maxes bigint[], windows bigint[], OUT full_quota bigint, OUT wait_ms bigint, OUT room bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(keys) = 0 THEN
    room := '{}';
    RETURN;
  END IF;
  WITH counted AS MATERIALIZED (
    SELECT asked.*, latest.at AS latest_at, latest.place AS latest_place, latest.ends_at - latest.at AS kept, oldest.at AS oldest_at,
      coalesce(latest.place - oldest.place + 1, 0) AS hits
    FROM unnest(keys, maxes, windows) WITH ORDINALITY AS asked(key, most, window_ms, row)
    LEFT JOIN LATERAL (SELECT * FROM %.hit WHERE hit.key = asked.key ORDER BY hit.at DESC, hit.place DESC LIMIT 1) AS latest ON true
    LEFT JOIN LATERAL (
      SELECT * FROM %.hit WHERE hit.key = asked.key AND hit.at > now_ms - asked.window_ms ORDER BY hit.at, hit.place LIMIT 1
    ) AS oldest ON true
  ), weighed AS MATERIALIZED (
    SELECT counted.*, most - hits - 1 AS remaining, window_ms + CASE
      WHEN most = 0 OR hits = 0 THEN 0
      WHEN hits <= most THEN oldest_at - now_ms
      ELSE (SELECT hit.at FROM %.hit WHERE hit.key = counted.key AND hit.at >= oldest_at AND hit.place = latest_place - most + 1) - now_ms
    END AS next_ms
    FROM counted
  ), full_ones AS (
    SELECT min(row) AS row, max(next_ms) AS wait FROM weighed WHERE remaining < 0
  ), taken AS (
    INSERT INTO %.hit (key, call, at, place, ends_at)
    SELECT key, this, greatest(now_ms, max(latest_at)), coalesce(max(latest_place), 0) + 1,
      greatest(now_ms, max(latest_at)) + greatest(max(window_ms), max(kept))
    FROM weighed WHERE (SELECT row FROM full_ones) IS NULL GROUP BY key
  ), tightest AS (
    SELECT DISTINCT ON (key) remaining, next_ms, min(row) OVER (PARTITION BY key) AS first FROM weighed ORDER BY key, remaining, next_ms DESC
  )
  SELECT full_ones.row, full_ones.wait, (SELECT array_agg(remaining ORDER BY first) || array_agg(next_ms ORDER BY first) FROM tightest)
    INTO full_quota, wait_ms, room FROM full_ones;
END $$;

-- Forgets keys wholly or, with a call, its hits; later hits move up. The caller holds the locks of the keys.
CREATE OR REPLACE FUNCTION %.forget_v1(keys text[], this text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF this IS NULL THEN
    DELETE FROM %.hit WHERE key = ANY (keys);
  ELSE
    WITH gone AS (DELETE FROM %.hit WHERE key = ANY (keys) AND call = this RETURNING key, at, place)
    UPDATE %.hit SET place = hit.place - 1 FROM gone WHERE hit.key = gone.key AND hit.at >= gone.at AND hit.place > gone.place;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION %.open_shots_v1(ids text[], ttls bigint[], now_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO %.record AS shot (id, ends_at) SELECT DISTINCT ON (id) id, now_ms + ttl FROM unnest(ids, ttls) AS shots(id, ttl) ORDER BY id
  ON CONFLICT (id) DO UPDATE SET code_digest = NULL, attempts_left = 0, closed = false, code_ends_at = 0, ends_at = excluded.ends_at
    WHERE shot.ends_at <= now_ms;
END $$;
`
