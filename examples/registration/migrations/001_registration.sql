-- Who somebody wants to be registered as, until the number is proven. It reserves nothing: any number of these may name one phone.
CREATE TABLE pending_registration (
  id uuid PRIMARY KEY,
  phone text NOT NULL,
  password_hash text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  email text,
  address text,
  apartment_name text,
  expires_at timestamptz NOT NULL
);

CREATE INDEX pending_registration_by_expiry ON pending_registration (expires_at);

-- How to reach somebody besides the phone. Nobody has verified any of it, so none of it is unique and nobody signs in by it.
CREATE TABLE account_contact (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  email text,
  address text,
  apartment_name text
);

-- The numbers that may register. One that is not active may not, and keeps its history.
CREATE TABLE allowed_number (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  phone text NOT NULL UNIQUE,
  added_by bigint REFERENCES account ON DELETE SET NULL,
  added_by_display text NOT NULL,
  added_at timestamptz NOT NULL,
  notes text NOT NULL,
  is_active boolean NOT NULL
);

-- Who changed what of them, and when. It outlives the number and the account, so it refers to neither.
CREATE TABLE allow_list_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_id bigint,
  actor text NOT NULL,
  action text NOT NULL CHECK (action IN ('added', 'changed', 'removed')),
  phone text NOT NULL,
  notes text NOT NULL,
  is_active boolean NOT NULL
);

CREATE FUNCTION allow_list_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'allow_list_log is append-only';
END
$$;

CREATE TRIGGER allow_list_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allow_list_log
  FOR EACH STATEMENT EXECUTE FUNCTION allow_list_log_is_append_only();
