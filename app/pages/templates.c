#include "pages/templates.h"

#include "pages/audit.h"
#include "pages/as_at.h"
#include "pages/chrome.h"
#include "pages/clients.h"
#include "pages/fix.h"
#include "pages/forget.h"
#include "pages/edits.h"
#include "pages/help.h"
#include "pages/import.h"
#include "pages/integrations.h"
#include "pages/login.h"
#include "pages/match.h"
#include "pages/mfa.h"
#include "pages/notices.h"
#include "pages/passkey.h"
#include "pages/password.h"
#include "pages/preview.h"
#include "pages/problem.h"
#include "pages/rehearse.h"
#include "pages/review.h"
#include "pages/settings.h"
#include "pages/syncs.h"
#include "pages/team.h"
#include "pages/undo.h"
#include "pages/why.h"

const struct render_entry templates_table[TEMPLATE__MAX] = {
	[TEMPLATE_LAYOUT] = {"layout", &chrome_shape},
	[TEMPLATE_PROBLEM] = {"problem/problem", &problem_shape},
	[TEMPLATE_PROBLEM_INSIDE] = {"problem/inside", &problem_shape},
	[TEMPLATE_LOGIN] = {"login/login", &login_shape},
	[TEMPLATE_PASSWORD] = {"login/password", &password_shape},
	[TEMPLATE_FORGOT] = {"login/forgot", &forgot_shape},
	[TEMPLATE_MFA_CHALLENGE] = {"mfa/challenge", &mfa_challenge_shape},
	[TEMPLATE_MFA_NOTICE] = {"mfa/notice", &mfa_notice_shape},
	[TEMPLATE_MFA_SETUP] = {"mfa/setup", &mfa_setup_shape},
	[TEMPLATE_MFA_CODES] = {"mfa/codes", &mfa_codes_shape},
	[TEMPLATE_MFA_RENEW] = {"mfa/renew", &mfa_renew_shape},
	[TEMPLATE_CONFIRM] = {"mfa/confirm", &confirm_shape},
	[TEMPLATE_PASSKEY_NEW] = {"mfa/passkey", &passkey_new_shape},
	[TEMPLATE_PASSKEY] = {"profile/passkey", &passkey_shape},
	[TEMPLATE_INTEGRATIONS] = {"settings/integrations", &integrations_shape},
	[TEMPLATE_DISCONNECT] = {"settings/disconnect", &disconnect_shape},
	[TEMPLATE_MATCH] = {"settings/match", &match_shape},
	[TEMPLATE_MATCH_FIND] = {"settings/match_find", &match_find_shape},
	[TEMPLATE_PREVIEW] = {"settings/preview", &preview_shape},
	[TEMPLATE_REHEARSE] = {"settings/rehearse", &rehearse_shape},
	[TEMPLATE_REVIEW] = {"settings/review", &review_shape},
	[TEMPLATE_EDITS] = {"settings/edits", &edits_shape},
	[TEMPLATE_CLIENTS] = {"clients/list", &clients_shape},
	[TEMPLATE_CLIENTS_ROWS] = {"clients/rows", &clients_rows_shape},
	[TEMPLATE_CLIENT] = {"clients/view", &client_shape},
	[TEMPLATE_CLIENT_FORM] = {"clients/form", &client_form_shape},
	[TEMPLATE_AS_AT] = {"clients/as_at", &as_at_shape},
	[TEMPLATE_FORGET] = {"clients/forget", &forget_shape},
	[TEMPLATE_DELETED] = {"clients/deleted", &deleted_shape},
	[TEMPLATE_FIX] = {"fix/list", &fix_shape},
	[TEMPLATE_FIX_ONE] = {"fix/one", &fix_one_shape},
	[TEMPLATE_WHY] = {"clients/why", &why_shape},
	[TEMPLATE_IMPORT] = {"clients/import", &import_shape},
	[TEMPLATE_IMPORT_PREVIEW] = {"clients/import_preview", &import_preview_shape},
	[TEMPLATE_IMPORT_BUSY] = {"clients/import_busy", &import_busy_shape},
	[TEMPLATE_SYNCS] = {"syncs/list", &syncs_shape},
	[TEMPLATE_SYNC] = {"syncs/view", &sync_shape},
	[TEMPLATE_UNDO] = {"syncs/undo", &undo_shape},
	[TEMPLATE_SETTINGS] = {"settings/general", &settings_shape},
	[TEMPLATE_TEAM] = {"settings/team", &team_shape},
	[TEMPLATE_MEMBER] = {"settings/member", &member_shape},
	[TEMPLATE_INVITE] = {"settings/invite", &invite_shape},
	[TEMPLATE_RESET_MFA] = {"settings/reset_mfa", &reset_mfa_shape},
	[TEMPLATE_AUDIT] = {"settings/audit", &audit_shape},
	[TEMPLATE_PROFILE] = {"profile/profile", &profile_shape},
	[TEMPLATE_PASSWORD_CHANGE] = {"profile/password", &password_change_shape},
	[TEMPLATE_NOTICES] = {"notifications/list", &notices_shape},
	[TEMPLATE_MAILS] = {"profile/mails", &mails_shape},
	[TEMPLATE_HELP] = {"help/help", &help_shape},
	[TEMPLATE_TERMS] = {"help/terms", &terms_shape},
	[TEMPLATE_PRIVACY] = {"help/privacy", &privacy_shape},
};
