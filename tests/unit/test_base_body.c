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
#include "base/body.h"

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

static char path[64];
static struct {
	int fd;
	uint64_t bytes;
	uint8_t hash[HASH128_BYTES];
	struct err e;
} got;

static int
take(uint64_t max)
{
	memset(&got, 0, sizeof(got));
	return body_of_file(
	    path, "/tmp", max, &got.fd, &got.bytes, got.hash, &got.e);
}

static void
write_file(size_t n)
{
	char *p = make(n);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	free(p);
}

static void
a_file_is_copied(void **state)
{
	static const size_t sizes[] = {1, 65536, 200000, LIMIT_BODY_MEMORY + 1};
	uint8_t hash[HASH128_BYTES];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/sheaf-test-body-%d", (int)getpid());
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *want = make(sizes[i]), *is = xmalloc(sizes[i] + 1);

		write_file(sizes[i]);
		assert_int_equal(take(sizes[i]), 0);
		write_file(3); /* what comes later is not seen */
		assert_int_equal(got.bytes, sizes[i]);
		assert_int_equal(
		    read(got.fd, is, sizes[i] + 1), (ssize_t)sizes[i]);
		assert_memory_equal(is, want, sizes[i]);
		hash128(hash, want, sizes[i]);
		assert_memory_equal(hash, got.hash, sizeof(hash));
		assert_int_equal(write(got.fd, "x", 1), -1);
		close(got.fd);
		free(want);
		free(is);
	}
	unlink(path);
}

static void
what_is_no_file_is_refused(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/sheaf-test-body-%d", (int)getpid());
	assert_int_equal(take(10), -1);
	assert_int_equal(got.e.class, ERR_SYSTEM);
	write_file(0);
	assert_int_equal(take(10), -1);
	assert_non_null(strstr(got.e.text, "is empty"));
	write_file(11);
	assert_int_equal(take(10), -1);
	assert_int_equal(got.e.class, ERR_LIMIT);
	assert_int_equal(got.fd, -1);
	/* The house's own limit holds, whatever is allowed; a hole is enough.
	 */
	assert_int_equal(truncate(path, LIMIT_STATIC_FILE_BYTES + 1), 0);
	assert_int_equal(take(UINT64_MAX), -1);
	assert_int_equal(got.e.class, ERR_LIMIT);
	unlink(path);
	/* Nobody waits for a writer. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(take(10), -1);
	assert_non_null(strstr(got.e.text, "no regular file"));
	unlink(path);
	snprintf(path, sizeof(path), "/tmp");
	assert_int_equal(take(10), -1);
	assert_non_null(strstr(got.e.text, "no regular file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(large_ones_are_files),
	    cmocka_unit_test(no_place_is_said),
	    cmocka_unit_test(a_file_is_copied),
	    cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
