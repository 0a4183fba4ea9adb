-- What an account's owner says of themselves. The phone here was typed and proves nothing: no code is ever sent to it for a sign-in.
CREATE TABLE two_factor_profile (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  contact_phone text,
  language text NOT NULL DEFAULT 'fr',
  timezone text NOT NULL DEFAULT 'Europe/Paris',
  email_notifications boolean NOT NULL DEFAULT true,
  last_activity timestamptz,
  factor_used_at timestamptz
);

-- Whoever signs in by a code to the verified phone of the account.
CREATE TABLE two_factor_sms (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  activated_at timestamptz NOT NULL
);

-- Keyed hashes. A code is used by deleting it.
CREATE TABLE two_factor_backup_code (
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  digest text NOT NULL,
  PRIMARY KEY (account_id, digest)
);

-- A right password that waits for its second factor. It ends with exactly one sign-in, or with the password that it was.
CREATE TABLE two_factor_pre_login (
  id uuid PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  password_tag text NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX two_factor_pre_login_by_expiry ON two_factor_pre_login (expires_at);

-- Sessions whose owner gave a second factor, and not only the cookie of a remembered device.
CREATE TABLE two_factor_session (
  session_id uuid PRIMARY KEY REFERENCES account_session ON DELETE CASCADE
);

-- Devices that need no second factor, by the SHA-256 of their token. Bound to the password: a new password forgets them all.
CREATE TABLE two_factor_device (
  id uuid PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  digest text NOT NULL UNIQUE,
  password_tag text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX two_factor_device_by_account ON two_factor_device (account_id);
