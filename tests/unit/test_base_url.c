/* URLs: splitting, RFC 3986's own examples of resolving, encoding, hiding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/url.h"

static struct arena arena;

static void
splits(void **state)
{
	struct url u;

	(void)state;
	assert_int_equal(url_parse(&u, &arena,
			     "HTTPS://me:pw@Example.ORG:8443/a/b?x=1#f", NULL),
	    0);
	assert_string_equal(u.scheme, "https");
	assert_string_equal(u.user, "me:pw");
	assert_string_equal(u.host, "example.org");
	assert_int_equal(u.port, 8443);
	assert_string_equal(u.path, "/a/b");
	assert_string_equal(u.query, "x=1");
	assert_string_equal(u.fragment, "f");
	assert_string_equal(
	    url_authority(&arena, &u), "https://example.org:8443");
	assert_int_equal(
	    url_parse(&u, &arena, "http://[2001:DB8::1]:80", NULL), 0);
	assert_string_equal(u.host, "2001:db8::1");
	assert_string_equal(u.path, "");
	assert_null(u.query);
	assert_string_equal(url_authority(&arena, &u), "http://[2001:db8::1]");
	assert_int_equal(url_parse(&u, &arena, "http://a@b@c.org?q", NULL), 0);
	assert_string_equal(u.host, "c.org");
}

static void
refuses(void **state)
{
	static const char *const bad[] = {"", "example.org", "ftp://a/",
	    "file:///etc/passwd", "http://", "http:///a", "http://a:0/",
	    "http://a:99999/", "http://a:8x/", "http://[::1/", "http://[]/",
	    "http://[::1]x/", "http://a b/", "http://a/\n", "http:a",
	    "http://user@/"};
	struct err e;
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&e);
		if (url_parse(&u, &arena, bad[i], &e) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(e.class, ERR_CONFIG);
	}
}

/* RFC 3986 5.4. */
static void
resolves(void **state)
{
	static const char *const table[][2] = {{"g:h", "g:h"},
	    {"g", "http://a/b/c/g"}, {"./g", "http://a/b/c/g"},
	    {"g/", "http://a/b/c/g/"}, {"/g", "http://a/g"},
	    {"//g", "http://g"}, {"?y", "http://a/b/c/d;p?y"},
	    {"g?y", "http://a/b/c/g?y"}, {"#s", "http://a/b/c/d;p?q#s"},
	    {"g#s", "http://a/b/c/g#s"}, {"g?y#s", "http://a/b/c/g?y#s"},
	    {";x", "http://a/b/c/;x"}, {"g;x", "http://a/b/c/g;x"},
	    {"g;x?y#s", "http://a/b/c/g;x?y#s"}, {"", "http://a/b/c/d;p?q"},
	    {".", "http://a/b/c/"}, {"./", "http://a/b/c/"},
	    {"..", "http://a/b/"}, {"../", "http://a/b/"},
	    {"../g", "http://a/b/g"}, {"../..", "http://a/"},
	    {"../../", "http://a/"}, {"../../g", "http://a/g"},
	    {"../../../g", "http://a/g"}, {"../../../../g", "http://a/g"},
	    {"/./g", "http://a/g"}, {"/../g", "http://a/g"},
	    {"g.", "http://a/b/c/g."}, {".g", "http://a/b/c/.g"},
	    {"g..", "http://a/b/c/g.."}, {"..g", "http://a/b/c/..g"},
	    {"./../g", "http://a/b/g"}, {"./g/.", "http://a/b/c/g/"},
	    {"g/./h", "http://a/b/c/g/h"}, {"g/../h", "http://a/b/c/h"},
	    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
	    {"g;x=1/../y", "http://a/b/c/y"},
	    {"g?y/./x", "http://a/b/c/g?y/./x"},
	    {"g#s/../x", "http://a/b/c/g#s/../x"}, {"http:g", "http:g"}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(
		    url_resolve(&arena, "http://a/b/c/d;p?q", table[i][0]),
		    table[i][1]);
	assert_string_equal(url_resolve(&arena, "http://a", "g"), "http://a/g");
	assert_null(url_resolve(&arena, "/no/base", "g"));
	assert_null(url_resolve(&arena, NULL, "g"));
	assert_string_equal(url_resolve(&arena, NULL, "urn:x:y"), "urn:x:y");
}

static void
encodes_and_hides(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(url_encode(&b, "a+b/c=d %\xC3\xA9~", 12), 0);
	assert_string_equal(buf_str(&b), "a%2Bb%2Fc%3Dd%20%25%C3%A9~");
	buf_clear(&b);
	url_redact(&b, "https://u:p@h/x?api_key=1&set=a&access_token=2&"
		       "resumptionToken=t&password=3#f");
	assert_string_equal(buf_str(&b),
	    "https://h/x?api_key=***&set=a&access_token=***&"
	    "resumptionToken=t&password=***#f");
	buf_release(&b);
	assert_true(url_is_http("HttP://x"));
	assert_false(url_is_http("ftp://x"));
}

static void
tracking_is_left_out(void **state)
{
	static const char *const rows[][2] = {
	    {"http://a/b", "http://a/b"},
	    {"http://a/b?", "http://a/b"},
	    {"http://a/b#", "http://a/b"},
	    {"http://a/?utm_source=x", "http://a/"},
	    {"http://a/?UTM_Source=x&id=3", "http://a/?id=3"},
	    {"http://a/?id=3&utm_source=x&b=", "http://a/?id=3&b="},
	    {"http://a/?id=3&fbclid=x#top", "http://a/?id=3#top"},
	    {"http://a/?fbclid#top", "http://a/#top"},
	    {"http://a/#xtor=RSS-16", "http://a/"},
	    {"http://a/#item3", "http://a/#item3"},
	    {"http://a/#!/x?utm_a=b", "http://a/#!/x?utm_a=b"},
	    {"http://a/?a=1&amp;utm_medium=rss&amp;b=2",
		"http://a/?a=1&amp;b=2"},
	    {"http://a/?&&a=1&&", "http://a/?a=1"},
	    {"http://a/?utm=1&gclid2=3", "http://a/?utm=1&gclid2=3"},
	    {"http://a/?u=http://b/?utm_x=1", "http://a/?u=http://b/?utm_x=1"},
	    {"mailto:x@y", "mailto:x@y"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *once = url_untracked(&arena, rows[i][0]);

		assert_string_equal(once, rows[i][1]);
		assert_string_equal(url_untracked(&arena, once), once);
	}
}

static void
files_have_paths(void **state)
{
	static const char *const rows[][2] = {
	    {"/a/b.xml", "/a/b.xml"},
	    {"/a%20b", "/a%20b"},
	    {"file:///a/b.xml", "/a/b.xml"},
	    {"FILE:///a", "/a"},
	    {"file:/a", "/a"},
	    {"file://localhost/a", "/a"},
	    {"file:///a%20b%2fc", "/a b/c"},
	    {"file:///a%zz%", "/a%zz%"},
	    {"file:///a%00b", NULL},
	    {"file://host/a", NULL},
	    {"file:///", NULL},
	    {"file:///a?b", NULL},
	    {"file:///a#b", NULL},
	    {"file:a", NULL},
	    {"/", NULL},
	    {"a", NULL},
	    {"https://h/a", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *path = url_file_path(&arena, rows[i][0]);

		if (rows[i][1] == NULL)
			assert_null(path);
		else
			assert_string_equal(path, rows[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(splits),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(resolves),
	    cmocka_unit_test(encodes_and_hides),
	    cmocka_unit_test(tracking_is_left_out),
	    cmocka_unit_test(files_have_paths),
	};
	int rc;

	arena_init(&arena, 0);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return rc;
}
