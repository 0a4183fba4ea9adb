-- Who verifies phones here. One row is all that an organization is: what it says holds from the next request on.
CREATE TABLE organization (
  -- Stands in paths. Lower case only, so that no two differ by case.
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{1,31}$'),
  name text NOT NULL,
  -- Provider, credentials, sender and base URL, encrypted as one: whoever writes to this table can neither read a credential nor lead it elsewhere.
  sealed_account text NOT NULL,
  template text NOT NULL,
  code_length integer NOT NULL CHECK (code_length BETWEEN 6 AND 10),
  code_seconds integer NOT NULL CHECK (code_seconds BETWEEN 60 AND 600),
  sends_per_hour integer NOT NULL CHECK (sends_per_hour > 0),
  sends_per_day integer NOT NULL CHECK (sends_per_day > 0),
  created_at timestamptz NOT NULL,
  -- Not null: it is served nothing.
  suspended_at timestamptz
);

-- Phones that were proven to an organization. The same phone may be a member of several, and none of them knows.
CREATE TABLE organization_member (
  organization_id text NOT NULL REFERENCES organization,
  phone text NOT NULL,
  verified_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, phone)
);
