import { app } from '../contestant.js'
import { lifeMs, ttlMs } from './claims.js'
import { guessWindows, sendWindows } from './quotas.js'
import type { Window } from './windows.js'

const kinds = { ...sendWindows, ...guessWindows }

/** `(kind, most, window)` of the limits that are asked about. */
const values = (windows: Readonly<Record<string, readonly Window[]>>) =>
  Object.entries(windows)
    .flatMap(([kind, of]) => of.map(({ max, windowMs }) => `('${kind}', ${max}, ${windowMs}::bigint)`))
    .join(', ')

const longest = (kind: keyof typeof kinds) => `${kinds[kind].at(-1)?.windowMs}::bigint`

const named = (keys: Partial<Record<keyof typeof kinds, string>>) =>
  Object.entries(keys)
    .map(([kind, key]) => `('${kind}', ${key}, ${longest(kind as keyof typeof kinds)})`)
    .join(', ')

/**
 * Waits by the hits of a key: they are numbered without gaps, so the one that must leave first is found by its number. `wait_ms`: until
 * there is room; `next_ms`: until there is room after one more hit.
 */
const weigh = (keys: string, windows: Readonly<Record<string, readonly Window[]>>) => `
  SELECT coalesce(max(hit.at + most.window_ms - now_ms) FILTER (WHERE hit.n = newest.n - most.hits + 1), 0),
      coalesce(max(CASE most.hits WHEN 1 THEN most.window_ms ELSE hit.at + most.window_ms - now_ms END)
        FILTER (WHERE most.hits = 1 OR hit.n = newest.n - most.hits + 2), 0)
    INTO wait_ms, next_ms
    FROM (
      SELECT kind, key, coalesce((SELECT n FROM %.hit WHERE hit.key = asked.key ORDER BY n DESC LIMIT 1), 0) AS n
        FROM (VALUES ${keys}) AS asked(kind, key, longest) OFFSET 0
    ) AS newest
    JOIN (VALUES ${values(windows)}) AS most(kind, hits, window_ms) ON most.kind = newest.kind AND newest.n + 1 >= most.hits
    LEFT JOIN %.hit ON hit.key = newest.key AND hit.n IN (newest.n - most.hits + 1, newest.n - most.hits + 2);`

const take = (keys: string) => `
  INSERT INTO %.hit (key, n, at, ends_at)
    SELECT key, coalesce((SELECT n FROM %.hit WHERE hit.key = asked.key ORDER BY n DESC LIMIT 1), 0) + 1, now_ms, now_ms + longest
      FROM (VALUES ${keys}) AS asked(kind, key, longest);`

const sendKeys = named({
  o: `'o' || phone || '${app.purpose}'`,
  w: `'w' || phone`,
  p: `'p' || phone`,
  k: `'k' || client`,
  x: `'x' || block`,
  t: `'t'`,
})
const ledger = `'f' || phone || '${app.purpose}'`
const guessKeys = named({ f: ledger, g: `'g' || client` })

const now = `now_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);`

/** Everybody locks in this order, so nobody waits in a circle; what everybody needs comes last and is held for the shortest time. */
const lockGuess = `PERFORM pg_advisory_xact_lock(hashtextextended(phone, 1)), pg_advisory_xact_lock(hashtextextended(client, 2));`
const lockSend = `${lockGuess}
  PERFORM pg_advisory_xact_lock(hashtextextended(block, 3)), pg_advisory_xact_lock(hashtextextended('t', 4));`

const spend = `
  ${lockGuess}
  ${now}
  SELECT * INTO found_one FROM %.challenge WHERE id = the_id;
  status := CASE
    WHEN NOT FOUND OR found_one.code_ends_at <= now_ms THEN 'expired'
    WHEN found_one.closed THEN 'already_used'
    WHEN found_one.attempts_left < 1 THEN 'too_many_attempts'
  END;
  IF status IS NOT NULL THEN RETURN; END IF;
  ${weigh(guessKeys, guessWindows)}
  IF wait_ms > 0 THEN status := 'limited'; figure := wait_ms; RETURN; END IF;`

const win = `
  INSERT INTO %.proof (id, ends_at) VALUES (proof_id, now_ms + ${lifeMs});`

/** The floor's state in Postgres, in the schema `%`: a table for challenges, one for hits, one for proofs, a function for each step. */
export const floorSchema = (schema: string) =>
  `
CREATE SCHEMA %;
CREATE TABLE %.challenge (
  id text COLLATE "C" PRIMARY KEY, digest text NOT NULL, attempts_left integer NOT NULL, closed boolean NOT NULL DEFAULT false,
  code_ends_at bigint NOT NULL, ends_at bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON %.challenge (ends_at);
CREATE TABLE %.proof (id text COLLATE "C" PRIMARY KEY, closed boolean NOT NULL DEFAULT false, ends_at bigint NOT NULL) WITH (fillfactor = 80);
CREATE INDEX ON %.proof (ends_at);
CREATE TABLE %.hit (key text COLLATE "C", n bigint, at bigint NOT NULL, ends_at bigint NOT NULL, PRIMARY KEY (key, n));
CREATE INDEX ON %.hit (ends_at);

CREATE FUNCTION %.open(the_id text, the_digest text, phone text, client text, block text, OUT wait_ms bigint, OUT next_ms bigint)
LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
BEGIN
  ${lockSend}
  ${now}
  ${weigh(sendKeys, sendWindows)}
  IF wait_ms > 0 THEN RETURN; END IF;
  ${take(sendKeys)}
  INSERT INTO %.challenge (id, digest, attempts_left, code_ends_at, ends_at)
    VALUES (the_id, the_digest, 5, now_ms + ${ttlMs}, now_ms + ${lifeMs});
END $$;

CREATE FUNCTION %.undo(the_id text, phone text, client text, block text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  ${lockSend}
  DELETE FROM %.challenge WHERE id = the_id;
  DELETE FROM %.hit USING (VALUES ${sendKeys}) AS asked(kind, key, longest)
    WHERE hit.key = asked.key AND hit.n = (SELECT max(n) FROM %.hit AS newest WHERE newest.key = asked.key);
END $$;

CREATE FUNCTION %.guess(the_id text, the_digest text, phone text, client text, proof_id text, OUT status text, OUT figure bigint)
LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint; wait_ms bigint; next_ms bigint; found_one %.challenge;
BEGIN
  ${spend}
  IF found_one.digest = the_digest THEN
    UPDATE %.challenge SET attempts_left = attempts_left - 1, closed = true WHERE id = the_id;
    DELETE FROM %.hit WHERE key = ${ledger};
    ${take(named({ g: `'g' || client` }))}
    ${win}
    status := 'right';
  ELSE
    UPDATE %.challenge SET attempts_left = attempts_left - 1 WHERE id = the_id;
    ${take(guessKeys)}
    status := 'wrong';
    figure := found_one.attempts_left - 1;
  END IF;
END $$;

CREATE FUNCTION %.spend(the_id text, phone text, client text, OUT status text, OUT figure bigint, OUT digest text) LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint; wait_ms bigint; next_ms bigint; found_one %.challenge;
BEGIN
  ${spend}
  UPDATE %.challenge SET attempts_left = attempts_left - 1 WHERE id = the_id;
  ${take(guessKeys)}
  status := 'spent';
  figure := found_one.attempts_left - 1;
  digest := found_one.digest;
END $$;

CREATE FUNCTION %.win(the_id text, phone text, proof_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(phone, 1));
  ${now}
  UPDATE %.challenge SET closed = true WHERE id = the_id AND NOT closed AND ends_at > now_ms;
  IF NOT FOUND THEN RETURN CASE WHEN EXISTS (SELECT FROM %.challenge WHERE id = the_id) THEN 'already_used' ELSE 'expired' END; END IF;
  DELETE FROM %.hit WHERE key = ${ledger};
  ${win}
  RETURN 'won';
END $$;

CREATE FUNCTION %.redeem(proof_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint;
BEGIN
  ${now}
  UPDATE %.proof SET closed = true WHERE id = proof_id AND NOT closed AND ends_at > now_ms;
  IF FOUND THEN RETURN 'redeemed'; END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM %.proof WHERE id = proof_id AND ends_at > now_ms) THEN 'already_redeemed' ELSE 'expired' END;
END $$;
`.replaceAll('%', schema)
