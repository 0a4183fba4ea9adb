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
  at bigint,
  place bigint,
  call text COLLATE "C" NOT NULL,
  ends_at bigint NOT NULL,
  PRIMARY KEY (key, at, place)
);
CREATE INDEX IF NOT EXISTS hit_ends_at ON %.hit (ends_at);

-- The server's clock: not the client's, and not the transaction's.
CREATE OR REPLACE FUNCTION %.now_v1() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- Locks names that need no row yet, always in one order, so that no two calls wait for each other. Held until the transaction ends.
CREATE OR REPLACE FUNCTION %.lock_v1(names text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(number)
    FROM (SELECT DISTINCT hashtextextended('%' || name, 0) AS number FROM unnest(names) AS name ORDER BY 1) AS ordered;
END $$;

-- Tests every quota; if none is full, takes one hit of every key. Keys are named once, which says whose key a quota is. The caller holds the locks.
CREATE OR REPLACE FUNCTION %.take_v1(
  this text, now_ms bigint, keys text[], which integer[], maxes bigint[], windows bigint[],
  OUT full_quota bigint, OUT wait_ms bigint, OUT remaining bigint[], OUT next_ms bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  -- Of each key: its latest hit, and how long its hits are kept.
  ats bigint[]; places bigint[]; keeps bigint[];
  latest %.hit;
  at_first bigint; place_first bigint; hits bigint; room bigint; free_in bigint;
  k integer;
BEGIN
  FOR i IN 1 .. cardinality(keys) LOOP
    SELECT * INTO latest FROM %.hit WHERE key = keys[i] ORDER BY at DESC, place DESC LIMIT 1;
    ats[i] := latest.at;
    places[i] := coalesce(latest.place, 0);
    keeps[i] := coalesce(latest.ends_at - latest.at, 0);
  END LOOP;
  FOR i IN 1 .. cardinality(which) LOOP
    k := which[i];
    at_first := NULL;
    IF ats[k] > now_ms - windows[i] THEN
      SELECT at, place INTO at_first, place_first FROM %.hit
        WHERE key = keys[k] AND at > now_ms - windows[i] ORDER BY at, place LIMIT 1;
    END IF;
    hits := CASE WHEN at_first IS NULL THEN 0 ELSE places[k] - place_first + 1 END;
    -- A limit that was lowered may find more hits than it allows.
    IF hits > maxes[i] AND maxes[i] > 0 THEN
      SELECT at INTO at_first FROM %.hit WHERE key = keys[k] AND at >= at_first AND place = places[k] - maxes[i] + 1;
    END IF;
    room := maxes[i] - hits - 1;
    free_in := windows[i] + CASE WHEN at_first IS NULL OR maxes[i] < 1 THEN 0 ELSE at_first - now_ms END;
    IF room < 0 THEN
      full_quota := coalesce(full_quota, i);
      wait_ms := greatest(wait_ms, free_in);
    END IF;
    keeps[k] := greatest(keeps[k], windows[i]);
    IF remaining[k] IS NULL OR room < remaining[k] OR room = remaining[k] AND free_in > next_ms[k] THEN
      remaining[k] := room;
      next_ms[k] := free_in;
    END IF;
  END LOOP;
  IF full_quota IS NULL AND cardinality(keys) > 0 THEN
    INSERT INTO %.hit (key, at, place, call, ends_at)
      SELECT key, greatest(now_ms, at), place + 1, this, greatest(now_ms, at) + keep FROM unnest(keys, ats, places, keeps) AS taken(key, at, place, keep);
  END IF;
END $$;

-- Forgets keys wholly or, with a call that began at a time, its hits; later hits move up. The caller holds the locks.
CREATE OR REPLACE FUNCTION %.forget_v1(keys text[], this text, since bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  gone %.hit;
  later %.hit;
BEGIN
  IF this IS NULL THEN
    DELETE FROM %.hit WHERE key = ANY (keys);
    RETURN;
  END IF;
  FOR gone IN DELETE FROM %.hit WHERE key = ANY (keys) AND at >= since AND call = this RETURNING * LOOP
    FOR later IN SELECT * FROM %.hit WHERE key = gone.key AND at >= gone.at AND place > gone.place ORDER BY place LOOP
      UPDATE %.hit SET place = later.place - 1 WHERE key = later.key AND at = later.at AND place = later.place;
    END LOOP;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION %.open_shots_v1(ids text[], ttls bigint[], now_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO %.record AS shot (id, ends_at) SELECT DISTINCT ON (id) id, now_ms + ttl FROM unnest(ids, ttls) AS shots(id, ttl) ORDER BY id
  ON CONFLICT (id) DO UPDATE SET code_digest = NULL, attempts_left = 0, closed = false, code_ends_at = 0, ends_at = excluded.ends_at
    WHERE shot.ends_at <= now_ms;
END $$;
`
