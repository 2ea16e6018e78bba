/* The window: repair and offsets, at every place of a chunk's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "parse/window.h"

static int
body(const void *p, size_t n)
{
	int fd = memfd_create("page", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, 0), (ssize_t)n);
	return fd;
}

static void
read_all(struct window *w, int fd, const char *type)
{
	struct err e;
	int more;

	assert_int_equal(window_open(w, fd, type, &e), 0);
	while ((more = window_fill(w, &e)) > 0)
		;
	assert_int_equal(more, 0);
}

/* What window_clean_prefix takes is valid and allowed, and it stops no
 * earlier than it must. */
static void
clean_prefix(void **state)
{
	uint8_t text[96];
	unsigned bad;

	(void)state;
	srand(7);
	for (int round = 0; round < 200000; round++) {
		size_t n = (size_t)(rand() % 90) + 1, clean;
		const uint8_t kinds[] = {'a', ' ', '\n', 0xc3, 0xa9, 0xe2, 0x82,
		    0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x01, 0xef, 0xbf,
		    0xbe, 0xf4, 0x90};
		int wild = rand() % 8;

		for (size_t i = 0; i < n; i++)
			text[i] = rand() % 8 < wild
				      ? kinds[(size_t)rand() % sizeof(kinds)]
				      : 'x';
		clean = window_clean_prefix(text, n, &bad);
		assert_true(utf8_valid((char *)text, clean));
		for (size_t i = 0; i < clean; i++)
			assert_true(text[i] >= 0x20 || text[i] == '\n');
		if (clean == n)
			continue;
		if (bad == 0) { /* merely cut */
			assert_true(n - clean < 4);
			assert_true(utf8_missing((char *)text, n) > 0);
		} else if (text[clean] >= 0x20) {
			uint32_t cp;
			unsigned used =
			    utf8_decode((char *)text + clean, n - clean, &cp);

			assert_true(used == 0 || cp == 0xfffe || cp == 0xffff);
		}
	}
}

/* A marker that was at `at` in the body is told to be there, wherever it is
 * in the window. */
static void
offsets_survive_repair(void **state)
{
	static char page[300000];
	struct window w;
	size_t n = 0;
	int fd;

	(void)state;
	srand(11);
	while (n < sizeof(page) - 64) {
		switch (rand() % 12) {
		case 0:
			page[n++] = '\x01';
			break;
		case 1:
			page[n++] = '\xe9'; /* broken: a letter follows */
			break;
		case 2:
			memcpy(page + n, "\xe2\x82\xac", 3);
			n += 3;
			break;
		case 3:
			memcpy(page + n, "\xef\xbf\xbf", 3);
			n += 3;
			break;
		default:
			memcpy(page + n, "plain text ", 11);
			n += 11;
		}
		memcpy(page + n, "@", 1);
		n++;
	}
	fd = body(page, n);
	read_all(&w, fd, NULL);
	assert_true(w.repairs > 1000);
	assert_true(utf8_valid(w.data + w.start, w.end - w.start));
	while (w.start < w.end) {
		size_t len = w.end - w.start, look = len < 400 ? len : 400;

		for (size_t i = 0; i < look; i++)
			if (w.data[w.start + i] == '@')
				assert_int_equal(
				    page[window_offset(&w, i)], '@');
		window_drop(&w, len < 97 ? len : 97);
	}
	window_release(&w);
	close(fd);
}

static void
changed_is_told(void **state)
{
	static const char page[] = "clean\xff"
				   "clean";
	struct window w;
	int fd = body(page, sizeof(page) - 1);

	(void)state;
	read_all(&w, fd, NULL);
	assert_int_equal(w.end - w.start, 13);
	assert_false(window_is_changed(&w, 0, 5));
	assert_true(window_is_changed(&w, 0, 6));
	assert_true(window_is_changed(&w, 7, 8));
	assert_false(window_is_changed(&w, 8, 13));
	assert_int_equal(window_offset(&w, 8), 6);
	window_release(&w);
	close(fd);
}

static void
transcoded_offsets(void **state)
{
	static const char latin[] = "\xe9\x80z\x01y";
	static const char wide[] = "\xff\xfe"
				   "a\0\x3d\xd8\x00\xdeg\0\x3d\xd8h";
	struct window w;
	int fd = body(latin, sizeof(latin) - 1);

	(void)state;
	read_all(&w, fd, "text/xml; charset=\"iso-8859-1\"");
	assert_memory_equal(w.data, "\xc3\xa9\xe2\x82\xacz y", 8);
	assert_int_equal(window_offset(&w, 5), 2);
	assert_int_equal(w.repairs, 1);
	window_release(&w);
	close(fd);
	fd = body(wide, sizeof(wide)); /* with a NUL: "h\0" */
	read_all(&w, fd, NULL);
	assert_memory_equal(w.data, "a\xf0\x9f\x98\x80g\xef\xbf\xbdh", 10);
	assert_int_equal(window_offset(&w, 5), 8);
	assert_int_equal(w.repairs, 1);
	window_release(&w);
	close(fd);
	fd = body(wide, sizeof(wide) - 3); /* half a character at the end */
	read_all(&w, fd, NULL);
	assert_int_equal(w.end - w.start, 9);
	assert_int_equal(window_offset(&w, 9), sizeof(wide) - 3);
	window_release(&w);
	close(fd);
}

static void
byte_order_mark_and_lines(void **state)
{
	static const char page[] = "\xef\xbb\xbf"
				   "ab\ncd";
	uint64_t line, column;
	struct window w;
	int fd = body(page, sizeof(page) - 1);

	(void)state;
	read_all(&w, fd, NULL);
	assert_int_equal(window_offset(&w, 0), 3);
	window_place(&w, 4, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
	window_drop(&w, 4);
	assert_int_equal(w.line, 2);
	assert_int_equal(window_offset(&w, 0), 7);
	window_release(&w);
	close(fd);
}

static void
pipes_are_read_too(void **state)
{
	struct window w;
	char page[2000];
	int ends[2];

	(void)state;
	memset(page, 'x', sizeof(page));
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], page, sizeof(page)), sizeof(page));
	close(ends[1]);
	read_all(&w, ends[0], NULL);
	assert_int_equal(w.end - w.start, sizeof(page));
	window_release(&w);
	close(ends[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clean_prefix),
	    cmocka_unit_test(offsets_survive_repair),
	    cmocka_unit_test(changed_is_told),
	    cmocka_unit_test(transcoded_offsets),
	    cmocka_unit_test(byte_order_mark_and_lines),
	    cmocka_unit_test(pipes_are_read_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
