-- What each person asked for, in the words of the API. Without a row: the defaults.
CREATE TABLE alert_preferences (
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  preferences jsonb NOT NULL
);

-- What was detected, once for each event of the detector.
CREATE TABLE security_alert (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  event_id text,
  kind text NOT NULL,
  severity text NOT NULL,
  title text NOT NULL,
  message text NOT NULL,
  raised_at timestamptz NOT NULL,
  UNIQUE (account_id, event_id)
);

CREATE INDEX security_alert_by_account ON security_alert (account_id, id);

-- One alert on one channel; without an alert, one text for several that were held back.
CREATE TABLE alert_notification (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  alert_id bigint REFERENCES security_alert ON DELETE CASCADE,
  channel text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'sent', 'unknown', 'held', 'aggregated', 'dropped', 'failed')),
  -- The text that took what was held back along.
  digest_id bigint REFERENCES alert_notification ON DELETE CASCADE,
  tries integer NOT NULL DEFAULT 0,
  -- When what is held is looked at again.
  due_at timestamptz NOT NULL,
  -- Its place in the hour, taken before it is sent.
  counted_at timestamptz,
  segments integer
);

CREATE INDEX alert_notification_by_alert ON alert_notification (alert_id);
CREATE INDEX alert_notification_by_digest ON alert_notification (digest_id);
CREATE INDEX alert_notification_by_hour ON alert_notification (account_id, channel, counted_at);
CREATE INDEX alert_notification_open ON alert_notification (due_at) WHERE status IN ('held', 'pending');

-- What became of each notification, in order; nothing here is ever changed.
CREATE TABLE alert_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  notification_id bigint NOT NULL REFERENCES alert_notification ON DELETE CASCADE,
  at timestamptz NOT NULL,
  event text NOT NULL,
  reason text NOT NULL
);

CREATE INDEX alert_log_by_notification ON alert_log (notification_id);
