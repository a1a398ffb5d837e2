#include "core/mfa.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/random.h"

#include <arpa/inet.h>

enum { DAY_S = 24 * 3600, CODE_BYTES = 10, CODE_GROUP = 4 };

enum mfa_duty mfa_duty(bool has_factor, int64_t required_at, int64_t created_at, int grace_days,
	int64_t now, int *days_left_r)
{
	*days_left_r = 0;
	if (has_factor || required_at == 0)
		return MFA_NO_DUTY;
	int64_t from = created_at > required_at ? created_at : required_at;
	int64_t left_s = from + (int64_t)grace_days * DAY_S - now;
	if (left_s <= 0)
		return MFA_DUE;
	*days_left_r = (int)((left_s + DAY_S - 1) / DAY_S);
	return MFA_GRACE;
}

bool mfa_recovery_code(struct arena *a, char **code_r, struct err *e)
{
	unsigned char bytes[CODE_BYTES];
	struct buf code;
	if (!random_bytes(bytes, sizeof bytes, e))
		return false;
	const char *plain = base32_encode(a, bytes, sizeof bytes);
	buf_init(&code, a, 32);
	for (size_t i = 0; plain[i] != '\0'; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			buf_addc(&code, '-');
		buf_addc(&code, plain[i]);
	}
	*code_r = code.data;
	return true;
}

const char *throttle_peer(struct arena *a, const char *address)
{
	struct in6_addr whole;
	if (inet_pton(AF_INET6, address, &whole) != 1 || IN6_IS_ADDR_V4MAPPED(&whole))
		return address;
	const char *net = hex_encode(a, whole.s6_addr, sizeof whole.s6_addr / 2);
	return arena_printf(a, "%s/64", net);
}

int throttle_wait_s(int misses, int allowed, int64_t last_at, int64_t now)
{
	if (misses < allowed)
		return 0;
	int64_t left = last_at + THROTTLE_WINDOW_S - now;
	/* When the clock was set back, the wait must still be at most the window. */
	return left <= 0 ? 0 : left > THROTTLE_WINDOW_S ? THROTTLE_WINDOW_S : (int)left;
}
