/* Buffers with a ceiling, arenas, digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"

static void
ceiling_is_sticky(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_int_equal(buf_adds(&b, "def"), -1);
	assert_true(b.full);
	assert_int_equal(buf_addc(&b, 'd'), -1);
	assert_string_equal(buf_str(&b), "abc");
	buf_clear(&b);
	assert_int_equal(buf_printf(&b, "%s%d", "abc", 12), 0);
	assert_string_equal(buf_str(&b), "abc12");
	assert_null(buf_reserve(&b, 1));
	buf_clear(&b);
	assert_int_equal(buf_printf(&b, "%600d", 1), -1);
	assert_int_equal(b.len, 0);
	buf_release(&b);
	buf_init(&b, SIZE_MAX);
	assert_int_equal(buf_adds(&b, "x"), 0);
	assert_null(buf_reserve(&b, SIZE_MAX - 1));
	buf_release(&b);
}

static void
buffer_as_a_queue(void **state)
{
	char *text;
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf_add(&b, "0123456789", 10), 0);
	assert_int_equal(b.len, 100000);
	buf_consume(&b, 99995);
	assert_string_equal(buf_str(&b), "56789");
	memcpy(buf_reserve(&b, 2), "xy", 2);
	buf_added(&b, 2);
	assert_string_equal(buf_str(&b), "56789xy");
	text = buf_detach(&b);
	assert_string_equal(text, "56789xy");
	assert_int_equal(b.len, 0);
	free(text);
	text = buf_detach(&b);
	assert_string_equal(text, "");
	free(text);
	buf_init(&b, 5000);
	assert_int_equal(buf_printf(&b, "%2000d", 1), 0);
	assert_int_equal(b.len, 2000);
	buf_release(&b);
}

static void
arena_lives_and_ends(void **state)
{
	struct arena a;
	char *first, *big;

	(void)state;
	arena_init(&a, 0);
	for (int round = 0; round < 3; round++) {
		first = arena_strdup(&a, "first");
		for (size_t n = 1; n < 3000; n += 7) {
			char *p = arena_alloc(&a, n);

			assert_int_equal(
			    (uintptr_t)p % _Alignof(max_align_t), 0);
			memset(p, (int)n, n);
		}
		big = arena_calloc(&a, 1000000, 1);
		assert_int_equal(big[999999], 0);
		assert_string_equal(arena_printf(&a, "%s-%d", first, round) + 6,
		    round == 0	 ? "0"
		    : round == 1 ? "1"
				 : "2");
		assert_string_equal(first, "first");
		arena_clear(&a);
		assert_int_equal(a.used, 0);
	}
	arena_release(&a);
	arena_init(&a, 100);
	assert_non_null(arena_alloc(&a, 64));
	assert_null(arena_alloc(&a, 64));
	assert_true(a.full);
	assert_null(arena_calloc(&a, SIZE_MAX, 2));
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_clear(&a);
	assert_false(a.full);
	assert_non_null(arena_strndup(&a, "abcdef", 3));
	arena_release(&a);
}

static void
digests(void **state)
{
	uint8_t out[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	struct digest d;

	(void)state;
	digest_init(&d);
	digest_add(&d, "a", 1);
	digest_add(&d, NULL, 0);
	digest_add(&d, "bc", 2);
	digest_end(&d, out);
	digest_hex(hex, out);
	assert_string_equal(hex, /* FIPS 180-4's example */
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(hash64("", 0), hash64(NULL, 0));
	hash128(out, "abc", 3);
	hash128(out + HASH128_BYTES, "abd", 3);
	assert_memory_not_equal(out, out + HASH128_BYTES, HASH128_BYTES);
}

static void
grow(void **state)
{
	int *items = NULL;
	size_t cap = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		GROW(items, cap, i + 1);
		items[i] = (int)i;
	}
	assert_int_equal(items[999], 999);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ceiling_is_sticky),
	    cmocka_unit_test(buffer_as_a_queue),
	    cmocka_unit_test(arena_lives_and_ends),
	    cmocka_unit_test(digests),
	    cmocka_unit_test(grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
