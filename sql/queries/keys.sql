-- role: gap_owner

-- name: key_older_tokens
-- how many grants another key than the newest seals
SELECT count(*) FROM xero_grant WHERE key_id <> $1;

-- name: key_older_totp
-- how many of an organisation's authenticator secrets, pending ones too, another key than the newest seals
-- (bytes 1 to 4 of a box are its key's id: codec/seal.h)
SELECT count(*) FROM (
  SELECT sealed FROM totp_factor WHERE org_id = $1
  UNION ALL SELECT sealed FROM totp_pending WHERE org_id = $1) s
WHERE (('x' || encode(substring(s.sealed FROM 2 FOR 4), 'hex'))::bit(32)::bigint) <> $2;
