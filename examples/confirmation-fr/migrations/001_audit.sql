-- What was asked of the service, and what came of it. Numbers and addresses are keyed hashes: whoever reads this table learns neither.
CREATE TABLE confirmation_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The two rows of one request: that it came, and how it ended.
  request_id uuid NOT NULL,
  at timestamptz NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  phone_key text NOT NULL,
  ip_key text NOT NULL
);

CREATE INDEX confirmation_audit_by_phone ON confirmation_audit (phone_key, at);

CREATE FUNCTION confirmation_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'confirmation_audit is append-only';
END
$$;

CREATE TRIGGER confirmation_audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON confirmation_audit
  FOR EACH STATEMENT EXECUTE FUNCTION confirmation_audit_is_append_only();
