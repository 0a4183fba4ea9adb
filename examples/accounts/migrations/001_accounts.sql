-- People who may sign in, by a phone or by an e-mail address. Only verified numbers stand here: nobody holds a number by typing it.
CREATE TABLE account (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  phone text UNIQUE,
  phone_verified_at timestamptz,
  email text UNIQUE,
  password_hash text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  is_staff boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  CHECK (phone IS NOT NULL OR email IS NOT NULL),
  CHECK ((phone IS NULL) = (phone_verified_at IS NULL))
);

-- A sign-in, until it is revoked or not refreshed in time.
CREATE TABLE account_session (
  id uuid PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE INDEX account_session_by_account ON account_session (account_id);

-- Every refresh token of a session, as its SHA-256; one that comes twice revokes the session.
CREATE TABLE refresh_token (
  digest text PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES account_session ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

CREATE INDEX refresh_token_by_session ON refresh_token (session_id);
