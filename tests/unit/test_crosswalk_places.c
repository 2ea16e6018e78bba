/* Languages and places out of texts that name several, and the tables that
 * they are looked up in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/languages.h"
#include "crosswalk/places.h"
#include "crosswalk/vocab.h"
#include "tables.h"

static struct arena a;
static char got[512];

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
take(void *arg, const char *code, const char *term)
{
	(void)arg;
	(void)term;
	snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s ",
	    code ? code : "?");
}

static void
assert_languages(const char *text, const char *codes)
{
	got[0] = '\0';
	languages_read(&a, text, take, NULL);
	if (strcmp(got, codes) != 0)
		fail_msg("%s became %s", text, got);
}

static void
languages(void **state)
{
	char text[300];

	(void)state;
	assert_languages("eng", "en ");
	assert_languages("fre", "fr ");
	assert_languages("fra", "fr ");
	assert_languages("iw", "he ");
	assert_languages("scr", "hr ");
	assert_languages("sh", "sh ");
	assert_languages("en_US", "en-US ");
	assert_languages("Portuguese,English", "pt en ");
	assert_languages("eng;fre", "en fr ");
	assert_languages("rus/eng", "ru en ");
	assert_languages("engfre", "en fr ");
	assert_languages("engfrespa", "en fr es ");
	assert_languages("engundfre", "en fr ");
	assert_languages("en fr", "en fr ");
	assert_languages("English and French", "en fr ");
	assert_languages("français et anglais", "fr en ");
	assert_languages("Spanish; Castilian", "es ");
	assert_languages("Greek, Modern (1453-)", "el ");
	assert_languages("English (UK)", "en ");
	assert_languages("en (English)", "en ");
	assert_languages("iso639-2:eng", "en ");
	assert_languages("http://lexvo.org/id/iso639-3/eng", "en ");
	assert_languages("中文", "zh ");
	assert_languages("英文", "en ");
	assert_languages("inglese", "en ");
	assert_languages("Kreyòl ayisyen", "ht ");
	assert_languages("no", "no ");
	assert_languages("und", "");
	assert_languages("und;eng", "en ");
	assert_languages("zxx", "");
	assert_languages("", "");
	assert_languages(" ; ,", "");
	/* never a guess */
	assert_languages("other", "? ");
	assert_languages("engxqz", "? ");
	assert_languages("on the use of it", "? ");
	assert_languages("()", "? ");
	assert_languages(":", "? ");
	memset(text, ';', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_languages(text, "? ");
}

static void
assert_places(const char *text, const char *codes, bool want_all)
{
	bool is_all, is_any;

	got[0] = '\0';
	is_any = places_read(&a, text, &is_all, take, NULL);
	if (strcmp(got, codes) != 0 || is_any != (*codes != '\0') ||
	    (is_any && is_all != want_all))
		fail_msg("%s became %s", text, got);
}

static void
places(void **state)
{
	char text[400];

	(void)state;
	assert_places("Kenya", "KEN ", true);
	assert_places("Country/Nation: Canada", "CAN ", true);
	assert_places("Kenya, Uganda", "KEN UGA ", true);
	assert_places("Kenya, Uganda, Georgia", "KEN UGA GEO ", true);
	assert_places("Kenya and Uganda", "KEN UGA ", true);
	assert_places(
	    "Kenya, Uganda and Trinidad and Tobago", "KEN UGA TTO ", true);
	assert_places("Kenia, Uganda y Bolivia", "KEN UGA BOL ", true);
	assert_places("Kenya, Uganda, and Bolivia", "KEN UGA BOL ", true);
	assert_places("Sand and Kenya", "", true);
	assert_places("Nairobi and Kenya", "", true);
	assert_places("Nairobi, Kenya", "KEN ", false);
	assert_places("Kenya--Nairobi", "KEN ", false);
	assert_places("Africa--Kenya", "KEN ", true);
	assert_places("Korea, Republic of", "KOR ", true);
	assert_places("Congo (Kinshasa)", "COD ", true);
	assert_places("Czechoslovakia", "CZE SVK ", true);
	assert_places("Asia and the Pacific", "142 009 ", true);
	assert_places("Small Island Developing State", "722 ", true);
	/* a place of the same name */
	assert_places("Georgia, USA", "USA ", false);
	assert_places("Niger, Nigeria", "NGA ", false);
	assert_places("Nairobi", "", false);
	assert_places("Lake Turkana, in the north", "", false);
	assert_places("", "", false);
	assert_places(",", "", false);
	assert_places("--", "", false);
	memset(text, ',', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_places(text, "", false);
}

static void
assert_area(const char *code, const char *want)
{
	struct rules_hit hit;

	got[0] = '\0';
	if (rules_find(tables_rules(), RULES_COUNTRY, "marcgac", code, &hit))
		for (const char *c = hit.codes; c != NULL; c = rules_next(c))
			take(NULL, c, code);
	if (strcmp(got, want) != 0)
		fail_msg("%s became %s", code, got);
}

/* MARC code list for geographic areas. */
static void
areas(void **state)
{
	(void)state;
	assert_area("f-ke---", "KEN ");
	assert_area("a-cc---", "CHN ");
	assert_area("a-cc-sz", "CHN ");
	assert_area("a-cc-hk", "HKG ");
	assert_area("a-ko---", "KOR ");
	assert_area("a-kr---", "KOR PRK ");
	assert_area("n-us-ca", "USA ");
	assert_area("e-uk-st", "GBR ");
	assert_area("e-ur---", "RUS ");
	assert_area("e-ur-un", "UKR ");
	assert_area("e-urs--", "RUS ");
	assert_area("e-urk--", ""); /* Caucasus */
	assert_area("e-uro--", ""); /* Central Asia of the Soviet Union */
	assert_area("e-yu---", "MNE SRB ");
	assert_area("e-cs---", "CZE SVK ");
	assert_area("nwxm---", "VCT ");
	assert_area("nwsn---", "SXM ");
	assert_area("lncv---", "CPV ");
	assert_area("lsfk---", "FLK ");
	assert_area("i-re---", "REU ");
	assert_area("pomi---", "FSM ");
	assert_area("pott---", "057 ");
	assert_area("po-----", "009 ");
	assert_area("fb-----", "202 ");
	assert_area("f------", "002 ");
	assert_area("ac-----", "143 ");
	assert_area("el-----", "BEL LUX NLD ");
	assert_area("aw-----", ""); /* Middle East: no group of M49 */
	assert_area("ah-----", ""); /* Himalaya */
	assert_area("zma----", ""); /* Mars */
}

/* Each country has its names in the six languages, and M49's groups. */
static void
countries(void **state)
{
	static const char *const langs[] = {"en", "fr", "es", "ru", "ar", "zh"};
	const struct rules *r = tables_rules();
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < rules_count(r, RULES_COUNTRY); i++) {
		struct rules_thing t;
		unsigned found = 0;

		rules_thing(r, RULES_COUNTRY, i, &t);
		count += t.code[0] >= 'A';
		for (size_t k = 0; k < t.name_count; k++) {
			struct rules_name n;

			rules_name(r, t.name_first + k, &n);
			for (size_t l = 0; l < 6; l++)
				if (strcmp(n.lang, langs[l]) == 0)
					found |= 1u << l;
		}
		if (found != 0x3f)
			fail_msg("%s lacks names: %x", t.code, found);
		if (t.parents == NULL && strcmp(t.code, "001") != 0 &&
		    t.code[0] >= 'A' && strcmp(t.code, "ATA") != 0)
			fail_msg("%s is of no group", t.code);
	}
	assert_int_equal(count, 250);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(languages),
	    TEST(places),
	    TEST(areas),
	    TEST(countries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
