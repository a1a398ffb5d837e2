#include "core/kept.h"

#include "base/str.h"

#define TAX "The Gap needs nothing about tax."

const struct kept_field kept_table[] = {
	{"Client", "UUID", "XPM's id of the client", KEPT_STORED, "client.xpm_id",
		"To know the client again after it was renamed."},
	{"Client", "Name", "Name of the client", KEPT_STORED, "client.name",
		"To find the client."},
	{"Client", "WebUrl", "Address of the client in XPM", KEPT_STORED, "client.web_url",
		"For “Open in Xero Practice Manager”."},
	{"Client", "IsArchived, IsDeleted", "Whether it is archived or deleted in XPM",
		KEPT_STORED, "client.archived_reason", "To archive it here, with the reason."},
	{"Client", "IsProspect", "Whether it is a prospect", KEPT_USED, NULL,
		"Prospects are left out and only counted."},
	{"Contact", "UUID", "XPM's id of the contact", KEPT_STORED, "contact.xpm_id",
		"To know a contact that several clients share."},
	{"Contact", "Name", "Name of the contact", KEPT_STORED, "contact.name",
		"To know whom to call."},
	{"Contact", "Email", "Email of the contact", KEPT_STORED, "contact.email",
		"To write to the contact."},
	{"Contact", "Phone, Mobile", "Phone of the contact, else the mobile", KEPT_STORED,
		"contact.phone", "To call the contact. One of the two is kept."},
	{"Contact", "IsPrimary", "Whether it is the primary contact", KEPT_STORED,
		"client_contact.is_primary", "To show the right person first."},
	{"Contact", "IsDeleted", "Whether the contact is deleted in XPM", KEPT_USED, NULL,
		"Deleted contacts are left out."},
	{"Contact", "Salutation, Addressee, Position", "Form of address, role", KEPT_NEVER,
		NULL, "Not needed to reach the contact."},
	{"Client", "Title, Gender, FirstName, MiddleName, LastName, OtherName",
		"Personal names, title, gender", KEPT_NEVER, NULL,
		"The client's display name is enough."},
	{"Client", "DateOfBirth, DateOfDeath, PlaceOfBirthCity, PlaceOfBirthCountryCode",
		"Dates and places of birth and death", KEPT_NEVER, NULL,
		"Not needed to work with a client."},
	{"Client", "Email, Phone, Fax, Website, ReferralSource, ExportCode",
		"The client's own phone, email, website, codes", KEPT_NEVER, NULL,
		"People are reached through contacts."},
	{"Client",
		"Address, City, Region, PostCode, Country, PostalAddress, PostalCity,"
		" PostalRegion, PostalPostCode, PostalCountry",
		"Street and postal addresses", KEPT_NEVER, NULL, "Nothing is sent by post."},
	{"Client", "Industry, IndustryTitle, BusinessStructure, Type, ClientCode",
		"Industry, structure, type, code", KEPT_NEVER, NULL, "Not needed."},
	{"Client", "AccountManager, JobManager, BillingClient", "Managers, billing client",
		KEPT_NEVER, NULL, "Not needed."},
	{"Client",
		"TaxNumber, CompanyNumber, BusinessNumber, BranchNumber, BalanceMonth,"
		" GSTRegistered, PrepareGST, GSTPeriod, GSTBasis, ProvisionalTaxBasis,"
		" ProvisionalTaxRatio, SignedTaxAuthority, TaxAgent, AgencyStatus, ReturnType,"
		" PrepareActivityStatement, PrepareTaxReturn, ActiveAtoClient,"
		" AutoBasOptInCriteria",
		"Tax and company numbers, everything about tax", KEPT_NEVER, NULL, TAX},
	{"Client", "BankBsb, BankAccountName, BankAccountNumber, BankName", "Bank details",
		KEPT_NEVER, NULL, "Never stored, never shown, never logged."},
	{"Client", "Notes, Groups, Relationships", "Notes, groups, relationships", KEPT_NEVER,
		NULL, "Not asked for; read past should they come."},
	{"Client", "ID", "The number an older interface used", KEPT_NEVER, NULL,
		"The id above has replaced it."},
	{"Contact", "ID", "The number an older interface used", KEPT_NEVER, NULL,
		"The id above has replaced it."},
};
const size_t kept_count = ARRAY_LEN(kept_table);

static bool names_it(const struct kept_field *f, const char *name)
{
	struct str rest = str_of(f->names), one;
	while (str_next(&rest, ',', &one))
		if (str_is(str_trim(one), name))
			return true;
	return false;
}

const struct kept_field *kept_find(const char *of, const char *name)
{
	for (size_t i = 0; i < kept_count; i++)
		if (strcmp(kept_table[i].of, of) == 0 && names_it(&kept_table[i], name))
			return &kept_table[i];
	return NULL;
}
