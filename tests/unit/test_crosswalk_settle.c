/* What follows from a record's values once all of them are there: sectors,
 * SDGs, countries, licences and languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "crosswalk/licence.h"
#include "parse_talk.h"

static struct talk t;

static int
setup(void **state)
{
	(void)state;
	talk_init(&t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talk_release(&t);
	return 0;
}

#define SET(spec)      "<setSpec>" spec "</setSpec>"
#define SUBJECT(text)  "<dc:subject>" text "</dc:subject>"
#define TITLE(text)    "<dc:title>" text "</dc:title>"
#define COVERAGE(text) "<dc:coverage>" text "</dc:coverage>"
#define TYPE(text)     "<dc:type>" text "</dc:type>"

/* A record of these sets and elements, as JSON in t. */
static void
read_record(const char *sets, const char *elements)
{
	struct buf page;

	buf_init(&page, (size_t)16 << 20);
	buf_printf(&page,
	    "<record><header><identifier>oai:x:1</identifier>"
	    "<datestamp>2024-05-01</datestamp>%s</header><metadata>"
	    "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/"
	    "oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">%s"
	    "</oai_dc:dc></metadata></record>\n",
	    sets, elements);
	talk_records(&t, buf_str(&page));
	assert_false(page.full);
	buf_release(&page);
}

/* The value of a field in the record's JSON, "" where it is not there. */
static const char *
field(const char *name)
{
	static char out[4096];
	char start[64];
	const char *p, *end;

	snprintf(start, sizeof(start), "\"%s\":[", name);
	p = strstr(buf_str(&t.json), start);
	if (p == NULL)
		return "";
	p += strlen(start);
	end = strchr(p, ']');
	snprintf(out, sizeof(out), "%.*s", (int)(end - p), p);
	return out;
}

struct row {
	const char *sets, *elements, *field, *value;
};

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *value;

		read_record(rows[i].sets, rows[i].elements);
		value = field(rows[i].field);
		if (strcmp(value, rows[i].value) != 0)
			fail_msg("%s%s: %s is\n%s\nnot\n%s", rows[i].sets,
			    rows[i].elements, rows[i].field, value,
			    rows[i].value);
	}
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

static void
declared_by_sets(void **state)
{
	static const struct row rows[] = {
	    {SET("sector:water"), "", "sectors",
		"{\"code\":\"water\",\"basis\":\"declared\",\"scheme\":"
		"\"urn:sheaf:sector\"}"},
	    {SET("sdg:7.2"), "", "sdgs",
		"{\"code\":\"7.2\",\"basis\":\"declared\",\"scheme\":"
		"\"urn:sheaf:sdg\"}"},
	    {SET("country:target:KEN") SET("country:origin:CH"), "",
		"countries",
		"{\"code\":\"KEN\",\"role\":\"target\",\"basis\":\"declared\","
		"\"scheme\":\"urn:sheaf:country:target\"},{\"code\":\"CHE\","
		"\"role\":\"origin\",\"basis\":\"declared\",\"term\":\"CH\","
		"\"scheme\":\"urn:sheaf:country:origin\"}"},
	    /* somebody else's sets */
	    {SET("sector:b2b") SET("country:KEN") SET("kind") SET("sdg:18"), "",
		"warnings", ""},
	    {SET("sector:b2b"), "", "sectors", ""},
	    /* the strongest basis, once */
	    {SET("sector:water"), SUBJECT("Water supply"), "sectors",
		"{\"code\":\"water\",\"basis\":\"declared\",\"scheme\":"
		"\"urn:sheaf:sector\"}"},
	    {SET("country:about:KEN"), COVERAGE("Kenya") SUBJECT("Kenya"),
		"countries",
		"{\"code\":\"KEN\",\"role\":\"about\",\"basis\":\"declared\","
		"\"scheme\":\"urn:sheaf:country:about\"}"},
	};

	(void)state;
	CHECK(rows);
	read_record(SET("kind:technology-offer"), TYPE("Article"));
	assert_int_equal(
	    talk_count(&t, "\"kind\":{\"code\":\"technology-offer\","
			   "\"basis\":\"declared\","
			   "\"scheme\":\"urn:sheaf:kind\"}"),
	    1);
	assert_int_equal(talk_count(&t, "\"family\":\"offer\""), 1);
}

#define MAPPED(code, term)                                                     \
	"{\"code\":\"" code "\",\"basis\":\"mapped\",\"term\":\"" term "\"}"
#define CONCEPT(code, term, scheme)                                            \
	"{\"code\":\"" code "\",\"basis\":\"mapped\",\"term\":\"" term         \
	"\",\"scheme\":\"" scheme "\"}"
#define ABOUT(code, term)                                                      \
	"{\"code\":\"" code "\",\"role\":\"about\",\"basis\":\"mapped\","      \
	"\"term\":\"" term "\"}"

static void
mapped_from_subjects(void **state)
{
	static const struct row rows[] = {
	    {"", SUBJECT("WATER SUPPLY"), "sectors",
		MAPPED("water", "WATER SUPPLY")},
	    {"", SUBJECT("Énergies renouvelables"), "sectors",
		MAPPED("energy-supply", "Énergies renouvelables")},
	    {"", SUBJECT("Y02E 10/50"), "sectors",
		CONCEPT("energy-supply", "Y02E 10/50", "cpc")},
	    {"", SUBJECT("C02F 1/44"), "sectors",
		CONCEPT("water", "C02F 1/44", "ipc")},
	    {"", SUBJECT("http://metadata.un.org/sdg/6"), "sectors",
		CONCEPT("water", "http://metadata.un.org/sdg/6", "sdg")},
	    {"", SUBJECT("http://metadata.un.org/sdg/6"), "sdgs",
		CONCEPT("6", "http://metadata.un.org/sdg/6", "sdg")},
	    {"", SUBJECT("http://metadata.un.org/thesaurus/1005254"), "sdgs",
		CONCEPT(
		    "16", "http://metadata.un.org/thesaurus/1005254", "unbis")},
	    {"", SUBJECT("SDG 7: Affordable and clean energy"), "sdgs",
		MAPPED("7", "SDG 7: Affordable and clean energy")},
	    {"", SUBJECT("SDG 7.2"), "sdgs", MAPPED("7.2", "SDG 7.2")},
	    {"", SUBJECT("Cible 13.a"), "sdgs", MAPPED("13.a", "Cible 13.a")},
	    /* the sector of what is left: a target's, a goal's */
	    {"", SUBJECT("SDG 9.c"), "sectors",
		CONCEPT("ict-digital", "9.c", "sdg")},
	    {"", SUBJECT("SDG 7.2"), "sectors",
		CONCEPT("energy-supply", "7.2", "sdg")},
	    {"", SUBJECT("SDG 13") SUBJECT("SDG 17"), "sectors", ""},
	    /* lists and subdivisions */
	    {"", SUBJECT("SANITATION--KENYA"), "sectors",
		MAPPED("water", "SANITATION--KENYA")},
	    {"", SUBJECT("SANITATION--KENYA"), "countries",
		ABOUT("KEN", "SANITATION--KENYA")},
	    {"", SUBJECT("Fisheries; Tourism; Kenya"), "countries",
		ABOUT("KEN", "Fisheries; Tourism; Kenya")},
	    {"", SUBJECT("Post-harvest losses - Guinea-Bissau"), "countries",
		""},
	    {"", SUBJECT("Guinea-Bissau"), "countries",
		ABOUT("GNB", "Guinea-Bissau")},
	    {"", SUBJECT("Czechoslovakia"), "countries",
		ABOUT("CZE", "Czechoslovakia") "," ABOUT(
		    "SVK", "Czechoslovakia")},
	    {"", COVERAGE("Netherlands Antilles"), "countries",
		ABOUT("BES", "Netherlands Antilles") "," ABOUT(
		    "CUW", "Netherlands Antilles") "," ABOUT("SXM",
		    "Netherlands Antilles")},
	    /* words that are no places, codes that are words */
	    {"", SUBJECT("IT") SUBJECT("Global") SUBJECT("in"), "countries",
		""},
	    {"", SUBJECT("Kenyan literature"), "countries", ""},
	    /* what says nothing of a sector, and is no symbol of a patent */
	    {"", SUBJECT("Poetry") SUBJECT("E/2019/12") SUBJECT("H02S20"),
		"sectors", ""},
	};

	(void)state;
	CHECK(rows);
	/* subjects stay as given */
	read_record("", SUBJECT("SANITATION--KENYA"));
	assert_string_equal(
	    field("subjects"), "{\"text\":\"SANITATION--KENYA\"}");
}

#define RULE(code, term)                                                       \
	"{\"code\":\"" code "\",\"basis\":\"rule\",\"term\":\"" term "\"}"

static void
found_by_keyword(void **state)
{
	static const struct row rows[] = {
	    {"", SUBJECT("Improved wastewater reuse"), "sectors",
		RULE("water", "Improved wastewater reuse")},
	    {"", TITLE("L'eau potable et la déforestation"), "sectors",
		RULE("water", "L'eau potable et la déforestation") "," RULE(
		    "forestry-land", "L'eau potable et la déforestation")},
	    /* subjects before titles, labels before either */
	    {"", TITLE("Malaria and vaccines") SUBJECT("Solar power plants"),
		"sectors", RULE("energy-supply", "Solar power plants")},
	    {"", TITLE("Malaria and vaccines") SUBJECT("Sanitation"), "sectors",
		MAPPED("water", "Sanitation")},
	    {"", TITLE("Irrigational and malarial"), "sectors", ""},
	};

	(void)state;
	CHECK(rows);
}

static void
bounds(void **state)
{
	struct buf b;

	(void)state;
	/* LIMIT_SECTORS_BY_RULE */
	read_record("", TITLE("Malaria, irrigation, recycling, freight, "
			      "broadband, literacy"));
	assert_int_equal(
	    talk_count(&t, "\"basis\":\"rule\""), LIMIT_SECTORS_BY_RULE);
	/* LIMIT_CODES_PER_FIELD, in both its senses */
	buf_init(&b, (size_t)1 << 20);
	for (int goal = 1; goal <= 17; goal++)
		for (int target = 1; target <= 4; target++)
			buf_printf(&b, "<dc:subject>SDG %d.%d</dc:subject>",
			    goal, target);
	read_record("", buf_str(&b));
	assert_int_equal(talk_count(&t, "\"basis\":\"mapped\",\"term\":\"SDG"),
	    LIMIT_CODES_PER_FIELD);
	buf_clear(&b);
	for (int goal = 1; goal <= 16; goal++)
		for (int target = 1; target <= 3; target++)
			buf_printf(&b, SET("sdg:%d.%d"), goal, target);
	read_record(buf_str(&b), "");
	assert_int_equal(talk_count(&t, "\"scheme\":\"urn:sheaf:sdg\""), 48);
	/* LIMIT_SUBJECTS_MAPPED, LIMIT_SUBJECT_PARTS */
	buf_clear(&b);
	for (size_t i = 0; i < LIMIT_SUBJECTS_MAPPED; i++)
		buf_printf(&b, "<dc:subject>nothing %zu</dc:subject>", i);
	buf_adds(&b, SUBJECT("Kenya"));
	read_record("", buf_str(&b));
	assert_string_equal(field("countries"), "");
	buf_clear(&b);
	buf_adds(&b, "<dc:subject>");
	for (size_t i = 0; i < LIMIT_SUBJECT_PARTS; i++)
		buf_printf(&b, "nothing %zu;", i);
	buf_adds(&b, "Kenya</dc:subject>");
	read_record("", buf_str(&b));
	assert_string_equal(field("countries"), "");
	buf_release(&b);
}

#define RIGHTS(text)	"<dc:rights>" text "</dc:rights>"
#define CC(path)	"https://creativecommons.org/licenses/" path "/"
#define TEXT(text, url) "{\"text\":\"" text "\",\"url\":\"" url "\"}"
#define URL(url)	"{\"url\":\"" url "\"}"

static void
licences(void **state)
{
	static const struct row rows[] = {
	    /* addresses */
	    {"", RIGHTS("http://creativecommons.org/licenses/by/4.0/"),
		"rights", URL(CC("by/4.0"))},
	    {"",
		RIGHTS("https://www.creativecommons.org/licenses/by-nc-nd/4.0/"
		       "legalcode.fr"),
		"rights", URL(CC("by-nc-nd/4.0"))},
	    {"", RIGHTS("http://creativecommons.org/licenses/by-nd-nc/1.0"),
		"rights", URL(CC("by-nc-nd/1.0"))},
	    {"",
		RIGHTS(
		    "http://creativecommons.org/licenses/by/3.0/igo/deed.es"),
		"rights", URL(CC("by/3.0/igo"))},
	    {"", RIGHTS("http://creativecommons.org/licenses/by/3.0/us/"),
		"rights", URL(CC("by/3.0/us"))},
	    {"", RIGHTS("http://creativecommons.org/publicdomain/zero/1.0/"),
		"rights",
		URL("https://creativecommons.org/publicdomain/zero/1.0/")},
	    {"", RIGHTS("https://opendatacommons.org/licenses/odbl/1.0/"),
		"rights",
		URL("https://opendatacommons.org/licenses/odbl/1.0/")},
	    /* texts */
	    {"", RIGHTS("CC BY-NC-SA 3.0 IGO"), "rights",
		TEXT("CC BY-NC-SA 3.0 IGO", CC("by-nc-sa/3.0/igo"))},
	    {"", RIGHTS("CC-BY-4.0"), "rights",
		TEXT("CC-BY-4.0", CC("by/4.0"))},
	    {"",
		RIGHTS("Creative Commons Attribution-NonCommercial-NoDerivs "
		       "3.0 Unported"),
		"rights",
		TEXT("Creative Commons Attribution-NonCommercial-NoDerivs 3.0 "
		     "Unported",
		    CC("by-nc-nd/3.0"))},
	    {"",
		RIGHTS(
		    "Licencia Creative Commons "
		    "Atribución-NoComercial-CompartirIgual 4.0 Internacional"),
		"rights",
		TEXT("Licencia Creative Commons "
		     "Atribución-NoComercial-CompartirIgual 4.0 Internacional",
		    CC("by-nc-sa/4.0"))},
	    {"",
		RIGHTS("Creative Commons Attribution - Pas d'Utilisation "
		       "Commerciale - Pas de Modification 4.0"),
		"rights",
		TEXT("Creative Commons Attribution - Pas d'Utilisation "
		     "Commerciale - Pas de Modification 4.0",
		    CC("by-nc-nd/4.0"))},
	    {"",
		RIGHTS("Licensed under CC BY 4.0, which allows commercial use"),
		"rights",
		TEXT("Licensed under CC BY 4.0, which allows commercial use",
		    CC("by/4.0"))},
	    {"", RIGHTS("See http://creativecommons.org/licenses/by/4.0/."),
		"rights",
		TEXT("See http://creativecommons.org/licenses/by/4.0/.",
		    CC("by/4.0"))},
	    {"", RIGHTS("CC0"), "rights",
		TEXT("CC0",
		    "https://creativecommons.org/publicdomain/zero/1.0/")},
	    {"", RIGHTS("Apache License 2.0"), "rights",
		"{\"text\":\"Apache License 2.0\"}"},
	    /* what has no code */
	    {"", RIGHTS("CC BY-NC"), "rights", "{\"text\":\"CC BY-NC\"}"},
	    {"", RIGHTS("http://creativecommons.org/licenses/by/"), "rights",
		"{\"url\":\"http://creativecommons.org/licenses/by/\"}"},
	    {"", RIGHTS("http://creativecommons.org/licenses/by-xx/9.9/"),
		"rights",
		"{\"url\":\"http://creativecommons.org/licenses/by-xx/9.9/\"}"},
	    {"", RIGHTS("© 2019 United Nations"), "rights",
		"{\"text\":\"© 2019 United Nations\"}"},
	    {"", RIGHTS("Soc. by 4.0"), "rights", "{\"text\":\"Soc. by 4.0\"}"},
	    /* access is no licence */
	    {"", RIGHTS("http://purl.org/coar/access_right/c_abf2"), "rights",
		""},
	    {"", RIGHTS("info:eu-repo/semantics/openAccess"), "rights", ""},
	};

	(void)state;
	CHECK(rows);
	read_record("", RIGHTS("http://purl.org/coar/access_right/c_16ec"));
	assert_int_equal(talk_count(&t, "\"access\":\"restricted\""), 1);
	read_record("", RIGHTS("info:eu-repo/semantics/embargoedAccess"));
	assert_int_equal(talk_count(&t, "\"access\":\"embargoed\""), 1);
	read_record("", RIGHTS("Acceso abierto"));
	assert_int_equal(talk_count(&t, "\"access\":\"open\""), 1);
}

static void
licence_codes(void **state)
{
	static const struct {
		const char *text, *code;
	} rows[] = {
	    {"http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"},
	    {"http://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0"},
	    {"https://creativecommons.org/licenses/by/3.0/igo/legalcode",
		"CC-BY-3.0-IGO"},
	    {"CC BY-NC-SA 3.0 IGO", "CC-BY-NC-SA-3.0-IGO"},
	    {"Licensed under CC BY 4.0, which allows commercial use",
		"CC-BY-4.0"},
	    {"Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)",
		"CC-BY-NC-4.0"},
	    {"http://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"},
	    {"CC0", "CC0-1.0"},
	    {"https://opendatacommons.org/licenses/odbl/1.0/summary/",
		"ODbL-1.0"},
	    {"Apache License 2.0", "Apache-2.0"},
	    {"ODbL", "ODbL-1.0"},
	    {"CC BY-NC", NULL},
	    {"http://creativecommons.org/licenses/by-sa/", NULL},
	    {"http://creativecommons.org/licenses/by-xx/4.0/", NULL},
	    {"http://example.org/licence", NULL},
	    {"All rights reserved", NULL},
	    {"", NULL},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct licence found;

		licence_find(&found, &a, rows[i].text);
		if (rows[i].code == NULL)
			assert_null(found.code);
		else {
			assert_non_null(found.code);
			assert_string_equal(found.code, rows[i].code);
		}
	}
	arena_release(&a);
}

#define ABSTRACT(text) "<dc:description>" text "</dc:description>"
#define ENGLISH	       "The effects of drought on the farmers of the region"
#define FRENCH	       "Les effets de la sécheresse sur les exploitants de la région"

static void
languages(void **state)
{
	static const struct row rows[] = {
	    {"", TITLE(ENGLISH), "titles",
		"{\"text\":\"" ENGLISH
		"\",\"lang\":\"en\",\"lang_basis\":\"detected\",\"role\":"
		"\"main\"}"},
	    {"", TITLE(ENGLISH), "languages",
		"{\"code\":\"en\",\"basis\":\"detected\"}"},
	    {"", TITLE(ENGLISH) ABSTRACT(FRENCH), "languages",
		"{\"code\":\"fr\",\"basis\":\"detected\"}"},
	    /* what is declared stays, whatever the text is in */
	    {"", "<dc:title xml:lang=\"fr\">" ENGLISH "</dc:title>", "titles",
		"{\"text\":\"" ENGLISH
		"\",\"lang\":\"fr\",\"lang_basis\":\"declared\",\"role\":"
		"\"main\"}"},
	    {"", TITLE(ENGLISH) "<dc:language>es</dc:language>", "languages",
		"{\"code\":\"es\",\"basis\":\"declared\",\"term\":\"es\"}"},
	    {"", TITLE("Water"), "languages", ""},
	};

	(void)state;
	CHECK(rows);
}

#define KIND(code, term)                                                       \
	"\"kind\":{\"code\":\"" code                                           \
	"\",\"basis\":\"mapped\",\"term\":\"" term "\""
#define KIND_OF(code, term, scheme)                                            \
	KIND(code, term) ",\"scheme\":\"" scheme "\"}"

static void
kinds(void **state)
{
	static const struct {
		const char *sets, *elements, *json;
	} rows[] = {
	    {"", TYPE("http://purl.org/coar/resource_type/c_ddb1"),
		KIND_OF("dataset", "http://purl.org/coar/resource_type/c_ddb1",
		    "coar")},
	    {"", TYPE("http://purl.org/dc/dcmitype/Dataset"),
		KIND_OF("dataset", "http://purl.org/dc/dcmitype/Dataset",
		    "dcmitype")},
	    {"", TYPE("info:eu-repo/semantics/article"),
		KIND_OF("publication", "info:eu-repo/semantics/article",
		    "eu-repo")},
	    {"", TYPE("http://purl.org/ontology/bibo/Report"),
		KIND_OF("publication", "http://purl.org/ontology/bibo/Report",
		    "bibo")},
	    {"", TYPE("https://schema.org/Event"),
		KIND_OF("event", "https://schema.org/Event", "schema")},
	    {"", TYPE("jeu de données"), KIND("dataset", "jeu de données") "}"},
	    {"", TYPE("Conjunto de datos"),
		KIND("dataset", "Conjunto de datos") "}"},
	    /* what says little gives way, wherever it stands */
	    {"", TYPE("Text") TYPE("Dataset"), KIND("dataset", "Dataset") "}"},
	    {"", TYPE("Dataset") TYPE("Text"), KIND("dataset", "Dataset") "}"},
	    {"",
		TYPE("http://purl.org/dc/dcmitype/Text")
		    TYPE("info:eu-repo/semantics/workshop") TYPE("Event"),
		"\"kind\":{\"code\":\"event\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		read_record(rows[i].sets, rows[i].elements);
		if (talk_count(&t, rows[i].json) != 1)
			fail_msg(
			    "no %s in\n%s", rows[i].json, buf_str(&t.json));
	}
	/* the concept stays a type of its own */
	read_record("", TYPE("http://purl.org/ontology/bibo/Report"));
	assert_string_equal(field("types"),
	    "{\"text\":\"http://purl.org/ontology/bibo/Report\",\"scheme\":"
	    "\"bibo\",\"code\":\"Report\"}");
}

static void
damaged_text(void **state)
{
	(void)state;
	read_record("", TITLE("RÃ©duction de la pauvretÃ©") SUBJECT("Water"));
	assert_int_equal(
	    talk_count(&t, "\"text\":\"Réduction de la pauvreté\""), 1);
	assert_int_equal(talk_count(&t, "\"code\":\"double-encoding\""), 1);
	read_record("", TITLE("Réduction de la pauvreté"));
	assert_string_equal(field("warnings"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(declared_by_sets),
	    cmocka_unit_test(mapped_from_subjects),
	    cmocka_unit_test(found_by_keyword),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(licences),
	    cmocka_unit_test(licence_codes),
	    cmocka_unit_test(languages),
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(damaged_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
