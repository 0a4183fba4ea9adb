-- Every change of a number, for as long as the account lives. Rows are written once.
CREATE TABLE phone_change (
  id uuid PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  old_phone text NOT NULL,
  -- When the old number was verified: an undo restores that too, for it verifies nothing itself.
  old_verified_at timestamptz NOT NULL,
  new_phone text NOT NULL,
  changed_at timestamptz NOT NULL,
  -- SHA-256 of what the text to the old number carries. The token itself is kept nowhere.
  undo_digest text NOT NULL UNIQUE,
  undo_until timestamptz NOT NULL
);

CREATE INDEX phone_change_by_account ON phone_change (account_id, undo_until);

-- What became of the changes that were undone. One row for each at most: a token is good once.
CREATE TABLE phone_change_undo (
  change_id uuid PRIMARY KEY REFERENCES phone_change ON DELETE CASCADE,
  undone_at timestamptz NOT NULL,
  -- `closed`: the old number was somebody else's by then.
  outcome text NOT NULL CHECK (outcome IN ('restored', 'closed'))
);

CREATE FUNCTION phone_change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was written here stands';
END
$$;

CREATE TRIGGER phone_change_stands BEFORE UPDATE ON phone_change FOR EACH ROW EXECUTE FUNCTION phone_change_stands();
CREATE TRIGGER phone_change_undo_stands BEFORE UPDATE ON phone_change_undo FOR EACH ROW EXECUTE FUNCTION phone_change_stands();

-- Texts that are owed because of a change. Written with the change, so that neither a crash nor an outage swallows one.
CREATE TABLE phone_change_notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change_id uuid NOT NULL REFERENCES phone_change ON DELETE CASCADE,
  phone text NOT NULL,
  template text NOT NULL,
  language text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  -- Absent once it is sent, or can never be.
  next_try_at timestamptz,
  outcome text NOT NULL DEFAULT 'owed'
);

CREATE INDEX phone_change_notice_by_next_try ON phone_change_notice (next_try_at);
