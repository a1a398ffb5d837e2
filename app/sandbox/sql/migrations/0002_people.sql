-- Several people may log in (people.h lists them): who a session is of, and who has been switched off.

ALTER TABLE sandbox.session ADD COLUMN person text NOT NULL DEFAULT 'owner'
  CHECK (person IN ('owner', 'manager', 'outsider'));

CREATE TABLE sandbox.switched_off (
  person text PRIMARY KEY CHECK (person IN ('owner', 'manager', 'outsider')),
  xero_userid uuid NOT NULL UNIQUE
);
