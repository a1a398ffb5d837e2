-- Everything the make-believe Xero knows, in a schema of its own. Settings and
-- faults are rows, so that all processes of gap-sandbox play the same Xero.

CREATE TABLE sandbox.migration (
  name text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- One row: how this Xero behaves. app/sandbox/faults.h explains each.
CREATE TABLE sandbox.setting (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  size integer NOT NULL DEFAULT 300 CHECK (size BETWEEN 0 AND 1000000),
  seed bigint NOT NULL DEFAULT 1,
  practices integer NOT NULL DEFAULT 1 CHECK (practices BETWEEN 0 AND 2),
  latency_ms integer NOT NULL DEFAULT 0 CHECK (latency_ms BETWEEN 0 AND 600000),
  expires_in integer NOT NULL DEFAULT 1800 CHECK (expires_in BETWEEN 1 AND 86400),
  tenant_name text NOT NULL DEFAULT 'shown' CHECK (tenant_name IN ('shown', 'null', 'empty')),
  limits boolean NOT NULL DEFAULT true,
  strict_refresh boolean NOT NULL DEFAULT false,
  second_consent text NOT NULL DEFAULT 'keeps' CHECK (second_consent IN ('keeps', 'ends')),
  unknown_client text NOT NULL DEFAULT 'error' CHECK (unknown_client IN ('error', '404', '500')),
  day integer NOT NULL DEFAULT 1,
  -- Goes up when all access tokens are to expire at once; each token carries the number it was made under.
  generation integer NOT NULL DEFAULT 0
);
INSERT INTO sandbox.setting DEFAULT VALUES;

CREATE TABLE sandbox.fault (
  fault_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint text NOT NULL,
  name text NOT NULL,
  arg text NOT NULL DEFAULT '',
  skip integer NOT NULL DEFAULT 0, -- calls to let through first
  times integer,                   -- NULL: always
  fired integer NOT NULL DEFAULT 0
);

CREATE TABLE sandbox.call (
  endpoint text PRIMARY KEY,
  calls bigint NOT NULL DEFAULT 0
);

-- Calls in the minute and the day that run, by tenant; tenant 'app' is the app's own count.
CREATE TABLE sandbox.usage (
  tenant text PRIMARY KEY,
  minute timestamptz NOT NULL,
  minute_calls integer NOT NULL,
  day timestamptz NOT NULL,
  day_calls integer NOT NULL
);

-- The identity side.

CREATE TABLE sandbox.signing_key (
  key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kid text NOT NULL,
  pem text NOT NULL
);

CREATE TABLE sandbox.session (
  token_hash text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  signed_in_at timestamptz
);

-- A visit to the authorize endpoint: what the app asked for, until the user has answered.
CREATE TABLE sandbox.attempt (
  attempt text PRIMARY KEY,
  token_hash text NOT NULL REFERENCES sandbox.session ON DELETE CASCADE,
  client_id text NOT NULL,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  state text,
  nonce text,
  challenge text,
  created_at timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz
);

-- One consent: the unit that refresh tokens belong to.
CREATE TABLE sandbox.consent (
  consent_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xero_userid uuid NOT NULL,
  auth_event_id uuid NOT NULL,
  client_id text NOT NULL,
  scope text NOT NULL,
  nonce text,
  auth_time timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE sandbox.code (
  code_hash text PRIMARY KEY,
  consent_id bigint NOT NULL REFERENCES sandbox.consent ON DELETE CASCADE,
  redirect_uri text NOT NULL,
  challenge text,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz
);

CREATE TABLE sandbox.refresh (
  token_hash text PRIMARY KEY,
  consent_id bigint NOT NULL REFERENCES sandbox.consent ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  exchanged_at timestamptz -- the first time; from then on the grace runs
);
CREATE INDEX refresh_consent ON sandbox.refresh (consent_id);

CREATE TABLE sandbox.tenant (
  tenant_no integer PRIMARY KEY,
  tenant_id uuid NOT NULL UNIQUE,
  type text NOT NULL CHECK (type IN ('PRACTICEMANAGER', 'ORGANISATION')),
  name text NOT NULL
);

CREATE TABLE sandbox.connection (
  connection_id uuid PRIMARY KEY,
  xero_userid uuid NOT NULL,
  tenant_no integer NOT NULL REFERENCES sandbox.tenant,
  -- As it was when connected: a practice made anew has another, and the old one is then refused.
  tenant_id uuid NOT NULL,
  auth_event_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (xero_userid, tenant_id)
);

-- The practice side. The generator fills these by COPY; `seq` is the order XPM lists in.

CREATE TABLE sandbox.client (
  tenant_no integer NOT NULL,
  seq integer NOT NULL,
  uuid uuid NOT NULL,
  name text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  email text NOT NULL,
  born text NOT NULL,
  address text NOT NULL,
  city text NOT NULL,
  region text NOT NULL,
  post_code text NOT NULL,
  country text NOT NULL,
  phone text NOT NULL,
  website text NOT NULL,
  manager text NOT NULL,
  structure text NOT NULL,
  business_number text NOT NULL,
  client_code text NOT NULL,
  is_person boolean NOT NULL,
  has_tax boolean NOT NULL,
  is_prospect boolean NOT NULL,
  is_archived boolean NOT NULL,
  is_deleted boolean NOT NULL,
  is_vanished boolean NOT NULL DEFAULT false, -- no longer visible to the log-in
  modified_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_no, seq),
  UNIQUE (tenant_no, uuid)
);

CREATE TABLE sandbox.contact (
  tenant_no integer NOT NULL,
  contact integer NOT NULL,
  uuid uuid NOT NULL,
  name text NOT NULL,
  salutation text NOT NULL,
  addressee text NOT NULL,
  mobile text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  is_deleted boolean NOT NULL,
  PRIMARY KEY (tenant_no, contact),
  UNIQUE (tenant_no, uuid)
);

CREATE TABLE sandbox.link (
  tenant_no integer NOT NULL,
  seq integer NOT NULL,
  ord integer NOT NULL,
  contact integer NOT NULL,
  is_primary boolean NOT NULL,
  position text NOT NULL,
  PRIMARY KEY (tenant_no, seq, contact)
);
CREATE INDEX link_contact ON sandbox.link (tenant_no, contact);

-- A client and one of its contacts, as client.api tells them. app/sandbox/record.h numbers the columns.
CREATE VIEW sandbox.record AS
SELECT c.tenant_no, c.seq, l.ord, c.modified_at, c.is_vanished,
  c.uuid, c.name, c.first_name, c.last_name, c.email, c.born, c.address, c.city, c.region,
  c.post_code, c.country, c.phone, c.website, c.manager, c.structure, c.business_number,
  c.client_code, c.is_person, c.has_tax, c.is_prospect, c.is_archived, c.is_deleted,
  k.uuid AS contact_uuid, k.name AS contact_name, k.salutation, k.addressee, k.mobile,
  k.email AS contact_email, k.phone AS contact_phone, k.is_deleted AS contact_deleted,
  l.is_primary, l.position
FROM sandbox.client c
LEFT JOIN sandbox.link l ON l.tenant_no = c.tenant_no AND l.seq = c.seq
LEFT JOIN sandbox.contact k ON k.tenant_no = l.tenant_no AND k.contact = l.contact;
