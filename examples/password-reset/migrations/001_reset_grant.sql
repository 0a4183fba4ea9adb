-- Somebody proved the phone of an account and may give it a new password, and nothing else. The token is kept as its SHA-256; the proof is
-- what the verifier will redeem.
CREATE TABLE password_reset_grant (
  digest text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  proof text NOT NULL,
  tries_left int NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX password_reset_grant_by_account ON password_reset_grant (account_id);
CREATE INDEX password_reset_grant_by_expiry ON password_reset_grant (expires_at);
