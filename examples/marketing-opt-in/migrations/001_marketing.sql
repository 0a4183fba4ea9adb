-- Who gets marketing texts. Apart from accounts on purpose: no column and no join leads from a number that was verified for security to here.
CREATE TABLE subscriber (
  id uuid PRIMARY KEY,
  -- A keyed hash of the number: what every other table knows a person by.
  phone_key text NOT NULL UNIQUE,
  phone text NOT NULL,
  -- Opens what is sealed of this person in the consent log. Erasing the row makes that unreadable.
  seal_key text NOT NULL,
  -- What the person consents to at present. Empty: nothing.
  programs text[] NOT NULL,
  time_zone text,
  locale text NOT NULL,
  -- Since when the carrier refuses our marketing sender for this number.
  blocked_at timestamptz,
  created_at timestamptz NOT NULL
);

-- Never text these, whatever a list says: all that is left of whom we erased.
CREATE TABLE suppression (
  phone_key text PRIMARY KEY,
  since timestamptz NOT NULL
);

-- A form that was sent, until its code is confirmed. It holds no number: the session token does.
CREATE TABLE opt_in_request (
  id uuid PRIMARY KEY,
  programs text[] NOT NULL,
  time_zone text,
  locale text NOT NULL,
  text_version text NOT NULL,
  account_id bigint,
  ip text NOT NULL,
  user_agent text NOT NULL,
  asked_at timestamptz NOT NULL
);

-- The consent log. What was said, shown and proven, in the order in which we learnt it.
CREATE TABLE consent_record (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  -- When the person said it, where a provider tells; else the same as `at`.
  said_at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('consent', 'revocation', 'erasure')),
  method text NOT NULL,
  phone_key text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('program', 'all')),
  programs text[] NOT NULL,
  -- The exact text that was agreed to, and its SHA-256.
  text text,
  text_version text,
  locale text,
  evidence jsonb NOT NULL,
  -- Number, account, address, user agent, words: readable while the subscriber's seal_key is there.
  sealed text
);

CREATE INDEX consent_record_by_phone ON consent_record (phone_key, id);

-- Added to, never changed. Five years later a record may go: by the database's own clock, which no application sets.
CREATE FUNCTION keep_consent_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.at < now() - interval '5 years' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the consent log is only added to' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER consent_record_is_kept BEFORE UPDATE OR DELETE ON consent_record FOR EACH ROW EXECUTE FUNCTION keep_consent_record();
CREATE TRIGGER consent_record_is_not_emptied BEFORE TRUNCATE ON consent_record FOR EACH STATEMENT EXECUTE FUNCTION keep_consent_record();

-- Messages that came in: the second of two with one id does nothing.
CREATE TABLE inbound (
  provider text NOT NULL,
  message_id text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (provider, message_id)
);

-- Texts that answer somebody: one of a kind for each number within the hour. The number stays only until the text is handed over.
CREATE TABLE reply (
  phone_key text NOT NULL,
  kind text NOT NULL,
  phone text,
  locale text,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (phone_key, kind)
);

-- What no machine understood, for people to read.
CREATE TABLE inbox (
  id uuid PRIMARY KEY,
  phone_key text NOT NULL,
  phone text NOT NULL,
  words text NOT NULL,
  at timestamptz NOT NULL
);

CREATE TABLE campaign (
  id uuid PRIMARY KEY,
  program text NOT NULL,
  texts jsonb NOT NULL,
  created_by bigint NOT NULL,
  created_at timestamptz NOT NULL
);

-- Each text of a campaign, claimed before it leaves: nobody gets two.
CREATE TABLE campaign_text (
  campaign_id uuid NOT NULL REFERENCES campaign,
  phone_key text NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL,
  PRIMARY KEY (campaign_id, phone_key)
);
