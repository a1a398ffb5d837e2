#include "pages/mail.h"

#include "codec/json.h"
#include "store/jobs.h"

enum { PAYLOAD_MAX = 8 * 1024 };

static void add_text(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(b, ",\"%s\":", name);
	json_add_string(b, text);
}

bool page_mail(struct page *p, int64_t org_id, int64_t user_id, const char *what,
	const char *by, const char *detail, struct err *e)
{
	struct buf b;
	bool added;
	buf_init(&b, p->arena, PAYLOAD_MAX);
	buf_printf(&b, "{\"what\":\"%s\",\"user\":%lld", what, (long long)user_id);
	add_text(&b, "by", by);
	add_text(&b, "detail", detail);
	buf_addc(&b, '}');
	return jobs_add(p->db, org_id, "mail", b.data, NULL, 0, &added, e);
}
