/* Bodies: empty, in the buffer, in a memfd, in a file; always what was added,
 * never to be changed by who gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "fetch/body.h"

static char *
make(size_t n)
{
	char *p = xmalloc(n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 31 + i / 251);
	return p;
}

static void
check(struct body *b, size_t n, size_t step)
{
	char *want = make(n), *got = xmalloc(n + 1);
	uint8_t hash[HASH128_BYTES], whole[HASH128_BYTES];
	struct err e;
	size_t at = 0;
	int fd;

	while (at < n) {
		size_t take = n - at < step ? n - at : step;

		assert_int_equal(body_add(b, want + at, take, &e), 0);
		at += take;
	}
	assert_int_equal(b->bytes, n);
	assert_int_equal(body_seal(b, &fd, hash, &e), 0);
	assert_int_equal(b->bytes, 0);
	hash128(whole, want, n);
	assert_memory_equal(hash, whole, sizeof(hash));
	if (n == 0) {
		assert_int_equal(fd, -1);
	} else {
		at = 0;
		while (at < n) {
			ssize_t r = read(fd, got + at, n + 1 - at);
			assert_true(r > 0);
			at += (size_t)r;
		}
		assert_int_equal(read(fd, got, 1), 0);
		assert_memory_equal(got, want, n);
		assert_true(write(fd, "x", 1) < 0);
		assert_true(ftruncate(fd, 0) < 0);
		close(fd);
	}
	free(want);
	free(got);
}

static void
every_size(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 1000000,
	    LIMIT_BODY_MEMORY, LIMIT_BODY_MEMORY + 1, LIMIT_BODY_MEMORY + 70000,
	    3 * LIMIT_BODY_MEMORY};
	struct body b;

	(void)state;
	body_init(&b, "/tmp");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check(&b, sizes[i], 16384);
		check(&b, sizes[i], 99991);
	}
	body_release(&b);
}

static void
large_ones_are_files(void **state)
{
	static char block[65536];
	uint8_t hash[HASH128_BYTES];
	struct body b;
	struct stat st;
	struct err e;
	int fd;

	(void)state;
	body_init(&b, "/tmp");
	for (size_t n = 0; n < 2 * LIMIT_BODY_MEMORY; n += sizeof(block))
		assert_int_equal(body_add(&b, block, sizeof(block), &e), 0);
	assert_int_equal(body_seal(&b, &fd, hash, &e), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	close(fd);
	body_release(&b);
}

static void
no_place_is_said(void **state)
{
	static char block[65536];
	struct body b;
	struct err e = {0};
	size_t n = 0;

	(void)state;
	body_init(&b, "/nowhere/at/all");
	while (n < 2 * LIMIT_BODY_MEMORY &&
	       body_add(&b, block, sizeof(block), &e) == 0)
		n += sizeof(block);
	assert_true(n < 2 * LIMIT_BODY_MEMORY);
	assert_int_equal(e.class, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
	body_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(large_ones_are_files),
	    cmocka_unit_test(no_place_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
