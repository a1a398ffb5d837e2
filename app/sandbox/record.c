#include "sandbox/record.h"

#include "codec/html.h"
#include "codec/json.h"
#include "sandbox/claims.h"

enum kind {
	EL_TEXT,    /* written even when empty */
	EL_PRESENT, /* left out when empty */
	EL_FLAG,    /* Yes or No */
	EL_EMPTY,   /* always empty: nobody filled it in */
	EL_FIXED,   /* the same for all clients */
	EL_NUMBER,  /* the same for all clients; a number in JSON */
	EL_MANAGER, /* UUID and name, left out when unset */
	EL_TYPE,    /* payment terms, left out when there is no tax block */
	EL_WEB_URL
};

enum group { OF_ALL, OF_PEOPLE, OF_TAX };

struct element {
	const char *xml, *json;
	enum kind kind;
	enum group group;
	enum column column;
	const char *fixed;
};

/* The order in which Xero was recorded to send them, with the UUID of version 3.1 first. */
static const struct element client_elements[] = {
	{"UUID", "uuid", EL_TEXT, OF_ALL, COL_UUID, NULL},
	{"Name", "name", EL_TEXT, OF_ALL, COL_NAME, NULL},
	{"Title", "title", EL_EMPTY, OF_PEOPLE, 0, NULL},
	{"Gender", "gender", EL_EMPTY, OF_PEOPLE, 0, NULL},
	{"FirstName", "firstName", EL_TEXT, OF_PEOPLE, COL_FIRST_NAME, NULL},
	{"LastName", "lastName", EL_TEXT, OF_PEOPLE, COL_LAST_NAME, NULL},
	{"OtherName", "otherName", EL_EMPTY, OF_PEOPLE, 0, NULL},
	{"Email", "email", EL_PRESENT, OF_ALL, COL_EMAIL, NULL},
	{"DateOfBirth", "dateOfBirth", EL_TEXT, OF_PEOPLE, COL_BORN, NULL},
	{"Address", "address", EL_TEXT, OF_ALL, COL_ADDRESS, NULL},
	{"City", "city", EL_TEXT, OF_ALL, COL_CITY, NULL},
	{"Region", "region", EL_TEXT, OF_ALL, COL_REGION, NULL},
	{"PostCode", "postCode", EL_TEXT, OF_ALL, COL_POST_CODE, NULL},
	{"Country", "country", EL_TEXT, OF_ALL, COL_COUNTRY, NULL},
	{"PostalAddress", "postalAddress", EL_TEXT, OF_ALL, COL_ADDRESS, NULL},
	{"PostalCity", "postalCity", EL_TEXT, OF_ALL, COL_CITY, NULL},
	{"PostalRegion", "postalRegion", EL_EMPTY, OF_ALL, 0, NULL},
	{"PostalPostCode", "postalPostCode", EL_TEXT, OF_ALL, COL_POST_CODE, NULL},
	{"PostalCountry", "postalCountry", EL_EMPTY, OF_ALL, 0, NULL},
	{"Phone", "phone", EL_TEXT, OF_ALL, COL_PHONE, NULL},
	{"Fax", "fax", EL_EMPTY, OF_ALL, 0, NULL},
	{"Website", "website", EL_TEXT, OF_ALL, COL_WEBSITE, NULL},
	{"ReferralSource", "referralSource", EL_EMPTY, OF_ALL, 0, NULL},
	{"ExportCode", "exportCode", EL_EMPTY, OF_ALL, 0, NULL},
	{"IsProspect", "isProspect", EL_FLAG, OF_ALL, COL_IS_PROSPECT, NULL},
	{"IsArchived", "isArchived", EL_FLAG, OF_ALL, COL_IS_ARCHIVED, NULL},
	{"IsDeleted", "isDeleted", EL_FLAG, OF_ALL, COL_IS_DELETED, NULL},
	{"AccountManager", "accountManager", EL_MANAGER, OF_ALL, COL_MANAGER, NULL},
	{"Type", "type", EL_TYPE, OF_TAX, 0, NULL},
	{"TaxNumber", "taxNumber", EL_FIXED, OF_TAX, 0, "******123"},
	{"CompanyNumber", "companyNumber", EL_EMPTY, OF_TAX, 0, NULL},
	{"BusinessNumber", "businessNumber", EL_TEXT, OF_TAX, COL_BUSINESS_NUMBER, NULL},
	{"BranchNumber", "branchNumber", EL_FIXED, OF_TAX, 0, "1"},
	{"BusinessStructure", "businessStructure", EL_TEXT, OF_TAX, COL_STRUCTURE, NULL},
	{"BalanceMonth", "balanceMonth", EL_NUMBER, OF_TAX, 0, "3"},
	{"GSTRegistered", "gstRegistered", EL_FIXED, OF_TAX, 0, "Yes"},
	{"PrepareGST", "prepareGst", EL_FIXED, OF_TAX, 0, "No"},
	{"SignedTaxAuthority", "signedTaxAuthority", EL_FIXED, OF_TAX, 0, "No"},
	{"AgencyStatus", "agencyStatus", EL_FIXED, OF_TAX, 0, "Unlinked"},
	{"PrepareActivityStatement", "prepareActivityStatement", EL_FIXED, OF_TAX, 0, "No"},
	{"PrepareTaxReturn", "prepareTaxReturn", EL_FIXED, OF_TAX, 0, "No"},
	{"ActiveAtoClient", "activeAtoClient", EL_FIXED, OF_TAX, 0, "No"},
	{"ClientCode", "clientCode", EL_TEXT, OF_ALL, COL_CLIENT_CODE, NULL},
	{"WebUrl", "webUrl", EL_WEB_URL, OF_ALL, 0, NULL},
};

static const struct element contact_elements[] = {
	{"UUID", "uuid", EL_TEXT, OF_ALL, COL_CONTACT_UUID, NULL},
	{"Name", "name", EL_TEXT, OF_ALL, COL_CONTACT_NAME, NULL},
	{"Salutation", "salutation", EL_TEXT, OF_ALL, COL_SALUTATION, NULL},
	{"Addressee", "addressee", EL_TEXT, OF_ALL, COL_ADDRESSEE, NULL},
	{"Mobile", "mobile", EL_TEXT, OF_ALL, COL_MOBILE, NULL},
	{"Email", "email", EL_TEXT, OF_ALL, COL_CONTACT_EMAIL, NULL},
	{"Phone", "phone", EL_TEXT, OF_ALL, COL_CONTACT_PHONE, NULL},
	{"IsDeleted", "isDeleted", EL_FLAG, OF_ALL, COL_CONTACT_DELETED, NULL},
	{"IsPrimary", "isPrimary", EL_FLAG, OF_ALL, COL_IS_PRIMARY, NULL},
	{"Position", "position", EL_TEXT, OF_ALL, COL_POSITION, NULL},
};

/* ---- from the rows ---- */

void record_start(struct record *r, struct arena *a, const struct pg_rows *rows, size_t row)
{
	*r = (struct record){.contacts = NULL};
	for (int i = 0; i < COL_CLIENT__MAX; i++)
		r->cell[i] = arena_strdup(a, pg_text(rows, row, i));
	r->manager_uuid = claims_uuid_of(a, r->cell[COL_MANAGER]);
}

void record_add_contact(
	struct record *r, struct arena *a, const struct pg_rows *rows, size_t row)
{
	if (pg_null(rows, row, COL_CONTACT_UUID))
		return;
	r->contacts = arena_grow(a, r->contacts, r->n, &r->cap, sizeof *r->contacts);
	struct record_contact *c = &r->contacts[r->n++];
	*c = (struct record_contact){.no_uuid = false};
	for (int i = COL_CONTACT_UUID; i < COL__MAX; i++)
		c->cell[i] = arena_strdup(a, pg_text(rows, row, i));
}

/* ---- what is asked for ---- */

bool record_wants(const struct record_wish *wish, const char *name)
{
	struct str rest = str_of(wish->fields), one, member;
	if (!wish->has_fields || strcmp(name, "UUID") == 0)
		return true;
	while (str_next(&rest, ',', &one)) {
		(void)str_cut(one, '.', &one, &member);
		if (str_is_ci(str_trim(one), name))
			return true;
	}
	return false;
}

static bool is_yes(const char *cell)
{
	return cell != NULL && *cell == 't';
}

static bool belongs(const struct element *el, const struct record *r)
{
	switch (el->group) {
	case OF_PEOPLE:
		return is_yes(r->cell[COL_IS_PERSON]);
	case OF_TAX:
		return is_yes(r->cell[COL_HAS_TAX]);
	case OF_ALL:
		break;
	}
	return true;
}

static bool is_left_out(
	const struct element *el, const struct record *r, const struct record_wish *wish)
{
	if (!belongs(el, r) || !record_wants(wish, el->xml))
		return true;
	if (el->column == COL_UUID && el->kind == EL_TEXT)
		return r->no_uuid;
	if (el->column == COL_NAME && el->kind == EL_TEXT)
		return r->no_name;
	if (el->kind == EL_WEB_URL)
		return !wish->web_url;
	return (el->kind == EL_PRESENT || el->kind == EL_MANAGER) &&
	       *r->cell[el->column] == '\0';
}

static const char *value_of(const struct element *el, const char *const *cells)
{
	switch (el->kind) {
	case EL_TEXT:
	case EL_PRESENT:
	case EL_MANAGER:
		return cells[el->column] == NULL ? "" : cells[el->column];
	case EL_FLAG:
		return is_yes(cells[el->column]) ? "Yes" : "No";
	case EL_FIXED:
	case EL_NUMBER:
		return el->fixed;
	case EL_EMPTY:
	case EL_TYPE:
	case EL_WEB_URL:
		break;
	}
	return "";
}

void record_web_url(struct buf *out, const struct record *r)
{
	buf_adds(out, "https://practicemanager.xero.com/Client/");
	buf_adds(out, r->cell[COL_SEQ]);
	buf_adds(out, "/Detail");
}

/* ---- XML ---- */

static void open_tag(struct buf *out, const char *name)
{
	buf_addc(out, '<');
	buf_adds(out, name);
	buf_addc(out, '>');
}

static void close_tag(struct buf *out, const char *name)
{
	buf_adds(out, "</");
	buf_adds(out, name);
	buf_addc(out, '>');
}

static void xml_element(struct buf *out, const char *name, const char *value, bool self_closing)
{
	if (*value == '\0' && self_closing) {
		buf_addc(out, '<');
		buf_adds(out, name);
		buf_adds(out, " />");
		return;
	}
	open_tag(out, name);
	html_text(out, str_of(value));
	close_tag(out, name);
}

static void xml_type(struct buf *out)
{
	buf_adds(out,
		"<Type><Name>20th of Month</Name><CostMarkup>30.00</CostMarkup>"
		"<PaymentTerm>DayOfMonth</PaymentTerm><PaymentDay>20</PaymentDay></Type>");
}

static void xml_client_element(
	struct buf *out, const struct element *el, const struct record *r, bool self_closing)
{
	const char *value = value_of(el, r->cell);
	if (el->kind == EL_TYPE) {
		xml_type(out);
	} else if (el->kind == EL_WEB_URL) {
		open_tag(out, el->xml);
		record_web_url(out, r);
		close_tag(out, el->xml);
	} else if (el->kind == EL_MANAGER) {
		open_tag(out, el->xml);
		xml_element(out, "UUID", r->manager_uuid, false);
		xml_element(out, "Name", value, false);
		close_tag(out, el->xml);
	} else if (el->column == COL_NAME && r->raw_name.n > 0) {
		open_tag(out, el->xml);
		html_text(out, str_of(value));
		buf_addstr(out, r->raw_name);
		close_tag(out, el->xml);
	} else {
		xml_element(out, el->xml, value, self_closing);
	}
}

static void xml_contacts(struct buf *out, const struct record *r, bool self_closing)
{
	if (r->n == 0) {
		buf_adds(out, "<Contacts />");
		return;
	}
	open_tag(out, "Contacts");
	for (size_t i = 0; i < r->n; i++) {
		const struct record_contact *c = &r->contacts[i];
		open_tag(out, "Contact");
		for (size_t k = c->no_uuid ? 1 : 0; k < ARRAY_LEN(contact_elements); k++)
			xml_element(out, contact_elements[k].xml,
				value_of(&contact_elements[k], c->cell), self_closing);
		close_tag(out, "Contact");
	}
	close_tag(out, "Contacts");
}

void record_xml(struct buf *out, const struct record *r, const struct record_wish *wish)
{
	/*
	 * Where Xero leaves out the tax block, it also writes empty elements in the other form.
	 */
	bool self_closing = !is_yes(r->cell[COL_HAS_TAX]);
	open_tag(out, "Client");
	for (size_t i = 0; i < ARRAY_LEN(client_elements); i++)
		if (!is_left_out(&client_elements[i], r, wish))
			xml_client_element(out, &client_elements[i], r, self_closing);
	if (!r->no_contacts && record_wants(wish, "Contacts"))
		xml_contacts(out, r, self_closing);
	if (wish->detailed)
		buf_adds(out, "<Notes /><Groups /><Relationships />");
	close_tag(out, "Client");
}

/* ---- JSON ---- */

static void json_name(struct buf *out, const char *name, bool first)
{
	buf_adds(out, first ? "\"" : ",\"");
	buf_adds(out, name);
	buf_adds(out, "\":");
}

static void json_client_element(
	struct buf *out, const struct element *el, const struct record *r)
{
	const char *value = value_of(el, r->cell);
	if (el->kind == EL_TYPE) {
		buf_adds(out, "{\"name\":\"20th of Month\",\"costMarkup\":\"30.00\","
			      "\"paymentTerm\":\"DayOfMonth\",\"paymentDay\":20}");
	} else if (el->kind == EL_NUMBER) {
		buf_adds(out, value);
	} else if (el->kind == EL_WEB_URL) {
		buf_addc(out, '"');
		record_web_url(out, r);
		buf_addc(out, '"');
	} else if (el->kind == EL_MANAGER) {
		buf_printf(out, "{\"uuid\":\"%s\",\"name\":", r->manager_uuid);
		json_add_string(out, value);
		buf_addc(out, '}');
	} else {
		json_add_string(out, value);
	}
}

static void json_contacts(struct buf *out, const struct record *r)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct record_contact *c = &r->contacts[i];
		size_t first = c->no_uuid ? 1 : 0;
		buf_adds(out, i == 0 ? "{" : ",{");
		for (size_t k = first; k < ARRAY_LEN(contact_elements); k++) {
			json_name(out, contact_elements[k].json, k == first);
			json_add_string(out, value_of(&contact_elements[k], c->cell));
		}
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

void record_json(struct buf *out, const struct record *r, const struct record_wish *wish)
{
	bool first = true;
	buf_addc(out, '{');
	for (size_t i = 0; i < ARRAY_LEN(client_elements); i++) {
		if (is_left_out(&client_elements[i], r, wish))
			continue;
		json_name(out, client_elements[i].json, first);
		json_client_element(out, &client_elements[i], r);
		first = false;
	}
	if (!r->no_contacts && record_wants(wish, "Contacts")) {
		json_name(out, "contacts", first);
		json_contacts(out, r);
	}
	if (wish->detailed)
		buf_adds(out, ",\"notes\":[],\"groups\":[],\"relationships\":[]");
	buf_addc(out, '}');
}
