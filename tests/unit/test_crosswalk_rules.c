/* Tables: how they are read, what they say together, how it is found, and what
 * is no table.  The project's own are read, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crosswalk/rules_block.h"
#include "crosswalk/rules_compile.h"
#include "record/words.h"
#include "tables.h"

#define HEAD  "scheme\tcode\tparent\tlabel\tlanguage\talternative\n"
#define TERMS "vocabulary\tscheme\tterm\tcode\n"

static struct buf block, mistakes;

static int
setup(void **state)
{
	(void)state;
	buf_init(&block, LIMIT_RULES_BYTES);
	buf_init(&mistakes, 64 * KIB);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_release(&block);
	buf_release(&mistakes);
	return 0;
}

/* Tables one.tsv and two.tsv, the latter may be NULL. */
static const struct rules *
compiled(const char *one, const char *two)
{
	struct rules_build *b = rules_build_new(&mistakes);
	const struct rules *r = NULL;
	struct err e;
	int rc;

	buf_clear(&block);
	buf_clear(&mistakes);
	rules_build_table(b, "one.tsv", one, strlen(one));
	if (two != NULL)
		rules_build_table(b, "two.tsv", two, strlen(two));
	rc = rules_build_end(b, &block);
	rules_build_free(b);
	assert_int_equal(rc == 0, mistakes.len == 0);
	if (rc == 0) {
		r = rules_open(block.data, block.len, &e);
		assert_non_null(r);
	}
	return r;
}

static void
assert_mistake(const char *one, const char *text)
{
	if (compiled(one, NULL) != NULL)
		fail_msg("no mistake was seen, but %s", text);
	if (!str_starts(buf_str(&mistakes), text))
		fail_msg("%s, not %s", buf_str(&mistakes), text);
}

/* codes: between spaces; NULL: not found. */
static void
assert_found(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *term, const char *codes)
{
	struct rules_hit hit;
	char found[256] = "";

	if (rules_find(r, v, scheme, term, &hit))
		for (const char *c = hit.codes; c; c = rules_next(c))
			snprintf(found + strlen(found),
			    sizeof(found) - strlen(found), "%s%s",
			    *found ? " " : "", c);
	if (strcmp(found, codes ? codes : "") != 0)
		fail_msg("%s %s is %s", scheme, term, found);
}

static void
keys(void **state)
{
	static const struct {
		const char *text, *exact, *plain;
	} cases[] = {
	    {" A  b--C. ", "a b c", ""},
	    {"C\xc3\xb4te d\xe2\x80\x99Ivoire", "c\xc3\xb4te d ivoire",
		"cote d ivoire"},
	    /* decomposed is the same as composed */
	    {"Co\xcc\x82te", "c\xc3\xb4te", "cote"},
	    {"\xef\xbc\xa1\xef\xbc\xa2", "ab", ""}, /* full width */
	    {"a\xc2\xad"
	     "b",
		"ab", ""}, /* a soft hyphen */
	    {"https://www.Example.org/A/", "example org a", ""},
	    {"\xd0\xa0\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f",
		"\xd1\x80\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f", ""},
	    {"...", "", ""},
	    {"", "", ""},
	    {"\xff", "", ""},
	};
	struct rules_key k;
	char text[3 * RULES_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		rules_key(&k, cases[i].text);
		assert_string_equal(k.exact, cases[i].exact);
		assert_string_equal(k.plain, cases[i].plain);
		assert_int_equal(k.is_plain, *cases[i].plain == '\0');
	}
	for (size_t n = RULES_KEY_BYTES - 1; n < sizeof(text); n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		rules_key(&k, text);
		assert_int_equal(strlen(k.exact), n < RULES_KEY_BYTES ? n : 0);
	}
}

/* A dash makes a text take the whole way, and adds nothing to its key. */
static void
key_of_letters(void **state)
{
	struct rules_key near, far;
	char text[32], letter[5] = "";

	(void)state;
	for (uint32_t c = 0x80; c < 0xa000; c++) {
		if (utf8_encode(letter, c) == 0)
			continue;
		letter[c < 0x800 ? 2 : 3] = '\0';
		snprintf(text, sizeof(text), "a%s %sB", letter, letter);
		rules_key(&near, text);
		snprintf(
		    text, sizeof(text), "a%s %sB\xe2\x80\x93", letter, letter);
		rules_key(&far, text);
		assert_string_equal(near.exact, far.exact);
		assert_string_equal(near.plain, far.plain);
		assert_int_equal(near.is_plain, far.is_plain);
	}
}

static void
terms(void **state)
{
	const struct rules *r =
	    compiled("# of a test\n" HEAD
		     "sector\twater\t\tWater\ten\tDrinking water|Wasser\n"
		     "sector\tenergy\t\tEnergy\ten\n"
		     "sector\tenergy\t\t\xc3\x89nergie\tfr\r\n"
		     "\n"
		     "topic\t1\t\tRivers\ten\n"
		     "topic\t1.1\t1\tThe Nile\ten\tNil\n"
		     "topic\t2\t\tEnergy\ten\n",
		TERMS "sector\ttopic\t1\twater\n"
		      "sector\ttopic\t2\twater | energy\n"
		      "sector\tcpc\tY02E*\tenergy\n"
		      "sector\tcpc\tY02E 60*\twater\n"
		      "sector\tkeyword\tsolar power\tenergy\n"
		      "scheme\tprefix\thttp://example.org/topics/\ttopic\n");
	struct rules_hit hit;
	const char *local;

	(void)state;
	assert_found(r, RULES_SECTOR, "sector", "WATER", "water");
	assert_found(r, RULES_SECTOR, "label", "drinking-water", "water");
	assert_found(r, RULES_SECTOR, "label", "energie", "energy");
	assert_found(r, RULES_SECTOR, "label", "E\xcc\x81NERGIE.", "energy");
	assert_found(
	    r, RULES_SECTOR, "label", "\xc3\xa8nergi\xc3\xa8", "energy");
	/* its own label before that of a topic */
	assert_found(r, RULES_SECTOR, "label", "Energy", "energy");
	assert_found(r, RULES_SECTOR, "topic", "Energy", "water energy");
	/* what a topic is, its narrower one is */
	assert_found(r, RULES_SECTOR, "topic", "1.1", "water");
	assert_found(r, RULES_SECTOR, "topic", "nil", "water");
	assert_found(r, RULES_SECTOR, "label", "The Nile", "water");
	assert_found(r, RULES_SECTOR, "topic", "1.2", NULL);
	assert_found(r, RULES_KIND, "topic", "1.1", NULL);
	assert_found(r, RULES_SECTOR, "cpc", "Y02E 10/50", "energy");
	assert_found(r, RULES_SECTOR, "cpc", "Y02E60/50", "water");
	assert_found(r, RULES_SECTOR, "cpc", "Y02", NULL);
	assert_found(r, RULES_SECTOR, "cpc", "Y02E 10/50 and more of it", NULL);
	assert_true(
	    rules_find(r, RULES_SECTOR, "keyword", "Solar power", &hit));
	assert_string_equal(hit.basis, "rule");
	assert_string_equal(rules_code(r, RULES_SECTOR, "topic", "1"), "water");
	assert_null(rules_code(r, RULES_SECTOR, "topic", "2"));
	assert_string_equal(
	    rules_concept(r, "https://example.org/topics/1.1/", &local),
	    "topic");
	assert_string_equal(local, "1.1/");
	assert_null(rules_concept(r, "https://example.org/1.1", &local));
	assert_null(rules_concept(r, "topics", &local));
	assert_false(rules_find(NULL, RULES_SECTOR, "topic", "1", &hit));
}

static void
later_file_wins(void **state)
{
	const struct rules *r = compiled(HEAD "kind\ta\nkind\tb\n" TERMS, NULL);

	(void)state;
	assert_null(r); /* a second header is no row */
	r = compiled("vocabulary\tscheme\tterm\tcode\n"
		     "kind\tlabel\tx\ta\nkind\tlabel\tX.\ta\n",
	    HEAD "kind\ta\nkind\tb\n");
	assert_found(r, RULES_KIND, "label", "x", "a");
	r = compiled(HEAD "kind\ta\t\tOne\nkind\tb\t\tOne\n",
	    TERMS "kind\tlabel\tTwo\tb\n");
	assert_found(r, RULES_KIND, "label", "one", "a");
	r = compiled(
	    HEAD "kind\ta\t\tOne\nkind\tb\n", TERMS "kind\tlabel\tone\tb\n");
	assert_found(r, RULES_KIND, "label", "one", "b");
}

static void
things(void **state)
{
	const struct rules *r = compiled(HEAD
	    "country\tKEN\t014|722\tKenya\ten\tRepublic of Kenya\n"
	    "country\tKEN\t\tK\xc3\xa9nya\tfr\n"
	    "country\t014\t\tEastern Africa\ten\n"
	    "country\t722\n"
	    "family\toffer\nkind\tcall\tfamily:offer\tCall\n",
	    NULL);
	struct rules_thing t;
	struct rules_name n;

	(void)state;
	assert_int_equal(rules_count(r, RULES_COUNTRY), 3);
	rules_thing(r, RULES_COUNTRY, 2, &t);
	assert_string_equal(t.code, "KEN");
	assert_string_equal(t.parents, "014");
	assert_string_equal(rules_next(t.parents), "722");
	assert_null(rules_next(rules_next(t.parents)));
	assert_int_equal(t.name_count, 3);
	rules_name(r, t.name_first + 1, &n);
	assert_string_equal(n.text, "Republic of Kenya");
	assert_true(n.is_alternative);
	rules_name(r, t.name_first + 2, &n);
	assert_string_equal(n.lang, "fr");
	assert_int_equal(rules_count(r, RULES_KIND), 1);
	assert_true(rules_thing_find(r, RULES_KIND, "call", &t));
	assert_string_equal(t.parents, "offer");
	assert_false(rules_thing_find(r, RULES_KIND, "offer", &t));
	assert_true(rules_thing_find(r, RULES_COUNTRY, "014", &t));
	assert_null(t.parents);
}

static void
wrong_tables(void **state)
{
	struct buf many;

	(void)state;
	assert_mistake("a\tb\n1\t2\n", "one.tsv:1: this is no line of column");
	assert_mistake(
	    "scheme\tcode\tcolour\n", "one.tsv:1: there is no column colour");
	assert_mistake("scheme\tlabel\n", "one.tsv:1: the column code is mis");
	assert_mistake("scheme\tcode\tcode\n", "one.tsv:1: there is twice a");
	assert_mistake(HEAD "kind\n", "one.tsv:2: code is empty");
	assert_mistake(
	    HEAD "kind\ta\t\t\t\t\t\n", "one.tsv:2: there are 7 cells");
	assert_mistake(HEAD "ki nd\ta\n", "one.tsv:2: ki nd is no name of a");
	assert_mistake(HEAD "kind\ta|b\n", "one.tsv:2: a|b is no code");
	assert_mistake(HEAD "kind\t\xff\n", "one.tsv:2: there are bytes");
	assert_mistake(HEAD "kind\ta\tb\n",
	    "one.tsv:2: the parent b of a is in no line; expected a code of "
	    "kind");
	assert_mistake(HEAD "x\ta\nx\tb\nkind\tc\tx:a\nkind\tc\tx:b\n",
	    "one.tsv:5: c has the parent x:a in line 4");
	assert_mistake(
	    TERMS "kin\tlabel\ta\tb\n", "one.tsv:2: there is no vocabulary");
	assert_mistake(TERMS "kind\tlabel\ta\tb\n",
	    "one.tsv:2: there is no kind b; expected a code of that");
	assert_mistake(TERMS "scheme\tprefix\t...\tb\n",
	    "one.tsv:2: ... has no letter or digit");
	assert_mistake(TERMS "scheme\tprefix\tx\tb\nscheme\tprefix\tX\tc\n",
	    "one.tsv:3: X is b in a line above");
	assert_mistake(TERMS "scheme\tcpc\tY02A 40/25 100 200 300*\tb\n",
	    "one.tsv:2: Y02A 40/25 100 200 300* is too long");
	assert_true(compiled(HEAD "kind\ta\n# \xff", NULL) == NULL);
	/* Not more of them than anybody reads. */
	buf_init(&many, MIB);
	buf_adds(&many, HEAD);
	for (int i = 0; i < 1000; i++)
		buf_adds(&many, "kind\n");
	assert_mistake(buf_str(&many), "one.tsv:2: code is empty");
	assert_true(strstr(buf_str(&mistakes), ":22: and more mistakes, not"));
	assert_null(strstr(buf_str(&mistakes), ":23:"));
	/* One line is as long as the limit says. */
	buf_clear(&many);
	buf_adds(&many, HEAD "kind\ta\t\t");
	while (many.len <= sizeof(HEAD) + LIMIT_TABLE_LINE_BYTES)
		buf_addc(&many, 'x');
	assert_mistake(buf_str(&many), "one.tsv:2: the line has ");
	buf_release(&many);
}

static void
too_many_rows(void **state)
{
	struct buf many;

	(void)state;
	buf_init(&many, 64 * MIB);
	buf_adds(&many, HEAD);
	for (size_t i = 0; i < LIMIT_TABLE_ROWS + 2; i++)
		buf_printf(&many, "x\t%zu\n", i);
	assert_mistake(
	    buf_str(&many), "one.tsv:200002: the tables have too many rows");
	buf_release(&many);
}

static void
directories(void **state)
{
	(void)state;
	assert_int_equal(rules_compile("/nonexistent", &block, &mistakes), -1);
	assert_true(str_starts(buf_str(&mistakes),
	    "/nonexistent: No such file or directory; expected a directory "
	    "with the vocabularies"));
	buf_clear(&mistakes);
	assert_int_equal(rules_compile("/proc/self/fd", &block, &mistakes), -1);
	assert_true(
	    str_starts(buf_str(&mistakes), "/proc/self/fd: no table; exp"));
}

/* A file with so many bytes, all zero. */
static void
put_file(const char *dir, const char *name, size_t bytes)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (off_t)bytes), 0);
	fclose(f);
}

static void
remove_files(const char *dir)
{
	char path[512];
	struct dirent *d;
	DIR *at = opendir(dir);

	while ((d = readdir(at)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		unlink(path);
	}
	closedir(at);
	rmdir(dir);
}

static void
too_large_directories(void **state)
{
	char dir[] = "/tmp/sheaf-tables-XXXXXX", name[32];

	(void)state;
	assert_non_null(mkdtemp(dir));
	put_file(dir, "kinds.tsv.sample", 1);
	put_file(dir, ".kinds.tsv", 1);
	put_file(dir, "large.tsv", LIMIT_TABLE_BYTES + 1);
	assert_int_equal(rules_compile(dir, &block, &mistakes), -1);
	assert_non_null(strstr(buf_str(&mistakes),
	    "/large.tsv: is no file of at most 16777216 bytes; expected"));
	assert_null(strstr(buf_str(&mistakes), "kinds.tsv"));
	for (size_t i = 0; i < LIMIT_TABLE_FILES; i++) {
		snprintf(name, sizeof(name), "%zu.tsv", i);
		put_file(dir, name, 0);
	}
	buf_clear(&mistakes);
	assert_int_equal(rules_compile(dir, &block, &mistakes), -1);
	assert_non_null(strstr(buf_str(&mistakes), ": too many files; exp"));
	remove_files(dir);
}

/* A block with any of its numbers changed is refused, or as good as it was:
 * nothing outside of it is read (seen by the address sanitizer). */
static void
damaged_blocks(void **state)
{
	const struct rules *r;
	struct rules_hit hit;
	struct err e;
	char *copy;
	size_t refused = 0;

	(void)state;
	assert_non_null(
	    compiled(HEAD "kind\ta\t\tOne\ten\nkind\tb\ta\tTwo\ten\n",
		TERMS "kind\tlabel\tx\ta|b\nkind\tcpc\tY02*\ta\n"));
	copy = xmalloc(block.len);
	for (size_t at = 0; at < block.len; at++) {
		memcpy(copy, block.data, block.len);
		copy[at] = (char)(copy[at] ^ 0xff);
		r = rules_open(copy, block.len, &e);
		refused += r == NULL;
		if (r == NULL)
			continue;
		rules_find(r, RULES_KIND, "label", "one", &hit);
		rules_find(r, RULES_KIND, "cpc", "Y02A", &hit);
		for (size_t i = 0; i < rules_count(r, RULES_KIND); i++) {
			struct rules_thing t;
			struct rules_name n;

			rules_thing(r, RULES_KIND, i, &t);
			for (size_t k = 0; k < t.name_count; k++)
				rules_name(r, t.name_first + k, &n);
		}
	}
	assert_true(refused > 100);
	for (size_t n = 0; n < block.len; n++)
		assert_null(rules_open(block.data, n, &e));
	free(copy);
}

static void
own_kinds_and_families(const struct rules *r)
{
	size_t count = 0;
	char kind[64];

	/* What a configuration may say (record/words.h) is what there is. */
	for (const char *p = WORDS_KIND; *p != '\0'; p += strspn(p, " ")) {
		struct rules_thing t;
		size_t n = strcspn(p, " ");

		snprintf(kind, sizeof(kind), "%.*s", (int)n, p);
		if (!rules_thing_find(r, RULES_KIND, kind, &t) ||
		    !word_known(words_family, t.parents))
			fail_msg("%s has no family", kind);
		p += n;
		count++;
	}
	assert_int_equal(count, rules_count(r, RULES_KIND));
}

static void
own_tables(void **state)
{
	const struct rules *r = tables_rules();
	struct rules_thing t;
	size_t countries = 0;

	(void)state;
	own_kinds_and_families(r);
	assert_int_equal(rules_count(r, RULES_SECTOR), 21);
	assert_int_equal(rules_count(r, RULES_SDG), 17 + 169);
	for (size_t i = 0; i < rules_count(r, RULES_COUNTRY); i++) {
		rules_thing(r, RULES_COUNTRY, i, &t);
		countries += t.code[0] >= 'A';
	}
	assert_int_equal(countries, 249 + 1);
	for (size_t i = 0; i < rules_count(r, RULES_ROLE); i++) {
		rules_thing(r, RULES_ROLE, i, &t);
		assert_true(word_known(words_agent_role, t.code));
	}
	assert_found(r, RULES_COUNTRY, "m49", "404", "KEN");
	assert_found(r, RULES_COUNTRY, "iso3166-3", "CSK", "CZE SVK");
	assert_found(r, RULES_COUNTRY, "marcgac", "f-ke---", "KEN");
	assert_found(r, RULES_SECTOR, "dac", "23210", "energy-supply");
	assert_found(r, RULES_SECTOR, "isic4", "0111", "agriculture");
	assert_found(r, RULES_SECTOR, "cpc", "Y02A 40/25", "agriculture");
	assert_found(r, RULES_SECTOR, "ipc", "F03D 1/00", "energy-supply");
	assert_found(r, RULES_SDG, "label", "SDG 07", "7");
	assert_found(
	    r, RULES_SDG, "label", "Eau propre et assainissement", "6");
	assert_found(r, RULES_LICENCE, "label", "CC BY-NC-ND 3.0 IGO",
	    "CC-BY-NC-ND-3.0-IGO");
	assert_found(r, RULES_ACCESS, "coar-access", "c_abf2", "open");
	assert_found(r, RULES_ROLE, "marcrelator", "edt", "editor");
	assert_found(r, RULES_ROLE, "datacite", "ContactPerson", "contact");
	assert_found(r, RULES_LANGUAGE, "iso639", "fre", "fr");
	assert_found(r, RULES_LANGUAGE, "label",
	    "\xd1\x80\xd1\x83\xd1\x81\xd1\x81\xd0\xba\xd0\xb8\xd0\xb9", "ru");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(keys),
	    TEST(key_of_letters),
	    TEST(terms),
	    TEST(later_file_wins),
	    TEST(things),
	    TEST(wrong_tables),
	    TEST(too_many_rows),
	    TEST(directories),
	    TEST(too_large_directories),
	    TEST(damaged_blocks),
	    TEST(own_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
