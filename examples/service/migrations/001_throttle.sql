-- What was let through lately. Keys are keyed hashes: no address and no number is kept.
CREATE TABLE throttle_hit (
  key text NOT NULL,
  at bigint NOT NULL,
  expires_at bigint NOT NULL
);

CREATE INDEX throttle_hit_by_key ON throttle_hit (key, at);
CREATE INDEX throttle_hit_by_expiry ON throttle_hit (expires_at);
