#include "pages/routes.h"

#include "pages/audit.h"
#include "pages/as_at.h"
#include "pages/clients.h"
#include "pages/fix.h"
#include "pages/forget.h"
#include "pages/edits.h"
#include "pages/gate.h"
#include "pages/health.h"
#include "pages/help.h"
#include "pages/import.h"
#include "pages/integrations.h"
#include "pages/login.h"
#include "pages/logo.h"
#include "pages/match.h"
#include "pages/mfa.h"
#include "pages/notices.h"
#include "pages/oauth.h"
#include "pages/passkey.h"
#include "pages/password.h"
#include "pages/preview.h"
#include "pages/rehearse.h"
#include "pages/removal.h"
#include "pages/review.h"
#include "pages/settings.h"
#include "pages/syncs.h"
#include "pages/team.h"
#include "pages/undo.h"
#include "pages/why.h"

/* Gates 0 is the strictest: complete session, MFA rule obeyed, CSRF token on POST. */
const struct route routes_table[] = {
	{METHOD_GET, "/", login_home, 0, NULL, 0},

	/*
	 * No session yet, so there is no token to compare: POSTs from other sites are refused
	 * by their origin.
	 */
	{METHOD_GET, "/login", login_show, GATE_OPEN, ROUTE_FIELDS(login_query)},
	{METHOD_POST, "/login", login_post, GATE_OPEN | GATE_NO_CSRF,
		ROUTE_FIELDS(login_fields)},
	{METHOD_GET, "/invite/{token}", password_show, GATE_OPEN, NULL, 0},
	/* The link itself is the secret that a forger does not have. */
	{METHOD_POST, "/invite/{token}", password_post, GATE_OPEN | GATE_NO_CSRF,
		ROUTE_FIELDS(password_fields)},

	{METHOD_GET, "/password/forgot", forgot_show, GATE_OPEN, ROUTE_FIELDS(forgot_query)},
	{METHOD_POST, "/password/forgot", forgot_post, GATE_OPEN | GATE_NO_CSRF,
		ROUTE_FIELDS(forgot_fields)},
	{METHOD_GET, "/password/reset/{token}", password_show, GATE_OPEN, NULL, 0},
	{METHOD_POST, "/password/reset/{token}", password_post, GATE_OPEN | GATE_NO_CSRF,
		ROUTE_FIELDS(password_fields)},

	{METHOD_GET, "/login/mfa", mfa_challenge, GATE_HALF, NULL, 0},
	{METHOD_POST, "/login/mfa", mfa_challenge_post, GATE_HALF,
		ROUTE_FIELDS(mfa_proof_fields)},
	/* What a passkey has to sign: during log-in, and for "Confirm it is you". */
	{METHOD_POST, "/login/mfa/passkey", passkey_ask, GATE_HALF | GATE_NO_MFA, NULL, 0},
	{METHOD_GET, "/login/recovery", mfa_recovery, GATE_HALF, NULL, 0},
	{METHOD_POST, "/login/recovery", mfa_recovery_post, GATE_HALF,
		ROUTE_FIELDS(mfa_code_fields)},
	{METHOD_POST, "/logout", login_logout, GATE_HALF | GATE_NO_MFA, NULL, 0},

	{METHOD_GET, "/mfa/notice", mfa_notice, GATE_NO_MFA, NULL, 0},
	{METHOD_POST, "/mfa/later", mfa_later, GATE_NO_MFA, NULL, 0},
	{METHOD_GET, "/mfa/setup", mfa_setup, GATE_NO_MFA | GATE_FRESH, NULL, 0},
	{METHOD_GET, "/mfa/setup/code", mfa_setup_code, GATE_NO_MFA | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/mfa/setup/code", mfa_setup_code_post, GATE_NO_MFA,
		ROUTE_FIELDS(mfa_code_fields)},
	{METHOD_POST, "/mfa/setup/done", mfa_setup_done, GATE_NO_MFA,
		ROUTE_FIELDS(mfa_saved_fields)},
	{METHOD_GET, "/mfa/setup/passkey", passkey_new, GATE_NO_MFA | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/mfa/setup/passkey", passkey_new_post, GATE_NO_MFA | GATE_FRESH,
		ROUTE_FIELDS(passkey_new_fields)},
	{METHOD_POST, "/mfa/setup/passkey/ask", passkey_ask, GATE_NO_MFA | GATE_FRESH, NULL, 0},
	{METHOD_GET, "/confirm", confirm_show, GATE_NO_MFA, NULL, 0},
	{METHOD_POST, "/confirm", confirm_post, GATE_NO_MFA, ROUTE_FIELDS(confirm_fields)},

	{METHOD_GET, "/profile", profile_show, 0, NULL, 0},
	{METHOD_POST, "/profile", profile_post, GATE_FRESH, ROUTE_FIELDS(profile_fields)},
	{METHOD_GET, "/profile/password", password_change, GATE_FRESH, NULL, 0},
	{METHOD_POST, "/profile/password", password_change_post, GATE_FRESH,
		ROUTE_FIELDS(password_change_fields)},
	{METHOD_GET, "/profile/codes", mfa_renew, 0, NULL, 0},
	{METHOD_POST, "/profile/codes", mfa_renew_post, 0, ROUTE_FIELDS(mfa_proof_fields)},
	{METHOD_GET, "/profile/passkeys/{id}", passkey_show, GATE_FRESH, NULL, 0},
	{METHOD_POST, "/profile/passkeys/{id}/name", passkey_rename, GATE_FRESH,
		ROUTE_FIELDS(passkey_name_fields)},
	{METHOD_POST, "/profile/passkeys/{id}/remove", passkey_remove, GATE_FRESH, NULL, 0},
	{METHOD_POST, "/profile/sessions/end", profile_end_others, GATE_FRESH, NULL, 0},
	{METHOD_POST, "/profile/sessions/{id}/end", profile_end_session, GATE_FRESH, NULL, 0},
	{METHOD_GET, "/profile/mails", mails_show, 0, NULL, 0},
	{METHOD_POST, "/profile/mails", mails_post, 0, ROUTE_FIELDS(mails_fields)},
	{METHOD_GET, "/notifications", notices_show, 0, ROUTE_FIELDS(notices_query)},
	{METHOD_POST, "/notifications", notices_post, 0, NULL, 0},
	{METHOD_POST, "/notifications/{id}/read", notice_read, 0, ROUTE_FIELDS(notices_query)},
	{METHOD_POST, "/notifications/{id}/unread", notice_unread, 0,
		ROUTE_FIELDS(notices_query)},
	{METHOD_POST, "/notifications/{id}/open", notice_open, 0, ROUTE_FIELDS(notices_query)},
	{METHOD_GET, "/help", help_show, 0, NULL, 0},
	{METHOD_GET, "/terms", terms_show, GATE_OPEN, NULL, 0},
	{METHOD_GET, "/privacy", privacy_show, GATE_OPEN, NULL, 0},

	{METHOD_GET, "/settings", settings_show, 0, NULL, 0},
	{METHOD_POST, "/settings", settings_post, GATE_ADMIN, ROUTE_FIELDS(settings_fields)},
	/*
	 * The logo is on every page after the password, the second step of the log-in included.
	 */
	{METHOD_GET, "/settings/logo", logo_show, GATE_HALF | GATE_NO_MFA, NULL, 0},
	{METHOD_POST, "/settings/logo", logo_post, GATE_ADMIN | GATE_UPLOAD, NULL, 0},
	{METHOD_POST, "/settings/logo/remove", logo_remove_post, GATE_ADMIN, NULL, 0},
	{METHOD_GET, "/settings/team", team_show, 0, ROUTE_FIELDS(team_query)},
	{METHOD_GET, "/settings/team/invite", invite_show, GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/settings/team/invite", invite_post, GATE_ADMIN | GATE_FRESH,
		ROUTE_FIELDS(invite_fields)},
	{METHOD_GET, "/settings/team/{id}", member_show, GATE_ADMIN, NULL, 0},
	{METHOD_POST, "/settings/team/{id}/nudge", member_nudge, GATE_ADMIN, NULL, 0},
	{METHOD_POST, "/settings/team/{id}/role", member_role, GATE_ADMIN | GATE_FRESH,
		ROUTE_FIELDS(role_fields)},
	{METHOD_POST, "/settings/team/{id}/deactivate", member_deactivate,
		GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/settings/team/{id}/activate", member_activate, GATE_ADMIN | GATE_FRESH,
		NULL, 0},
	{METHOD_POST, "/settings/team/{id}/invite", invite_again, GATE_ADMIN | GATE_FRESH, NULL,
		0},
	/* The form itself asks for the admin's own code. */
	{METHOD_GET, "/settings/team/{id}/reset-mfa", reset_mfa_show, GATE_ADMIN, NULL, 0},
	{METHOD_POST, "/settings/team/{id}/reset-mfa", reset_mfa_post, GATE_ADMIN,
		ROUTE_FIELDS(mfa_proof_fields)},
	{METHOD_GET, "/settings/audit", audit_show, GATE_ADMIN, ROUTE_FIELDS(audit_query)},
	{METHOD_GET, "/settings/audit.jsonl", audit_jsonl, GATE_ADMIN, NULL, 0},
	{METHOD_GET, "/settings/integrations", integrations_show, 0,
		ROUTE_FIELDS(integrations_query)},
	{METHOD_GET, "/settings/integrations/status", integrations_status, GATE_POLL, NULL, 0},
	{METHOD_POST, OAUTH_CONNECT_PATH, oauth_connect, GATE_ADMIN, NULL, 0},
	{METHOD_POST, OAUTH_PREVIEW_PATH, oauth_preview, GATE_ADMIN, NULL, 0},
	{METHOD_GET, PREVIEW_PATH, preview_show, GATE_ADMIN, NULL, 0},
	{METHOD_POST, PREVIEW_PATH, preview_post, GATE_ADMIN, ROUTE_FIELDS(preview_fields)},
	{METHOD_GET, PREVIEW_PATH "/status", preview_status, GATE_ADMIN | GATE_POLL, NULL, 0},
	{METHOD_GET, REHEARSE_PATH, rehearse_show, GATE_ADMIN, NULL, 0},
	{METHOD_POST, REHEARSE_PATH, rehearse_post, GATE_ADMIN, NULL, 0},
	{METHOD_GET, REHEARSE_PATH "/status", rehearse_status, GATE_ADMIN | GATE_POLL, NULL, 0},
	{METHOD_POST, "/settings/integrations/practice", integrations_practice, GATE_ADMIN,
		ROUTE_FIELDS(practice_fields)},
	{METHOD_POST, "/settings/integrations/practice/cancel", integrations_practice_cancel,
		GATE_ADMIN, ROUTE_FIELDS(practice_fields)},
	{METHOD_POST, "/settings/integrations/grace", integrations_grace,
		GATE_ADMIN | GATE_FRESH, ROUTE_FIELDS(grace_fields)},
	{METHOD_POST, "/settings/integrations/label", integrations_label, GATE_ADMIN,
		ROUTE_FIELDS(label_fields)},
	{METHOD_GET, "/settings/integrations/disconnect", disconnect_show,
		GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/settings/integrations/disconnect", disconnect_post,
		GATE_ADMIN | GATE_FRESH, ROUTE_FIELDS(disconnect_post_fields)},
	{METHOD_POST, "/settings/integrations/removal/cancel", removal_cancel, GATE_ADMIN,
		ROUTE_FIELDS(removal_fields)},
	{METHOD_POST, "/settings/integrations/standby", oauth_standby, GATE_ADMIN | GATE_FRESH,
		NULL, 0},
	{METHOD_POST, "/settings/integrations/standby/remove", standby_remove,
		GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/settings/integrations/editable", records_free, GATE_ADMIN | GATE_FRESH,
		NULL, 0},
	{METHOD_GET, "/settings/integrations/review", review_show, 0, NULL, 0},
	{METHOD_GET, "/settings/integrations/review.csv", review_csv, GATE_ADMIN, NULL, 0},
	{METHOD_POST, "/settings/integrations/review", review_post, GATE_ADMIN,
		ROUTE_FIELDS(review_fields)},
	{METHOD_GET, "/settings/integrations/edits", edits_show, 0, NULL, 0},
	{METHOD_GET, "/settings/integrations/edits.csv", edits_csv, GATE_ADMIN, NULL, 0},
	{METHOD_GET, MATCH_PATH, match_show, GATE_ADMIN, ROUTE_FIELDS(match_query)},
	{METHOD_POST, MATCH_PATH, match_post, GATE_ADMIN, ROUTE_FIELDS(match_fields)},
	{METHOD_GET, MATCH_PATH "/status", match_status, GATE_ADMIN | GATE_POLL, NULL, 0},
	{METHOD_POST, MATCH_PATH "/all", match_all, GATE_ADMIN, NULL, 0},
	{METHOD_GET, MATCH_PATH "/{id}", match_find, GATE_ADMIN,
		ROUTE_FIELDS(match_find_query)},
	{METHOD_POST, MATCH_PATH "/pairs/{id}", match_pair, GATE_ADMIN,
		ROUTE_FIELDS(pair_fields)},
	{METHOD_POST, "/settings/integrations/banner", banner_close, 0, NULL, 0},
	{METHOD_GET, "/oauth/xero/callback", oauth_callback, 0, ROUTE_FIELDS(callback_fields)},

	{METHOD_GET, "/clients", clients_list, 0, ROUTE_FIELDS(clients_query)},
	{METHOD_GET, "/clients/status", clients_status, GATE_POLL, NULL, 0},
	{METHOD_GET, "/clients.csv", clients_csv, 0, ROUTE_FIELDS(clients_query)},
	{METHOD_GET, "/clients/new", client_new, 0, NULL, 0},
	{METHOD_POST, "/clients/new", client_new_post, 0, ROUTE_FIELDS(client_fields)},
	{METHOD_GET, "/clients/import", import_show, 0, NULL, 0},
	{METHOD_POST, "/clients/import", import_post, GATE_UPLOAD, NULL, 0},
	{METHOD_GET, "/clients/import/template.csv", import_template, 0, NULL, 0},
	{METHOD_GET, "/clients/import/preview", import_preview, 0, ROUTE_FIELDS(import_query)},
	{METHOD_GET, "/clients/import/preview/status", import_status, GATE_POLL, NULL, 0},
	{METHOD_GET, "/clients/import/rejected.csv", import_left_out, 0, NULL, 0},
	{METHOD_POST, "/clients/import/apply", import_apply_post, 0,
		ROUTE_FIELDS(import_fields)},
	{METHOD_POST, "/clients/import/cancel", import_cancel, 0, NULL, 0},
	{METHOD_GET, "/clients/as-at", as_at_show, 0, ROUTE_FIELDS(as_at_query)},
	{METHOD_GET, "/clients/as-at.csv", as_at_csv, 0, ROUTE_FIELDS(as_at_query)},
	{METHOD_POST, "/clients/seen", clients_seen, 0, NULL, 0},
	{METHOD_GET, "/clients/deleted", deleted_show, GATE_ADMIN, ROUTE_FIELDS(deleted_query)},
	{METHOD_POST, "/clients/deleted/{id}/allow", deleted_allow, GATE_ADMIN | GATE_FRESH,
		NULL, 0},
	{METHOD_GET, "/clients/{id}", client_show, 0, ROUTE_FIELDS(client_query)},
	{METHOD_GET, "/clients/{id}/as-at", as_at_one, 0, ROUTE_FIELDS(as_at_query)},
	{METHOD_POST, "/clients/{id}/lift", lift_one, GATE_ADMIN, NULL, 0},
	{METHOD_GET, "/clients/{id}/edit", client_edit, 0, NULL, 0},
	{METHOD_POST, "/clients/{id}/edit", client_edit_post, 0, ROUTE_FIELDS(client_fields)},
	{METHOD_POST, "/clients/{id}/archive", client_archive, 0, NULL, 0},
	{METHOD_POST, "/clients/{id}/restore", client_restore, 0, NULL, 0},
	{METHOD_GET, "/clients/{id}/delete", forget_show, GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/clients/{id}/delete", forget_post, GATE_ADMIN | GATE_FRESH, NULL, 0},

	{METHOD_GET, "/fix", fix_show, 0, ROUTE_FIELDS(fix_query_fields)},
	{METHOD_GET, "/fix.csv", fix_csv, 0, ROUTE_FIELDS(fix_query_fields)},
	{METHOD_GET, "/fix/{id}", fix_one, 0, NULL, 0},
	{METHOD_POST, "/fix/{id}/assign", fix_assign_post, 0, ROUTE_FIELDS(fix_assign_fields)},
	{METHOD_GET, "/clients/{id}/why", why_show, 0, NULL, 0},
	{METHOD_POST, "/clients/{id}/why", why_post, 0, NULL, 0},
	{METHOD_GET, "/clients/{id}/why/status", why_status, GATE_POLL, NULL, 0},

	{METHOD_GET, "/syncs", syncs_list, 0, ROUTE_FIELDS(syncs_query)},
	{METHOD_POST, "/syncs", sync_now, 0, ROUTE_FIELDS(clients_query)},
	{METHOD_GET, "/syncs.csv", syncs_csv, 0, ROUTE_FIELDS(syncs_query)},
	{METHOD_GET, "/syncs/{id}", sync_show, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/skipped", sync_skipped, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/failed", sync_failed, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/log", sync_log, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/changes.csv", sync_changes_csv, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/skipped.csv", sync_skipped_csv, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/failed.csv", sync_failed_csv, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/log.csv", sync_log_csv, 0, ROUTE_FIELDS(sync_query)},
	{METHOD_GET, "/syncs/{id}/receipt", audit_run_receipt, GATE_ADMIN, NULL, 0},
	{METHOD_GET, "/syncs/{id}/undo", undo_show, GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_POST, "/syncs/{id}/undo", undo_post, GATE_ADMIN | GATE_FRESH, NULL, 0},
	{METHOD_GET, "/syncs/{id}/undo/status", undo_status, GATE_ADMIN | GATE_POLL, NULL, 0},
	{METHOD_POST, "/syncs/{id}/lift", lift_all, GATE_ADMIN, NULL, 0},

	{METHOD_GET, "/healthz", health_live, GATE_BARE, NULL, 0},
	{METHOD_GET, "/readyz", health_ready, GATE_LOOPBACK, NULL, 0},
	{METHOD_GET, "/metrics", health_metrics, GATE_LOOPBACK, NULL, 0},
	/* Browsers send reports without credentials or token. */
	{METHOD_POST, "/csp-report", health_csp_report, GATE_BARE, NULL, 0},
};

const size_t routes_count = ARRAY_LEN(routes_table);
