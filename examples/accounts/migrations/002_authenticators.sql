-- An authenticator app's secret, encrypted. It is a factor once it is active; until then its backup codes wait beside it.
CREATE TABLE account_authenticator (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  sealed_secret text NOT NULL,
  pending_backup_digests text[] NOT NULL,
  activated_at timestamptz,
  -- The time step of the newest code that was accepted: none at or before it is good any more.
  last_step bigint
);

-- Wrong second factors in a row, of every method together. Only a right one forgets them.
CREATE TABLE account_factor_ledger (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  failures integer NOT NULL,
  locked_until timestamptz
);
