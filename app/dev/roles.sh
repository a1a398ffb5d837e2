#!/usr/bin/env bash
# docker-compose: run by the PostgreSQL image at its first start. Makes the roles, each with the
# password that stands in its own address (app/dev/secrets.sh).
set -euo pipefail

psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f /usr/share/gap/roles.sql
for role in owner web worker sandbox; do
	password=$(sed -n 's/.*[?&]password=\([A-Za-z0-9]*\).*/\1/p' "/run/secrets/${role}_database_url")
	psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<-SQL
		ALTER ROLE gap_$role PASSWORD '$password';
	SQL
done
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
	-c "ALTER DATABASE $POSTGRES_DB OWNER TO gap_owner" -c 'CREATE SCHEMA sandbox AUTHORIZATION gap_sandbox' \
	-c "GRANT CONNECT ON DATABASE $POSTGRES_DB TO gap_sandbox"
