/* Names of agents: what is taken off them, what they are, where they part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/people.h"
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

static bool
same(const char *x, const char *y)
{
	return (x == NULL) == (y == NULL) && (x == NULL || !strcmp(x, y));
}

/* clang-format off */
static const struct {
	const char *text, *name, *kind, *role_term, *id;
} rows[] = {
	/* as given, whichever way round */
	{"Ngugi, Wanjiru", "Ngugi, Wanjiru", "person", NULL, NULL},
	{"Wanjiru Ngugi", "Wanjiru Ngugi", NULL, NULL, NULL},
	{"A. J. Hong", "A. J. Hong", "person", NULL, NULL},
	{"Rebecca C. Wade", "Rebecca C. Wade", "person", NULL, NULL},
	{"C Hamel", "C Hamel", "person", NULL, NULL},
	{"Rayner, JC", "Rayner, JC", "person", NULL, NULL},
	{"Hart, J.-P.", "Hart, J.-P.", "person", NULL, NULL},
	{"de Borst, GJ", "de Borst, GJ", "person", NULL, NULL},
	{"von Delft, Jan", "von Delft, Jan", "person", NULL, NULL},
	{"Bergh, W.M. van den", "Bergh, W.M. van den", "person", NULL, NULL},
	{"al-Khwarizmi, Ali", "al-Khwarizmi, Ali", "person", NULL, NULL},
	{"D'Ambrosio, C.", "D'Ambrosio, C.", "person", NULL, NULL},
	{"Bettler, M. -O.", "Bettler, M. -O.", "person", NULL, NULL},
	{"Buttaro, Anthony, Jr.", "Buttaro, Anthony, Jr.", "person", NULL, NULL},
	{"Lewis G. Hall, Jr.", "Lewis G. Hall, Jr.", "person", NULL, NULL},
	{"Vervack Jr., Ronald J.", "Vervack Jr., Ronald J.", "person", NULL, NULL},
	{"Henry Smith III", "Henry Smith III", "person", NULL, NULL},
	{"鈴木 孝樹", "鈴木 孝樹", NULL, NULL, NULL},
	{"Bąk, Andrzej", "Bąk, Andrzej", "person", NULL, NULL},
	{"Ёлкина, Анна", "Ёлкина, Анна", "person", NULL, NULL},
	/* years of life, titles, degrees, punctuation */
	{"Aubin, Paul N., 1884-1972.", "Aubin, Paul N.", "person", NULL, NULL},
	{"Boas, Hans Christian, 1971-", "Boas, Hans Christian", "person", NULL, NULL},
	{"Griffin, John M. (John Meredith), 1970-",
	    "Griffin, John M. (John Meredith)", "person", NULL, NULL},
	{"Smith, John, b. 1950", "Smith, John", "person", NULL, NULL},
	{"Smith, John, active 1590", "Smith, John", "person", NULL, NULL},
	{"Smith, John (1940–2001)", "Smith, John", "person", NULL, NULL},
	{"Smith, John,", "Smith, John", "person", NULL, NULL},
	{"Smith, John.", "Smith, John", "person", NULL, NULL},
	{"Smith, J.", "Smith, J.", "person", NULL, NULL},
	{"Wang, Prof. Ting", "Wang, Ting", "person", NULL, NULL},
	{"Tan, Prof. Dr. Uner", "Tan, Uner", "person", NULL, NULL},
	{"Prof. Wani Lokitari", "Wani Lokitari", NULL, NULL, NULL},
	{"Mohammed Hassen (PhD)", "Mohammed Hassen", NULL, NULL, NULL},
	{"Art King, Ph.D. et al.", "Art King", NULL, NULL, NULL},
	{"Van Dyck, D., prof. dr. (promotor)", "Van Dyck, D.", "person", "promotor", NULL},
	{"Ma, Jack", "Ma, Jack", "person", NULL, NULL},
	{"Jack, MA", "Jack, MA", "person", NULL, NULL},
	{"Bazarov, B. A.", "Bazarov, B. A.", "person", NULL, NULL},
	{"Smith, M.D.", "Smith, M.D.", "person", NULL, NULL},
	{"Smith, John, M.D.", "Smith, John", "person", NULL, NULL},
	{"Harris, Peter, Ph. D.", "Harris, Peter", "person", NULL, NULL},
	{"Branson, Herman, Howard University", "Branson, Herman", "person",
	    NULL, NULL},
	/* roles */
	{"Dhungana, G. (Author)", "Dhungana, G.", "person", "Author", NULL},
	{"Dupont, Anne (ed.)", "Dupont, Anne", "person", "ed.", NULL},
	{"Dupont, Anne, ed.", "Dupont, Anne", "person", "ed.", NULL},
	{"Dupont, Anne, author", "Dupont, Anne", "person", "author", NULL},
	{"Dupont, Anne, 1950-, aut", "Dupont, Anne", "person", "aut", NULL},
	{"Dupont, Anne (edt)", "Dupont, Anne", "person", "edt", NULL},
	{"Jones, Thomas E., AUTHOR", "Jones, Thomas E.", "person", "AUTHOR", NULL},
	{"Kintigh, Keith, CONTACT (Arizona State University)",
	    "Kintigh, Keith", "person", "CONTACT", NULL},
	{"Duff, Andrew, PROJECT_DIRECTOR (null)", "Duff, Andrew", "person",
	    "PROJECT_DIRECTOR", NULL},
	{"Smith, Ed", "Smith, Ed", "person", NULL, NULL},
	{"Coolidge (Ariz.)", "Coolidge (Ariz.)", NULL, NULL, NULL},
	/* organisations */
	{"University of Illinois at Urbana-Champaign",
	    "University of Illinois at Urbana-Champaign", "organisation", NULL, NULL},
	{"Universidade do Porto. Faculdade de Engenharia",
	    "Universidade do Porto. Faculdade de Engenharia", "organisation", NULL, NULL},
	{"Massachusetts Institute of Technology. Department of Chemical Engineering",
	    "Massachusetts Institute of Technology. Department of Chemical Engineering",
	    "organisation", NULL, NULL},
	{"NCG, Netherlands Geodetic Commission, Delft",
	    "NCG, Netherlands Geodetic Commission, Delft", "organisation", NULL, NULL},
	{"Ministère de la Santé", "Ministère de la Santé", "organisation", NULL, NULL},
	{"Institut français", "Institut français", "organisation", NULL, NULL},
	{"Министерство образования", "Министерство образования", "organisation", NULL, NULL},
	{"東京大学", "東京大学", "organisation", NULL, NULL},
	{"UN", "UN", "organisation", NULL, NULL},
	{"UNESCO", "UNESCO", "organisation", NULL, NULL},
	{"UN-Habitat", "UN-Habitat", "organisation", NULL, NULL},
	{"UN Women", "UN Women", "organisation", NULL, NULL},
	{"World Bank", "World Bank", "organisation", NULL, NULL},
	{"Bank, Steven", "Bank, Steven", "person", NULL, NULL},
	{"Church, Alonzo", "Church, Alonzo", "person", NULL, NULL},
	{"Acme Pumps GmbH", "Acme Pumps GmbH", "organisation", NULL, NULL},
	{"Acme Pumps, Inc.", "Acme Pumps, Inc.", "organisation", NULL, NULL},
	{"Coordenação de Aperfeiçoamento de Pessoal (CAPES)",
	    "Coordenação de Aperfeiçoamento de Pessoal (CAPES)", "organisation", NULL, NULL},
	{"Agricultural Extension Division.", "Agricultural Extension Division",
	    "organisation", NULL, NULL},
	{"Ghent University", "Ghent University", "organisation", NULL, NULL},
	{"Parsons Brinckerhoff (Author)", "Parsons Brinckerhoff", NULL, "Author", NULL},
	{"eScholarship@UMMS", "eScholarship@UMMS", NULL, NULL, NULL},
	/* ids and mail */
	{"Kind, Stefanie ; https://orcid.org/0000-0002-1825-0097",
	    "Kind, Stefanie", "person", NULL, "orcid 0000-0002-1825-0097"},
	{"Kind, Stefanie (ORCID: 0000-0002-1825-0097)", "Kind, Stefanie",
	    "person", NULL, "orcid 0000-0002-1825-0097"},
	{"Kind, Stefanie [0000-0002-1825-0097]", "Kind, Stefanie", "person",
	    NULL, "orcid 0000-0002-1825-0097"},
	{"Stefanie Kind orcid.org/0000-0002-1694-233x", "Stefanie Kind", "person", NULL,
	    "orcid 0000-0002-1694-233X"},
	/* a wrong check digit: no id, and no part of the name either */
	{"Kind, Stefanie (ORCID: 0000-0002-1825-0098)", "Kind, Stefanie",
	    "person", NULL, NULL},
	{"Kind, Stefanie 0000000218250097", "Kind, Stefanie 0000000218250097",
	    NULL, NULL, NULL},
	{"DataCite https://ror.org/04wxnsj81", "DataCite", "organisation", NULL,
	    "ror 04wxnsj81"},
	{"DataCite (ROR: 04wxnsj81)", "DataCite", "organisation", NULL, "ror 04wxnsj81"},
	{"Marlowe, Kit ISNI 0000 0001 2103 2683", "Marlowe, Kit", "person",
	    NULL, "isni 0000-0001-2103-2683"},
	{"Smith, John <j.smith@example.org>", "Smith, John", "person", NULL, NULL},
	{"j.smith@example.org (John Smith)", "(John Smith)", NULL, NULL, NULL},
	{"Smith, John; mailto:j.smith@example.org", "Smith, John", "person", NULL, NULL},
	{"Egger, David A. Email: e@example.org, (ORCID: 123123123123)",
	    "Egger, David A.", "person", NULL, NULL},
	{"Example Archive, http://www.example.org/archive", "Example Archive", NULL, NULL, NULL},
};
/* clang-format on */

static void
parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct agent_text t;
		const char *id;

		assert_true(agent_read(&t, &a, rows[i].text));
		id = t.id_count ? arena_printf(&a, "%s %s", t.ids[0].scheme,
				      t.ids[0].value)
				: NULL;
		if (!same(t.name, rows[i].name) ||
		    !same(t.kind, rows[i].kind) ||
		    !same(t.role_term, rows[i].role_term) ||
		    !same(id, rows[i].id))
			fail_msg("%s became [%s], %s, %s, %s", rows[i].text,
			    t.name ? t.name : "-", t.kind ? t.kind : "-",
			    t.role_term ? t.role_term : "-", id ? id : "-");
	}
}

static void
ends(void **state)
{
	struct agent_text t;
	char *text = arena_alloc(&a, 100001);

	(void)state;
	assert_false(agent_read(&t, &a, "j.smith@example.org"));
	assert_false(agent_read(&t, &a, "()"));
	assert_false(agent_read(&t, &a, ""));
	assert_false(agent_read(&t, &a, "https://example.org/people/1"));
	assert_true(
	    agent_read(&t, &a, "https://orcid.org/0000-0002-1825-0097"));
	assert_null(t.name);
	assert_string_equal(t.kind, "person");
	assert_true(
	    agent_read(&t, &a, "Smith, John, EDITOR (Institute of Wells)"));
	assert_string_equal(t.affiliation, "Institute of Wells");
	assert_string_equal(t.role, "editor");
	/* beyond what a name is */
	memset(text, 'x', 100000);
	text[100000] = '\0';
	assert_true(agent_read(&t, &a, text));
	assert_string_equal(t.name, text);
	memset(text, '(', 300);
	text[300] = '\0';
	assert_true(agent_read(&t, &a, text));
}

static void
ids(void **state)
{
	static const char *const good[] = {
	    "https://orcid.org/0000-0002-1825-0097",
	    "http://www.orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097",
	    "orcid:0000-0002-1825-0097", "ORCID: 0000-0002-1825-0097",
	    "0000000218250097", "0000 0001 2103 2683", "0000-0001-2103-2683",
	    "will be referenced::ORCID::0000-0002-1825-0097",
	    "https://ror.org/04wxnsj81", "https://ror.org/04WXNSJ81/",
	    "ror.org/04wxnsj81", "http://isni.org/isni/0000000121032683",
	    "https://isni.org/0000000121032683", "isni:0000000121032683"};
	static const char *const bad[] = {"", "0000000218250098",
	    "0000-0002-1825-0098", "1000000218250097", "4444444444444448",
	    "https://ror.org/04wxnsj82", "https://ror.org/14wxnsj81", "rp00123",
	    "9f2c1bfa-7dd8-4a30-a7a1-6c2e6aef8f4b", "12345",
	    "https://orcid.org/", "https://example.org/0000-0002-1825-0097"};
	struct rec_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!agent_id(&id, &a, good[i]))
			fail_msg("%s is none", good[i]);
	assert_true(agent_id(&id, &a, "0000-0002-1825-0097"));
	assert_string_equal(id.scheme, "orcid");
	assert_true(agent_id(&id, &a, "0000 0001 2103 2683"));
	assert_string_equal(id.scheme, "isni");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (agent_id(&id, &a, bad[i]))
			fail_msg("%s became %s", bad[i], id.value);
}

static void
assert_parts(const char *text, const char *want)
{
	const char *p = text, *part;
	char got[512] = "";

	while ((part = agent_next(&a, &p)) != NULL)
		snprintf(
		    got + strlen(got), sizeof(got) - strlen(got), "%s|", part);
	if (strcmp(got, want) != 0)
		fail_msg("%s parted as %s", text, got);
}

static void
several(void **state)
{
	(void)state;
	assert_parts("Smith, John", "Smith, John|");
	assert_parts("Smith, John; Jones, Ken", "Smith, John|Jones, Ken|");
	assert_parts("UNEP;FAO ;", "UNEP|FAO|");
	assert_parts("Smith, John | Jones, Ken", "Smith, John|Jones, Ken|");
	assert_parts(
	    "M&#xfc;ller, Max; A &amp; B", "M&#xfc;ller, Max|A &amp; B|");
	assert_parts("Smith, J., Jones, K. L.", "Smith, J.|Jones, K. L.|");
	assert_parts("Smith, J., Jones, KL, Brown, M.",
	    "Smith, J.|Jones, KL|Brown, M.|");
	assert_parts("J. Smith, K. L. Jones, M. Brown",
	    "J. Smith|K. L. Jones|M. Brown|");
	/* not safe */
	assert_parts("Ana García Márquez, Gabriel José",
	    "Ana García Márquez, Gabriel José|");
	assert_parts("Buttaro, Anthony, Jr.", "Buttaro, Anthony, Jr.|");
	assert_parts("Smith and Jones", "Smith and Jones|");
	assert_parts("Lippincott, Williams & Wilkins",
	    "Lippincott, Williams & Wilkins|");
	assert_parts("NCG, Netherlands Geodetic Commission, Delft, X.",
	    "NCG, Netherlands Geodetic Commission, Delft, X.|");
	assert_parts("", "");
	assert_parts(" ; ;", "");
}

/* Whatever is taken off, what is left is text. */
static void
hostile(void **state)
{
	static const char *const bits[] = {"(", ")", "[", ",", " ", ".", ";",
	    "a", "B", "ed.", "1950", "-", "@", "x@y.z", "http://", "orcid",
	    "0000-0002-1825-0097", "Prof. ", "\xc3\xa9", "ror:", "et al."};
	uint32_t seed = 7;
	struct agent_text t;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		char text[200] = "";

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, bits[(seed >> 16) %
					  (sizeof(bits) / sizeof(*bits))]);
		}
		if (!agent_read(&t, &a, text) || t.name == NULL)
			continue;
		if (*t.name == '\0' || *t.name == ' ' ||
		    t.name[strlen(t.name) - 1] == ' ')
			fail_msg("%s became [%s]", text, t.name);
		if (round % 1000 == 0)
			arena_clear(&a);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(parts),
	    TEST(ends),
	    TEST(ids),
	    TEST(several),
	    TEST(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
