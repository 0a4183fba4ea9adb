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

-- Tests every quota; if none is full, takes one hit of every key. The caller holds the locks of the keys.
CREATE OR REPLACE FUNCTION %.take_v1(
  this text, now_ms bigint, keys text[], quotas bigint[], OUT full_quota integer, OUT wait_ms bigint, OUT room text
) LANGUAGE plpgsql AS $$
DECLARE
  -- Of each key: its latest hit, how long its hits are kept, and what its tightest window has left.
  ats bigint[]; places bigint[]; keeps bigint[]; lefts bigint[]; nexts bigint[];
  last_at bigint; last_place bigint; kept bigint;
  at_first bigint; place_first bigint; hits bigint; most bigint; window_ms bigint; remaining bigint; free_in bigint;
  k integer;
BEGIN
  FOR i IN 1 .. cardinality(keys) LOOP
    last_at := NULL; last_place := 0; kept := 0;
    SELECT at, place, ends_at - at INTO last_at, last_place, kept FROM %.hit WHERE key = keys[i] ORDER BY at DESC, place DESC LIMIT 1;
    ats[i] := last_at; places[i] := coalesce(last_place, 0); keeps[i] := coalesce(kept, 0);
  END LOOP;
  FOR i IN 1 .. cardinality(quotas) / 3 LOOP
    k := quotas[3 * i - 2]; most := quotas[3 * i - 1]; window_ms := quotas[3 * i];
    at_first := NULL; hits := 0;
    IF ats[k] > now_ms - window_ms THEN
      SELECT at, place INTO at_first, place_first FROM %.hit WHERE key = keys[k] AND at > now_ms - window_ms ORDER BY at, place LIMIT 1;
      hits := places[k] - place_first + 1;
      -- A limit that was lowered may find more hits than it allows.
      IF hits > most AND most > 0 THEN
        SELECT at INTO at_first FROM %.hit WHERE key = keys[k] AND at >= at_first AND place = places[k] - most + 1;
      END IF;
    END IF;
    remaining := most - hits - 1;
    free_in := window_ms + CASE WHEN at_first IS NULL OR most < 1 THEN 0 ELSE at_first - now_ms END;
    IF remaining < 0 THEN
      full_quota := coalesce(full_quota, i);
      wait_ms := greatest(wait_ms, free_in);
    END IF;
    keeps[k] := greatest(keeps[k], window_ms);
    IF lefts[k] IS NULL OR remaining < lefts[k] OR remaining = lefts[k] AND free_in > nexts[k] THEN
      lefts[k] := remaining;
      nexts[k] := free_in;
    END IF;
  END LOOP;
  IF full_quota IS NULL AND cardinality(keys) > 0 THEN
    INSERT INTO %.hit (key, at, place, call, ends_at)
      SELECT key, greatest(now_ms, at), place + 1, this, greatest(now_ms, at) + keep FROM unnest(keys, ats, places, keeps) AS taken(key, at, place, keep);
    room := array_to_string(lefts || nexts, ',');
  END IF;
END $$;

-- Forgets keys wholly or, with a call that began at a time, its hits; later hits move up. The caller holds the locks.
CREATE OR REPLACE FUNCTION %.forget_v1(keys text[], this text, since bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one text;
  gone %.hit;
  later %.hit;
BEGIN
  IF this IS NULL THEN
    -- One key at a time: for a list of unknown length Postgres would make a plan each time.
    FOREACH one IN ARRAY keys LOOP
      DELETE FROM %.hit WHERE key = one;
    END LOOP;
    RETURN;
  END IF;
  FOR gone IN DELETE FROM %.hit WHERE key = ANY (keys) AND at >= since AND call = this RETURNING * LOOP
    FOR later IN SELECT * FROM %.hit WHERE key = gone.key AND at >= gone.at AND place > gone.place ORDER BY place LOOP
      UPDATE %.hit SET place = later.place - 1 WHERE key = later.key AND at = later.at AND place = later.place;
    END LOOP;
  END LOOP;
END $$;
`
