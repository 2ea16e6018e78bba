/* Values alone: dates, identifiers, languages, countries, kinds, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/dates.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "tables.h"

static struct arena a;

static int
setup(void **state)
{
	(void)state;
	vocab_use(tables_rules());
	arena_init(&a, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&a);
	return 0;
}

static void
dates(void **state)
{
	static const struct {
		const char *text, *value, *until, *precision;
		bool approximate;
	} rows[] = {
	    {"2013", "2013", "", "year", false},
	    {"2013-05", "2013-05", "", "month", false},
	    {"2013-5-7", "2013-05-07", "", "day", false},
	    {"2013/05/07", "2013-05-07", "", "day", false},
	    {"20130507", "2013-05-07", "", "day", false},
	    {"2013-00-00", "2013", "", "year", false},
	    {"2013-05-00", "2013-05", "", "month", false},
	    {"2014-05-01T10:00:00Z", "2014-05-01T10:00:00Z", "", "second",
		false},
	    {"2014-05-01T10:00:00.123Z", "2014-05-01T10:00:00Z", "", "second",
		false},
	    {"2014-05-01T00:30+02:00", "2014-04-30T22:30:00Z", "", "minute",
		false},
	    {"2014-05-01 10:00:00", "2014-05-01", "", "day", false},
	    {"May 2013", "2013-05", "", "month", false},
	    {"7 May 2013", "2013-05-07", "", "day", false},
	    {"May 7, 2013", "2013-05-07", "", "day", false},
	    {"7th of May 2013", "2013-05-07", "", "day", false},
	    {"1er mai 2013", "2013-05-01", "", "day", false},
	    {"7 de mayo de 2013", "2013-05-07", "", "day", false},
	    {"ao\xc3\xbbt 2013", "2013-08", "", "month", false},
	    {"Mon, 05 May 2014 10:00:00 GMT", "2014-05-05T10:00:00Z", "",
		"second", false},
	    {"1940?", "1940", "", "year", true},
	    {"[ca. 1998]", "1998", "", "year", true},
	    {"c1998", "1998", "", "year", false},
	    {"1940-1949", "1940", "1949", "year", false},
	    {"1940 - 1949", "1940", "1949", "year", false},
	    {"1940\xe2\x80\x93"
	     "1949",
		"1940", "1949", "year", false},
	    {"2013-14", "2013", "2014", "year", false},
	    {"1998-", "1998", "", "year", false},
	    {"2014-05-01/2014-06-30", "2014-05-01", "2014-06-30", "day", false},
	    {"between 1975 and 1990", "1975", "1990", "year", false},
	    {"1990s", "1990", "1999", "year", true},
	    {"199-?", "1990", "1999", "year", true},
	    {"13/05/2014", "2014-05-13", "", "day", false},
	    {"05/13/2014", "2014-05-13", "", "day", false},
	    {"13.5.2014", "2014-05-13", "", "day", false},
	    {"Spring 2010", "2010", "", "year", true},
	    {"2013-02-30", "2013", "", "year", true},
	};
	static const char *const none[] = {"", "0000-00-00", "soon", "12",
	    "2010 and 2012 or so 2013", "123456789", "99999"};
	struct when w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!when_read(&w, rows[i].text))
			fail_msg("%s is not read", rows[i].text);
		if (strcmp(w.value, rows[i].value) != 0 ||
		    strcmp(w.until, rows[i].until) != 0 ||
		    strcmp(w.precision, rows[i].precision) != 0 ||
		    w.approximate != rows[i].approximate)
			fail_msg("%s became %s/%s, a %s%s", rows[i].text,
			    w.value, w.until, w.precision,
			    w.approximate ? ", approximate" : "");
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (when_read(&w, none[i]))
			fail_msg("%s became %s", none[i], w.value);
	assert_true(when_read(&w, "05/06/2014"));
	assert_true(w.is_ambiguous);
	assert_string_equal(w.value, "2014");
}

static void
identifiers(void **state)
{
	static const struct {
		const char *text, *scheme, *value;
	} rows[] = {
	    {"https://doi.org/10.1596/978-0-8213-9999-1", "doi",
		"10.1596/978-0-8213-9999-1"},
	    {"http://dx.doi.org/10.1000/ABC%3C1%3E", "doi", "10.1000/abc<1>"},
	    {"doi:10.1000/Abc.", "doi", "10.1000/abc"},
	    {"DOI: 10.1000/Abc", "doi", "10.1000/abc"},
	    {"10.1000/xyz", "doi", "10.1000/xyz"},
	    {"doi:https://doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	    {"https://hdl.handle.net/10986/2222", "handle", "10986/2222"},
	    {"hdl:10986/2222", "handle", "10986/2222"},
	    {"ISBN 0-306-40615-2", "isbn", "9780306406157"},
	    {"urn:isbn:9780306406157", "isbn", "9780306406157"},
	    {"issn:0378-5955", "issn", "0378-5955"},
	    {"arXiv:1234.5678v2", "arxiv", "1234.5678"},
	    {"https://arxiv.org/abs/hep-th/9901001", "arxiv", "hep-th/9901001"},
	    {"pmid:12345", "pmid", "12345"},
	    {"https://pubmed.ncbi.nlm.nih.gov/12345/", "pmid", "12345"},
	    {"A/RES/70/1", "un-symbol", "A/RES/70/1"},
	    {"E/CN.4/2004/1/Add.1", "un-symbol", "E/CN.4/2004/1/Add.1"},
	    {"LC/G.2681-P/Rev.3", "un-symbol", "LC/G.2681-P/Rev.3"},
	    {"https://undocs.org/en/A/RES/70/1", "un-symbol", "A/RES/70/1"},
	    {"oai:x:1", "oai", "oai:x:1"},
	    {"urn:nbn:fi:1", "urn", "urn:nbn:fi:1"},
	    {"https://example.org/a", "url", "https://example.org/a"},
	    {"https://orcid.org/0000-0002-1825-0097", "orcid",
		"0000-0002-1825-0097"},
	    {"9780306406157", NULL, NULL}, /* a run of digits is none */
	    {"ISBN 0-306-40615-3", NULL, NULL},
	    {"PDF/A", NULL, NULL},
	    {"and/or", NULL, NULL},
	};
	struct found_id f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		identifier_find(&f, &a, rows[i].text);
		if (rows[i].scheme == NULL) {
			if (f.scheme != NULL)
				fail_msg(
				    "%s became %s", rows[i].text, f.scheme);
			continue;
		}
		if (f.scheme == NULL || strcmp(f.scheme, rows[i].scheme) != 0 ||
		    strcmp(f.value, rows[i].value) != 0)
			fail_msg("%s became %s %s", rows[i].text,
			    f.scheme ? f.scheme : "nothing",
			    f.value ? f.value : "");
	}
	identifier_find(&f, &a, "ISBN 0-306-40615-3");
	assert_true(f.is_bad);
}

static void
assert_language(const char *text, const char *code)
{
	const char *found = vocab_language(&a, text);

	if ((found == NULL) != (code == NULL) ||
	    (code != NULL && strcmp(found, code) != 0))
		fail_msg("%s became %s", text, found ? found : "nothing");
}

static void
languages(void **state)
{
	(void)state;
	assert_language("eng", "en");
	assert_language("fre", "fr");
	assert_language("fra", "fr");
	assert_language("en_us", "en-US");
	assert_language("zh-hant", "zh-Hant");
	assert_language("pt-br", "pt-BR");
	assert_language("English", "en");
	assert_language("fran\xc3\xa7"
			"ais",
	    "fr");
	assert_language("Espa\xc3\xb1ol", "es");
	assert_language("http://id.loc.gov/vocabulary/iso639-2/spa", "es");
	assert_language("und", NULL);
	assert_language("mul", NULL);
	assert_language("xx", NULL);
	assert_language("klingonese", NULL);
}

static void
countries_and_kinds(void **state)
{
	(void)state;
	assert_string_equal(vocab_country("Kenya"), "KEN");
	assert_string_equal(vocab_country("KEN"), "KEN");
	assert_string_equal(vocab_country("KE"), "KEN");
	assert_string_equal(vocab_country("C\xc3\xb4te d'Ivoire"), "CIV");
	assert_string_equal(vocab_country("Viet Nam"), "VNM");
	assert_string_equal(vocab_country("Kosovo"), "XKX");
	assert_string_equal(vocab_country("World"), "001");
	assert_string_equal(vocab_country("BRASIL"), "BRA");
	assert_null(vocab_country("in"));
	assert_null(vocab_country("Nairobi"));
	assert_string_equal(vocab_kind("Journal Article"), "publication");
	assert_string_equal(vocab_kind("Th\xc3\xa8se"), "publication");
	assert_string_equal(
	    vocab_kind("info:eu-repo/semantics/article"), "publication");
	assert_string_equal(
	    vocab_kind("http://purl.org/coar/resource_type/c_ddb1"), "dataset");
	assert_string_equal(
	    vocab_kind("http://purl.org/dc/dcmitype/Event"), "event");
	assert_null(vocab_kind("info:eu-repo/semantics/publishedVersion"));
	assert_string_equal(vocab_family("dataset"), "knowledge");
	assert_null(vocab_family("nothing"));
	assert_string_equal(vocab_sectors("water"), "water");
	assert_string_equal(vocab_sectors("Eau et assainissement"), "water");
	assert_null(vocab_sectors("Nairobi"));
	assert_string_equal(vocab_sdgs("13.a"), "13.a");
	assert_string_equal(vocab_sdgs("SDG 7"), "7");
	assert_string_equal(vocab_sdgs("http://metadata.un.org/sdg/7"), "7");
	assert_null(vocab_sdgs("18"));
	assert_true(vocab_kind_is_vague("Text"));
	assert_true(
	    vocab_kind_is_vague("http://purl.org/dc/dcmitype/StillImage"));
	assert_false(vocab_kind_is_vague("Article"));
	assert_string_equal(
	    vocab_access("info:eu-repo/semantics/openAccess"), "open");
	assert_string_equal(
	    vocab_access("http://purl.org/coar/access_right/c_16ec"),
	    "restricted");
	assert_null(vocab_access("opened"));
	assert_string_equal(vocab_role("Thesis advisor"), "contributor");
	assert_string_equal(
	    vocab_role("http://id.loc.gov/vocabulary/relators/edt"), "editor");
	assert_null(vocab_role("Nairobi"));
	vocab_use(NULL);
	assert_null(vocab_kind("Article"));
	assert_null(vocab_family("dataset"));
	vocab_use(tables_rules());
}

static void
former_states_and_short_names(void **state)
{
	const char *code = vocab_country("Czechoslovakia");

	(void)state;
	assert_string_equal(code, "CZE");
	assert_string_equal(rules_next(code), "SVK");
	assert_null(rules_next(rules_next(code)));
	assert_string_equal(vocab_country("UK"), "GBR");
	assert_string_equal(vocab_country("LDCs"), "199");
	assert_string_equal(vocab_country("Zaire"), "COD");
	assert_null(vocab_country("us"));
	assert_null(vocab_country("404"));
	assert_string_equal(vocab_country_code("404"), "KEN");
	assert_string_equal(vocab_country_code("202"), "202");
}

static void
assert_line(const char *in, const char *out)
{
	assert_string_equal(text_line(&a, in, strlen(in)), out);
}

static void
text(void **state)
{
	static const char paragraphs[] = " a \n b \n\n\n c ";

	(void)state;
	assert_line("  a \n\t b  ", "a b");
	assert_line("a\xc2\xa0\xc2\xa0"
		    "b\xe2\x80\x8b"
		    "c",
	    "a bc");
	assert_line("e\xcc\x81t\xc3\xa9", "\xc3\xa9t\xc3\xa9"); /* NFC */
	assert_line("\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80");
	assert_line("a \xc2\x81"
		    "b",
	    "a b");
	assert_line("", "");
	assert_string_equal(
	    text_paragraphs(&a, paragraphs, strlen(paragraphs)), "a b\nc");
	assert_true(text_is_placeholder("N/A"));
	assert_false(text_is_placeholder("Note"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(dates),
	    TEST(identifiers),
	    TEST(languages),
	    TEST(countries_and_kinds),
	    TEST(former_states_and_short_names),
	    TEST(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
