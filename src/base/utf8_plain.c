/*
 * A fast look at most of a text: sixteen bytes at a time by the tables of
 * Keiser and Lemire ("Validating UTF-8 in less than one instruction per
 * byte"), where the processor has SSSE3.  What it does not say yes to is for
 * the slow look to judge, so nothing depends on it but time.
 */
#include "base/utf8.h"

#if defined(__x86_64__)
#include <tmmintrin.h>

enum {
	TOO_SHORT = 1 << 0, /* a lead that is not followed */
	TOO_LONG = 1 << 1, /* ASCII that is followed by a continuation */
	OVERLONG_3 = 1 << 2,
	TOO_LARGE = 1 << 3,
	SURROGATE = 1 << 4,
	OVERLONG_2 = 1 << 5,
	TOO_LARGE_1000 = 1 << 6,
	OVERLONG_4 = 1 << 6,
	TWO_CONTS = 1 << 7,
	CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS
};

#define BYTES(...) _mm_setr_epi8(__VA_ARGS__)
#define B(x)	   (char)(x)

/* What may be wrong with two bytes in a row, by the halves of the first and
 * the upper half of the second: where all three agree, it is. */
__attribute__((target("ssse3"))) static inline __m128i
pairs(__m128i first, __m128i second)
{
	const __m128i low = _mm_set1_epi8(0x0f);
	const __m128i first_high = BYTES(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
	    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, B(TWO_CONTS), B(TWO_CONTS),
	    B(TWO_CONTS), B(TWO_CONTS), TOO_SHORT | OVERLONG_2, TOO_SHORT,
	    TOO_SHORT | OVERLONG_3 | SURROGATE,
	    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
	const __m128i first_low =
	    BYTES(B(CARRY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4),
		B(CARRY | OVERLONG_2), B(CARRY), B(CARRY), B(CARRY | TOO_LARGE),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000),
		B(CARRY | TOO_LARGE | TOO_LARGE_1000));
	const __m128i second_high = BYTES(TOO_SHORT, TOO_SHORT, TOO_SHORT,
	    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
	    B(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 |
		OVERLONG_4),
	    B(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE),
	    B(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE),
	    B(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE),
	    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);

	return _mm_and_si128(
	    _mm_and_si128(_mm_shuffle_epi8(first_high,
			      _mm_and_si128(_mm_srli_epi16(first, 4), low)),
		_mm_shuffle_epi8(first_low, _mm_and_si128(first, low))),
	    _mm_shuffle_epi8(
		second_high, _mm_and_si128(_mm_srli_epi16(second, 4), low)));
}

/* Zero where UTF-8 goes on well from `before` into `now`. */
__attribute__((target("ssse3"))) static inline __m128i
broken(__m128i before, __m128i now)
{
	__m128i one = _mm_alignr_epi8(now, before, 15);
	__m128i two = _mm_alignr_epi8(now, before, 14);
	__m128i three = _mm_alignr_epi8(now, before, 13);
	/* the third and fourth bytes of long ones are second continuations */
	__m128i must =
	    _mm_and_si128(_mm_or_si128(_mm_subs_epu8(two, _mm_set1_epi8(0x60)),
			      _mm_subs_epu8(three, _mm_set1_epi8(0x70))),
		_mm_set1_epi8(B(0x80)));

	return _mm_xor_si128(must, pairs(one, now));
}

/* Not zero where XML 1.0 has no such character: controls but for tab, line
 * feed and carriage return; U+FFFE and U+FFFF. */
__attribute__((target("ssse3"))) static inline __m128i
forbidden(__m128i before, __m128i now)
{
	__m128i control =
	    _mm_cmpeq_epi8(_mm_min_epu8(now, _mm_set1_epi8(0x1f)), now);
	__m128i fine =
	    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(now, _mm_set1_epi8('\t')),
			     _mm_cmpeq_epi8(now, _mm_set1_epi8('\n'))),
		_mm_cmpeq_epi8(now, _mm_set1_epi8('\r')));
	__m128i ffff = _mm_and_si128(
	    _mm_and_si128(_mm_cmpeq_epi8(_mm_alignr_epi8(now, before, 14),
			      _mm_set1_epi8(B(0xef))),
		_mm_cmpeq_epi8(
		    _mm_alignr_epi8(now, before, 15), _mm_set1_epi8(B(0xbf)))),
	    _mm_cmpeq_epi8(_mm_max_epu8(now, _mm_set1_epi8(B(0xbe))), now));

	return _mm_or_si128(_mm_andnot_si128(fine, control), ffff);
}

__attribute__((target("ssse3"))) static size_t
blocks(const uint8_t *s, size_t n, bool for_xml)
{
	const __m128i zero = _mm_setzero_si128();
	__m128i before = zero;
	size_t i = 0;

	for (; n - i >= 16; i += 16) {
		__m128i now = _mm_loadu_si128((const __m128i *)(s + i));
		__m128i bad = zero;

		/* three bytes reach from the block before into this one */
		if (_mm_movemask_epi8(now) != 0 ||
		    (_mm_movemask_epi8(before) & 0xe000) != 0)
			bad = broken(before, now);
		if (for_xml)
			bad = _mm_or_si128(bad, forbidden(before, now));
		if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad, zero)) != 0xffff)
			break;
		before = now;
	}
	/* What the last block leaves open is for the slow look. */
	for (unsigned back = 1; back <= 3 && back <= i; back++) {
		uint8_t c = s[i - back];

		if (c < 0x80)
			break;
		if (c >= 0xc0) {
			if (back < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u))
				i -= back;
			break;
		}
	}
	return i;
}
#endif

size_t
utf8_plain_prefix(const void *s, size_t n, bool for_xml)
{
#if defined(__x86_64__)
	if (n >= 16 && __builtin_cpu_supports("ssse3"))
		return blocks(s, n, for_xml);
#endif
	(void)s;
	(void)n;
	(void)for_xml;
	return 0;
}
