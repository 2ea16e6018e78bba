/* Identifiers in every dressing, and what looks like one and is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/identifiers.h"

static struct arena a;

static int
setup(void **state)
{
	(void)state;
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

/* clang-format off */
static const struct {
	const char *text, *scheme, *value;
} rows[] = {
	{"10.1000/xyz", "doi", "10.1000/xyz"},
	{"doi:10.1000/XYZ", "doi", "10.1000/xyz"},
	{"DOI 10.1000/xyz", "doi", "10.1000/xyz"},
	{"doi: https://doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	{"doi:doi:10.1000/xyz", "doi", "10.1000/xyz"},
	{"info:doi/10.1000/xyz", "doi", "10.1000/xyz"},
	{"urn:doi:10.1000/xyz", "doi", "10.1000/xyz"},
	{"doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	{"dx.doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	{"http://dx.doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	{"HTTPS://DOI.ORG/10.1000/xyz", "doi", "10.1000/xyz"},
	{"https://www.doi.org/10.1000/xyz", "doi", "10.1000/xyz"},
	{"https://doi.org/doi:10.1000/xyz", "doi", "10.1000/xyz"},
	{"https://doi.org/10.1000%2Fxyz", "doi", "10.1000/xyz"},
	{"https://doi.org/10.1000/xyz?utm_source=x", "doi", "10.1000/xyz"},
	{"10.1000/xyz).", "doi", "10.1000/xyz"},
	{"10.1016/S0140-6736(05)67889-0", "doi", "10.1016/s0140-6736(05)67889-0"},
	{"10.1000.10/xyz", "doi", "10.1000.10/xyz"},
	{"info:eu-repo/semantics/altIdentifier/doi/10.1000/xyz", "doi", "10.1000/xyz"},
	{"hdl:10986/2222", "handle", "10986/2222"},
	{"https://hdl.handle.net/10986/2222", "handle", "10986/2222"},
	{"https://hdl.handle.net/10986/2222/", "handle", "10986/2222"},
	{"http://hdl.handle.net/20.500.12345/67", "handle", "20.500.12345/67"},
	{"hdl.handle.net/10986/2222", "handle", "10986/2222"},
	{"info:hdl/10986/2222", "handle", "10986/2222"},
	{"ISBN 0-306-40615-2", "isbn", "9780306406157"},
	{"ISBN: 978-0-306-40615-7 (pbk.)", "isbn", "9780306406157"},
	{"ISBN (pbk.): 978-0-306-40615-7", "isbn", "9780306406157"},
	{"ISBN-13: 9780306406157", "isbn", "9780306406157"},
	{"e-ISBN 978-0-306-40615-7", "isbn", "9780306406157"},
	{"urn:isbn:0-8044-2957-X", "isbn", "9780804429573"},
	{"978-0-306-40615-7", "isbn", "9780306406157"},
	{"issn:0378-5955", "issn", "0378-5955"},
	{"ISSN (online): 0378-5955", "issn", "0378-5955"},
	{"e-ISSN 2049-3630", "issn", "2049-3630"},
	{"https://portal.issn.org/resource/ISSN/0378-5955", "issn", "0378-5955"},
	{"arXiv:2101.00001", "arxiv", "2101.00001"},
	{"arXiv:2101.00001v3 [cs.DL]", "arxiv", "2101.00001"},
	{"arXiv:hep-th/9901001", "arxiv", "hep-th/9901001"},
	{"arXiv:math.AG/0601001v1", "arxiv", "math.AG/0601001"},
	{"https://arxiv.org/pdf/2101.00001v2.pdf", "arxiv", "2101.00001"},
	{"PMID: 12345678", "pmid", "12345678"},
	{"https://pubmed.ncbi.nlm.nih.gov/12345678/", "pmid", "12345678"},
	{"urn:nbn:de:0001-12345", "urn", "urn:nbn:de:0001-12345"},
	{"URN:NBN:fi:tsv-oa1", "urn", "urn:nbn:fi:tsv-oa1"},
	{"urn:urn:nbn:de:0001-1", "urn", "urn:nbn:de:0001-1"},
	{"http://nbn-resolving.de/urn:nbn:de:0001-1", "urn", "urn:nbn:de:0001-1"},
	{"https://urn.kb.se/resolve?urn=urn:nbn:se:uu:diva-1", "urn", "urn:nbn:se:uu:diva-1"},
	{"oai:example.org:1", "oai", "oai:example.org:1"},
	{"A/RES/70/1", "un-symbol", "A/RES/70/1"},
	{"S/RES/1325 (2000)", "un-symbol", "S/RES/1325(2000)"},
	{"S/RES/1325(2000)", "un-symbol", "S/RES/1325(2000)"},
	{"E/CN.3/2015/2", "un-symbol", "E/CN.3/2015/2"},
	{"ST/ESA/SER.A/423", "un-symbol", "ST/ESA/SER.A/423"},
	{"FCCC/CP/2015/10/Add.1", "un-symbol", "FCCC/CP/2015/10/Add.1"},
	{"UNEP/POPS/COP.7/36", "un-symbol", "UNEP/POPS/COP.7/36"},
	{"TD/B/63/2", "un-symbol", "TD/B/63/2"},
	{"A/70/L.1*", "un-symbol", "A/70/L.1"},
	{"UN symbol: A/70/L.1", "un-symbol", "A/70/L.1"},
	{"https://undocs.org/A/RES/70/1", "un-symbol", "A/RES/70/1"},
	{"https://undocs.org/Home/Mobile?FinalSymbol=A%2FRES%2F70%2F1&Language=E",
	    "un-symbol", "A/RES/70/1"},
	{"https://docs.un.org/en/A/RES/70/1", "un-symbol", "A/RES/70/1"},
	{"https://www.un.org/ga/search/view_doc.asp?symbol=A/RES/70/1", "un-symbol", "A/RES/70/1"},
	{"https://daccess-ods.un.org/access.nsf/Get?OpenAgent&DS=A/RES/70/1&Lang=E",
	    "un-symbol", "A/RES/70/1"},
	{"WO2012/123456A1", "patent", "WO2012123456A1"},
	{"WO 2012/123456 A1", "patent", "WO2012123456A1"},
	{"WO/2012/123456", "patent", "WO2012123456"},
	{"EP1234567B1", "patent", "EP1234567B1"},
	{"EP 1 234 567 B1", "patent", "EP1234567B1"},
	{"US 8,123,456 B2", "patent", "US8123456B2"},
	{"US2013/0123456A1", "patent", "US20130123456A1"},
	{"JP2012-123456A", "patent", "JP2012123456A"},
	{"patent: US8123456", "patent", "US8123456"},
	{"https://patents.google.com/patent/US8123456B2/en", "patent", "US8123456B2"},
	{"https://patentscope.wipo.int/search/en/detail.jsf?docId=WO2012123456",
	    "patent", "WO2012123456"},
	{"XM-DAC-41114-OUTPUT-00012345", "iati", "XM-DAC-41114-OUTPUT-00012345"},
	{"GB-GOV-1-202345", "iati", "GB-GOV-1-202345"},
	{"https://d-portal.org/q.html?aid=XM-DAC-41114-P1", "iati", "XM-DAC-41114-P1"},
	{"https://orcid.org/0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"},
	{"https://ror.org/04wxnsj81", "ror", "04wxnsj81"},
	{"https://example.org/a", "url", "https://example.org/a"},
	/* none of what it seems to be stays an address */
	{"https://doi.org/about", "url", "https://doi.org/about"},
	{"https://arxiv.org/abs/", "url", "https://arxiv.org/abs/"},
	{"https://undocs.org/en/", "url", "https://undocs.org/en/"},
};

static const char *const none[] = {"", "9780306406157", "0306406152",
	"03785955", "12345678", "0000000218250097", "2012", "1234.5678",
	"PDF/A", "and/or", "a/res/70/1", "A/", "S/N", "A//", "N/A", "E/mail",
	"TD/", "T/F", "US1234567", "DE 123", "IN 2012 we", "WO", "WO2012",
	"US 2012 A paper", "EP12", "XM-DAC-", "XM-DAC-41114", "GB-GOV-1",
	"978-0-306-40615-8", "978-0306-40615-7x", "979-12345", "PMC1234567",
	"Phys. Rev. D 9, 123 (2009)", "(OCoLC)ocm12345", "urn", "oa:1"};
static const char *const bad[] = {"ISBN 0-306-40615-3", "doi:", "doi:n/a",
	"doi:11.1000/x", "doi:10.1000/", "doi:10.1/x", "issn:0378-5954",
	"arXiv:quant", "arXiv:2101.1", "urn:x", "urn::",
	"urn:nbn:", "orcid:0000-0002-1825-0098", "https://doi.org/",
	"http://dx.doi.org", "http://", "http://hdl.handle.net/", "PMID: none",
	"patent: none", "iati:none", "ror:04wxnsj82", "10.1000"};
/* clang-format on */

static void
known(void **state)
{
	struct found_id f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		identifier_find(&f, &a, rows[i].text);
		if (f.scheme == NULL || strcmp(f.scheme, rows[i].scheme) != 0 ||
		    strcmp(f.value, rows[i].value) != 0)
			fail_msg("%s became %s %s", rows[i].text,
			    f.scheme ? f.scheme : "nothing",
			    f.value ? f.value : "");
		else if (f.is_bad)
			fail_msg("%s is bad", rows[i].text);
	}
}

static void
unknown(void **state)
{
	struct found_id f;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		identifier_find(&f, &a, none[i]);
		if (f.scheme != NULL)
			fail_msg("%s became %s %s", none[i], f.scheme, f.value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		identifier_find(&f, &a, bad[i]);
		if (f.scheme != NULL || f.is_url)
			fail_msg("%s became %s", bad[i], f.scheme);
	}
}

static void
citations(void **state)
{
	static const char *const texts[] = {
	    "Doe, J. (2014). A title. Journal 12(3), 45-67. doi: 10.1234/x.",
	    "Doe, J. (2014). A title. https://doi.org/10.1234/X",
	    "Doe (doi:10.1234/x)"};
	struct found_id f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!identifier_in_citation(&f, &a, texts[i]))
			fail_msg("nothing in %s", texts[i]);
		assert_string_equal(f.scheme, "doi");
		assert_string_equal(f.value, "10.1234/x");
	}
	assert_true(identifier_in_citation(
	    &f, &a, "Doe, J. A book. Paris, 2001. ISBN 0-306-40615-2."));
	assert_string_equal(f.value, "9780306406157");
	assert_false(identifier_in_citation(&f, &a, "Doe, J. 10(2), 3-4"));
	assert_false(identifier_in_citation(&f, &a, "pseudoi:10.1234/x"));
	assert_false(identifier_in_citation(&f, &a, "doi: doi: doi:"));
}

/* What costs no more than its length. */
static void
long_ones(void **state)
{
	enum { N = 200000 };
	char *text = calloc(1, 4 * N + 64);
	struct found_id f;

	(void)state;
	for (int i = 0; i < N; i++)
		memcpy(text + 4 * i, "doi:", 4);
	identifier_find(&f, &a, text);
	assert_null(f.scheme);
	assert_true(f.is_bad);
	assert_false(identifier_in_citation(&f, &a, text));
	strcpy(text + 4 * N, "10.1234/x");
	identifier_find(&f, &a, text);
	assert_string_equal(f.value, "10.1234/x");
	strcpy(text, "doi:10.1234/(x)");
	memset(text + 15, ']', N);
	text[15 + N] = '\0';
	identifier_find(&f, &a, text);
	assert_string_equal(f.value, "10.1234/(x)");
	strcpy(text, "hdl:10.1234/x");
	memset(text + 13, '/', N);
	text[13 + N] = '\0';
	identifier_find(&f, &a, text);
	assert_string_equal(f.value, "10.1234/x");
	free(text);
}

static void
alone(void **state)
{
	struct found_id f = {0};

	(void)state;
	assert_true(identifier_find_issn(&f, &a, "0378-5955"));
	assert_true(identifier_find_issn(&f, &a, "0378-5955 (print)"));
	assert_string_equal(f.value, "0378-5955");
	assert_false(identifier_find_issn(&f, &a, "0378-5954"));
	assert_false(identifier_find_issn(&f, &a, "1999-2004"));
	assert_true(identifier_as(&f, &a, "patent", "US8123456"));
	assert_true(identifier_as(&f, &a, "iati", "XM-DAC-41114-P1"));
	assert_false(identifier_as(&f, &a, "patent", "pending"));
	assert_true(identifier_as(&f, &a, "isbn", "9780306406157 (pbk.)"));
}

/* Whatever is in it, a value is text without spaces. */
static void
hostile(void **state)
{
	static const char *const bits[] = {"doi:", "10.", "1234", "/", "%2F",
	    "%00", "%FF", "http://", "doi.org/", "undocs.org/", "A/RES/", " ",
	    "(", ")", ".", "ISBN", "978-", "-", "WO", "A1", "urn:", "nbn:", "v",
	    "arXiv:", "?", "#", "=", "symbol=", "\xc3\xa9", "X"};
	uint32_t seed = 99;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char text[120] = "";
		struct found_id f;

		for (int i = 0; i < 8; i++) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, bits[(seed >> 16) %
					  (sizeof(bits) / sizeof(*bits))]);
		}
		identifier_find(&f, &a, text);
		if (f.scheme != NULL && (f.value == NULL || *f.value == '\0' ||
					    (strchr(f.value, ' ') != NULL &&
						strcmp(f.scheme, "oai") != 0)))
			fail_msg("%s became a %s", text, f.scheme);
		identifier_in_citation(&f, &a, text);
		if (round % 1000 == 0)
			arena_clear(&a);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(known),
	    TEST(unknown),
	    TEST(citations),
	    TEST(long_ones),
	    TEST(alone),
	    TEST(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
