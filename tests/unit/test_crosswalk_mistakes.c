/* Mistakes in crosswalks: each with its line, what is wrong, what was expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/limits.h"
#include "crosswalk/xwalk.h"

/* --- what is said --------------------------------------------------------- */

static struct buf texts, mistakes;

static int
setup(void **state)
{
	(void)state;
	buf_init(&texts, XWALK_PACK_BYTES);
	buf_init(&mistakes, MIB);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_release(&texts);
	buf_release(&mistakes);
	return 0;
}

static void
add(const char *path, const char *text)
{
	xwalk_pack(&texts, path, text, strlen(text), false);
}

/* True when it compiles; then nothing is said. */
static bool
compiles(void)
{
	struct xwalk_set *set;

	buf_clear(&mistakes);
	set = xwalk_compile(texts.data, texts.len, &mistakes);
	assert_int_equal(set == NULL, mistakes.len > 0);
	xwalk_free(set);
	buf_clear(&texts);
	return mistakes.len == 0;
}

static void
assert_mistakes(const char *want)
{
	assert_false(compiles());
	assert_string_equal(buf_str(&mistakes), want);
}

static void
every_mistake_has_its_line(void **state)
{
	static const struct {
		const char *text, *mistake;
	} cases[] = {
	    /* directives */
	    {"crosswalk y\n",
		"x:1: the crosswalk is called y; expected the file's name, x"},
	    {"crosswalk\n", "x:1: the crosswalk is called nothing; expected "
			    "the file's name, x"},
	    {"crosswalk x\ncrosswalk x\n",
		"x:2: crosswalk is given twice; expected it once"},
	    {"title title\n", "x: there is no line crosswalk; expected "
			      "crosswalk x before the first rule"},
	    {"# nothing\n", "x: there is no line crosswalk; expected crosswalk "
			    "x before the first rule"},
	    {"crosswalk x\nnamespace\n", "x:2: namespace without a prefix; "
					 "expected PREFIX URI"},
	    {"crosswalk x\nnamespace a\n",
		"x:2: the namespace a has no URI; expected one behind it"},
	    {"crosswalk x\nnamespace a nothing\n",
		"x:2: nothing is no URI of a namespace; expected one, none, or "
		"prefix:NAME"},
	    {"crosswalk x\nmatches\n",
		"x:2: matches has no element behind it; expected some"},
	    {"crosswalk x\nmatches a/b\n",
		"x:2: \"/b\" stands behind the name of a root; expected names "
		"of elements alone"},
	    {"crosswalk x\nmatches m:a\n",
		"x:2: the prefix m is not declared; expected a line namespace "
		"m URI before the first rule"},
	    {"crosswalk x\nformats\n",
		"x:2: formats has no metadataPrefix behind it; expected some"},
	    {"crosswalk x\ninclude\n", "x:2: include has no name behind it; "
				       "expected a crosswalk's"},
	    {"crosswalk x\ninclude nothing\n",
		"x:2: there is no crosswalk nothing; expected one beside this "
		"file"},
	    {"crosswalk x\ninclude x\n",
		"x:2: x includes itself, or what includes it does; expected no "
		"circle"},
	    {"crosswalk x\nwraps a b\n",
		"x:2: \"b\" stands behind the path; expected one path"},
	    {"crosswalk x\ntitle title\nnamespace a http://a/\n",
		"x:3: namespace stands behind the first rule; expected it "
		"before"},
	    {"crosswalk x\nformts a b\ntitle title\n",
		"x:2: there is no directive formts, and no target stands "
		"behind it as in a rule; did you mean formats?"},
	    {"crosswalk x\nnamspace a http://a/\n",
		"x:2: there is no directive namspace, and no target stands "
		"behind it as in a rule; did you mean namespace?"},
	    /* rules */
	    {"crosswalk x\ntitle\n",
		"x:2: the path has no target behind it; expected one of "
		"TARGETS in sheaf-crosswalk(5)"},
	    {"crosswalk x\ntitle titel\n",
		"x:2: there is no target titel; expected one of TARGETS in "
		"sheaf-crosswalk(5); did you mean title?"},
	    {"crosswalk x\na abstract roll=\"main\"\n",
		"x:2: abstract has no part roll; expected one of text, lang, "
		"if"},
	    {"crosswalk x\na title rol=\"main\"\n",
		"x:2: title has no part rol; expected one of text, lang, role, "
		"if; did you mean role?"},
	    {"crosswalk x\na title role=\"mane\"\n",
		"x:2: role=\"mane\" is not known; expected main, alternative, "
		"translated; did you mean main?"},
	    {"crosswalk x\na title role=main\n",
		"x:2: \"=main\" does not belong here; expected PART=\"TEXT\", "
		"or the part on an indented line of its own"},
	    {"crosswalk x\na title role=\"main\"x\n",
		"x:2: \"x\" stands behind a text; expected white space"},
	    {"crosswalk x\na title role=\"main\" role=\"main\"\n",
		"x:2: role is given twice; expected it once behind the "
		"target"},
	    {"crosswalk x\na title only=\"last\"\n",
		"x:2: only=\"last\" is not known for title; expected "
		"only=\"first\""},
	    {"crosswalk x\na container only=\"first\"\n",
		"x:2: only=\"first\" does not go with container; expected a "
		"target that makes a list"},
	    {"crosswalk x\n  text = b\n",
		"x:2: an indented line stands before the first rule; expected "
		"a directive or a rule at the line's beginning"},
	    {"crosswalk x\na title\n  text b\n",
		"x:3: this is no part of a rule; expected PART = EXPRESSION"},
	    {"crosswalk x\na title\n  if = b\n  if = c\n",
		"x:4: if is given twice; expected it once"},
	    /* paths */
	    {"crosswalk x\na/ title\n",
		"x:2: a name is missing at the end; expected one"},
	    {"crosswalk x\na/@b title\n",
		"x:2: a rule's path ends in an attribute; expected an element, "
		"and the attribute in a part of the rule"},
	    {"crosswalk x\nnamespace abc http://a/\nabd:c title\n",
		"x:3: the prefix abd is not declared; expected a line "
		"namespace abd URI before the first rule; did you mean abc?"},
	    {"crosswalk x\na[b] title\n",
		"x:2: \"b]\" is no predicate; expected an attribute: "
		"[@NAME] or [@NAME=\"VALUE\"]"},
	    {"crosswalk x\na[@b !\"1\"] title\n",
		"x:2: \"!\"1\"]\" is no comparison; expected =, !=, "
		"~=, !~= or ]"},
	    {"crosswalk x\na[@b=1] title\n",
		"x:2: \"1]\" is no value; expected one in quotes"},
	    {"crosswalk x\na[@b=\"1\" title\n",
		"x:2: a predicate ends at \"\"; expected ]"},
	    {"crosswalk x\na[@b=\"1] title\n",
		"x:2: a quoted text is not closed; expected \""},
	    {"crosswalk x\na[@b=\"\\1\"] title\n",
		"x:2: in quotes \\ stands before \", \\, n or t; expected one "
		"of them"},
	    {"crosswalk x\na|b title\n",
		"x:2: \"|b\" does not belong into a path; expected a "
		"step, or white space and a target"},
	    /* expressions */
	    {"crosswalk x\na title\n  text =\n",
		"x:3: there is nothing behind =; expected a path or a text in "
		"quotes"},
	    {"crosswalk x\na title\n  text = b ]\n",
		"x:3: a name is missing at \"]\"; expected one"},
	    {"crosswalk x\na title\n  text = b//@c\n",
		"x:3: an attribute stands behind //; expected an element "
		"there"},
	    {"crosswalk x\na title\n  text = b | frist\n",
		"x:3: there is no function frist; expected one of Expressions "
		"in sheaf-crosswalk(5); did you mean first?"},
	    {"crosswalk x\na title\n  text = b |\n",
		"x:3: there is no function at \"|\"; expected one of "
		"Expressions in sheaf-crosswalk(5)"},
	    {"crosswalk x\na title\n  text = ..\n",
		"x:3: no path leads outwards, as \"..\" would; expected one "
		"from the rule's element on to what is inside of it"},
	    {"crosswalk x\na title\n  text = b | first 1\n",
		"x:3: first has 1 words behind it; expected nothing"},
	    {"crosswalk x\na title\n  text = b | join\n",
		"x:3: join has 0 words behind it; expected what stands "
		"between: join \"; \""},
	    {"crosswalk x\na title\n  text = b | join x\n",
		"x:3: join has words that are no texts in quotes; expected "
		"what stands between: join \"; \""},
	    {"crosswalk x\na title\n  text = b | split \"\"\n",
		"x:3: split \"\" does nothing; expected a text"},
	    {"crosswalk x\na title\n  text = b | slice a 4\n",
		"x:3: slice a 4 has no two numbers; expected the first "
		"character, from 0, and how many"},
	    {"crosswalk x\na title\n  text = b | map kinds\n",
		"x:3: there is no vocabulary kinds; expected agent-kind, kind, "
		"sector, country, language, sdg, licence, access, role or "
		"scheme"},
	    {"crosswalk x\na title\n  text = b | map kind a b\n",
		"x:3: map kind has too many words; expected a vocabulary and a "
		"scheme of it at most"},
	    {"crosswalk x\na title\n  text = b | map \"a\"=b\n",
		"x:3: a pair has no second text; expected \"A\"=\"B\""},
	    {"crosswalk x\na title\n  text = b | map \"a\"=\"b\" \"c\"\n",
		"x:3: map has pairs and other words; expected pairs alone"},
	    {"crosswalk x\na title\n  text = \"b\n",
		"x:3: a quoted text is not closed; expected \""},
	    {"crosswalk x\na title\n  text = b | trim =\n",
		"x:3: \"=\" is no word of a function; expected a word or a "
		"text in quotes"},
	    {"crosswalk x\n\xff title\n",
		"x:2: there are bytes that are no text; expected UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char want[512];

		add("x", cases[i].text);
		if (compiles())
			fail_msg("%s: no mistake", cases[i].text);
		snprintf(want, sizeof(want), "%s\n", cases[i].mistake);
		if (strcmp(want, buf_str(&mistakes)) != 0)
			fail_msg("%s:\nwant %sgot  %s", cases[i].text, want,
			    buf_str(&mistakes));
	}
}

/* Of what was packed names and contents count, not where the files lie. */
static void
digest_of(const char *path, const char *text, uint8_t out[HASH128_BYTES])
{
	struct hash128_state *h = hash128_new();

	buf_clear(&texts);
	xwalk_pack(&texts, path, text, strlen(text), false);
	assert_int_equal(xwalk_digest(h, texts.data, texts.len), 0);
	hash128_end(h, out);
	hash128_free(h);
}

static void
a_digest_is_of_names_and_contents(void **state)
{
	static const char *const others[][2] = {
	    {"/a/y.crosswalk", "title title\n"},
	    {"/a/x.crosswalk", "title title \n"},
	    {"/a/xt.crosswalk", "itle title\n"}};
	uint8_t one[HASH128_BYTES], two[HASH128_BYTES];
	struct hash128_state *h = hash128_new();

	(void)state;
	digest_of("/a/x.crosswalk", "title title\n", one);
	digest_of("/b/c/x.crosswalk", "title title\n", two);
	assert_memory_equal(one, two, sizeof(one));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		digest_of(others[i][0], others[i][1], two);
		assert_memory_not_equal(one, two, sizeof(one));
	}
	assert_int_equal(xwalk_digest(h, "broken", 6), -1);
	hash128_free(h);
	buf_clear(&texts);
}

static void
all_mistakes_are_told_up_to_a_number(void **state)
{
	struct buf b;
	unsigned lines = 0;

	(void)state;
	add("d/x.crosswalk", "crosswalk x\na b\n\n  c = d\ne f\n");
	add("d/y.crosswalk", "crosswalk y\ninclude x\ng h\n");
	assert_mistakes(
	    "d/x.crosswalk:2: there is no target b; expected one of TARGETS "
	    "in sheaf-crosswalk(5)\n"
	    "d/x.crosswalk:5: there is no target f; expected one of TARGETS "
	    "in sheaf-crosswalk(5)\n"
	    "d/y.crosswalk:3: there is no target h; expected one of TARGETS "
	    "in sheaf-crosswalk(5)\n");
	buf_init(&b, MIB);
	buf_adds(&b, "crosswalk x\n");
	for (int i = 0; i < 100; i++)
		buf_adds(&b, "a b\n");
	add("x", buf_str(&b));
	assert_false(compiles());
	for (const char *p = buf_str(&mistakes); (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(buf_str(&mistakes), "and more mistakes"));
	buf_release(&b);
}

/* --- what is right -------------------------------------------------------- */

static void
what_is_allowed(void **state)
{
	static const char *const texts_[] = {
	    "crosswalk x",
	    "\xef\xbb\xbf# with a mark\r\ncrosswalk x   # and\r\n\r\n",
	    "crosswalk x\nnamespace a http://a/* none prefix:b\nmatches a:b "
	    "a:* * c\nformats d e\nwraps //f/g\n",
	    "crosswalk x\n./include title\nmatches title\nformats/a abstract\n",
	    "crosswalk x\na[@b][!@c][@d=\"1\", \"2\"][@e!=\"#\"][ @f ~= "
	    "\"\\\"]\" ] title # x\n",
	    "crosswalk x\na title\n\ttext = b, \"c, | #\" | join \"|\" | when "
	    "\"*\" | map kind coar | map \"a\" = \"b\" | slice 0 4\n",
	    "crosswalk x\n//a/*/b title role=\"main\" only=\"first\"\n. "
	    "type\n  text = @xml:lang, ./b/@xlink:href, .\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts_) / sizeof(*texts_); i++) {
		add("x", texts_[i]);
		if (!compiles())
			fail_msg("%s:\n%s", texts_[i], buf_str(&mistakes));
	}
}

static void
circles_and_copies(void **state)
{
	(void)state;
	add("a.crosswalk", "crosswalk a\ninclude b\n");
	add("b.crosswalk", "crosswalk b\ninclude c\n");
	add("c.crosswalk", "crosswalk c\ninclude a\n");
	assert_mistakes(
	    "c.crosswalk:2: a includes itself, or what includes it does; "
	    "expected no circle\n"
	    "a.crosswalk:2: b includes itself, or what includes it does; "
	    "expected no circle\n"
	    "b.crosswalk:2: c includes itself, or what includes it does; "
	    "expected no circle\n");
	/* by two ways the same */
	add("a.crosswalk", "crosswalk a\ninclude b\ninclude c\n");
	add("b.crosswalk", "crosswalk b\ninclude d\n");
	add("c.crosswalk", "crosswalk c\ninclude d\n");
	add("d.crosswalk", "crosswalk d\ntitle title\n");
	if (!compiles())
		fail_msg("%s", buf_str(&mistakes));
	add("a.crosswalk", "crosswalk a\n");
	add("b/a.crosswalk", "crosswalk a\n");
	assert_mistakes("b/a.crosswalk: there is a crosswalk a already; "
			"expected one of a name\n");
}

/* --- limits --------------------------------------------------------------- */

static void
repeated(struct buf *b, const char *piece, size_t count)
{
	while (count-- > 0)
		buf_adds(b, piece);
}

/* `count` is one too many. */
static void
assert_limit(const char *before, const char *piece, const char *after,
    size_t count, const char *says)
{
	struct buf b;

	for (size_t more = 0; more < 2; more++) {
		buf_init(&b, (size_t)64 << 20);
		buf_printf(&b, "crosswalk x\n%s", before);
		repeated(&b, piece, count - 1 + more);
		buf_adds(&b, after);
		add("x", buf_str(&b));
		if (compiles() != (more == 0))
			fail_msg("%s %zu: %s", piece, more, buf_str(&mistakes));
		buf_release(&b);
	}
	if (strstr(buf_str(&mistakes), says) == NULL)
		fail_msg("%s: %s", says, buf_str(&mistakes));
}

static void
limits_hold(void **state)
{
	struct buf b;

	(void)state;
	assert_limit("", "a title\n", "", LIMIT_CROSSWALK_RULES + 1,
	    "x:4098: the crosswalk has too many rules; expected 4096 at most");
	assert_limit("a", "/b", " title\n", LIMIT_CROSSWALK_DEPTH,
	    "x:2: a path has too many steps; expected 32 at most");
	assert_limit("a[@b=\"\"", ",\"\"", "] title\n", LIMIT_CROSSWALK_WORDS,
	    "x:2: a predicate has too many values; expected 64 at most");
	assert_limit("a title\n text = b", ",\"\"", "\n", LIMIT_CROSSWALK_WORDS,
	    "x:3: an expression has too many sources; expected 64 at most");
	assert_limit("a title\n text = b", "|last", "\n",
	    LIMIT_CROSSWALK_WORDS + 1,
	    "x:3: an expression has too many functions; expected 64 at most");
	assert_limit("matches", " a", "\n", LIMIT_CROSSWALK_WORDS + 1,
	    "x:2: the crosswalk matches too many roots; expected 64 at most");
	assert_limit("formats", " a", "\n", LIMIT_CROSSWALK_WORDS + 1,
	    "x:2: the crosswalk has too many formats; expected 64 at most");
	assert_limit("namespace a", " a:b", "\n", LIMIT_CROSSWALK_WORDS + 1,
	    "x:2: there are too many URIs; expected 64 at most");
	assert_limit("", "matches a\n", "", LIMIT_CROSSWALK_WORDS + 1,
	    "x:66: there are too many lines of this kind; expected 64 at most");
	assert_limit("#", "a", "\n", LIMIT_CROSSWALK_LINE,
	    "x:2: the line has 16385 bytes; expected 16384 at most");
	buf_init(&b, (size_t)64 << 20);
	buf_adds(&b, "crosswalk x\n");
	for (size_t i = 0; i < 1000; i++) {
		for (size_t k = 0; k < 20; k++)
			buf_printf(&b, "%sa%zu_%zu", k ? "/" : "", i, k);
		buf_adds(&b, " title\n");
	}
	add("x", buf_str(&b));
	assert_false(compiles());
	assert_non_null(strstr(buf_str(&mistakes),
	    "x:821: the paths of the crosswalk have too many steps; expected "
	    "16384 at most\n"));
	buf_release(&b);
}

static void
all_files_have_so_many_namespaces(void **state)
{
	struct buf b;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		for (size_t i = 0; i < LIMIT_CROSSWALK_NAMES / 64; i++) {
			size_t n = i > 0 ? 64 : 63 + more;

			buf_init(&b, MIB);
			buf_printf(&b, "crosswalk %zu\n", i);
			for (size_t k = 0; k < n; k++)
				buf_printf(
				    &b, "namespace n%zu x:%zu-%zu\n", k, i, k);
			for (size_t k = 0; k < n; k++)
				buf_printf(&b, "n%zu:a title\n", k);
			xwalk_pack(&texts, (const char[]){'0' + (char)i, 0},
			    b.data, b.len, false);
			buf_release(&b);
		}
		assert_int_equal(compiles(), more == 0);
	}
	assert_non_null(strstr(buf_str(&mistakes),
	    "3:129: the crosswalks have too many namespaces; expected 255 at "
	    "most"));
}

static void
files_have_limits(void **state)
{
	char dir[] = "/tmp/sheaf-xwalk-XXXXXX", *path;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	buf_clear(&mistakes);
	assert_int_equal(xwalk_pack_dir(&texts, dir, &mistakes), -1);
	assert_non_null(strstr(buf_str(&mistakes),
	    "no crosswalk; expected a directory with the crosswalks, 1 to 256 "
	    "files *.crosswalk"));
	path = xasprintf("%s/big.crosswalk", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	for (size_t i = 0; i <= LIMIT_CROSSWALK_BYTES; i++)
		fputc('\n', f);
	fclose(f);
	buf_clear(&mistakes);
	assert_int_equal(xwalk_pack_dir(&texts, dir, &mistakes), -1);
	assert_non_null(strstr(buf_str(&mistakes),
	    "big.crosswalk: is no file of at most 1048576 bytes; expected a "
	    "crosswalk"));
	unlink(path);
	free(path);
	for (size_t i = 0; i <= LIMIT_CROSSWALK_FILES; i++) {
		path = xasprintf("%s/%zu.crosswalk", dir, i);
		f = fopen(path, "w");
		assert_non_null(f);
		fclose(f);
		free(path);
	}
	buf_clear(&mistakes);
	assert_int_equal(xwalk_pack_dir(&texts, dir, &mistakes), -1);
	assert_non_null(strstr(buf_str(&mistakes), "too many files"));
	for (size_t i = 0; i <= LIMIT_CROSSWALK_FILES; i++) {
		path = xasprintf("%s/%zu.crosswalk", dir, i);
		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void
names_are_found(void **state)
{
	struct xwalk_set *set;

	(void)state;
	add("d/oai_dc.crosswalk", "crosswalk oai_dc\n");
	add("marc.crosswalk", "crosswalk marc\n");
	set = xwalk_compile(texts.data, texts.len, &mistakes);
	assert_non_null(set);
	assert_true(xwalk_has(set, "oai_dc"));
	assert_false(xwalk_has(set, "oai_d"));
	assert_string_equal(xwalk_nearest(set, "oai_d"), "oai_dc");
	assert_null(xwalk_nearest(set, "something"));
	xwalk_free(set);
	buf_clear(&texts);
	buf_adds(&texts, "broken");
	assert_mistakes("crosswalks: the texts came broken; expected what was "
			"packed\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_mistake_has_its_line),
	    cmocka_unit_test(all_mistakes_are_told_up_to_a_number),
	    cmocka_unit_test(a_digest_is_of_names_and_contents),
	    cmocka_unit_test(what_is_allowed),
	    cmocka_unit_test(circles_and_copies),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(all_files_have_so_many_namespaces),
	    cmocka_unit_test(files_have_limits),
	    cmocka_unit_test(names_are_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
