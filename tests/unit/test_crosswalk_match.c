/* The normal form that duplicates are recognised by: words of any script, what
 * of a title counts, and what of a record is chosen for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "crosswalk/match.h"
#include "crosswalk/match_fold.h"
#include "crosswalk/match_title.h"
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

struct pair {
	const char *text, *form;
};

static const char *
folded(const char *text)
{
	static char out[LIMIT_MATCH_READ + 1];

	size_t n = match_fold(out, sizeof(out) - 1, text, strlen(text));

	assert_int_equal(n, strlen(out));
	return out;
}

static void
words_of_any_script(void **state)
{
	static const struct pair pairs[] = {
	    {"The  Bank's Work: 2nd ed.", "the banks work 2nd ed"},
	    {"L’eau d'Ivoire, côte", "l eau d ivoire cote"},
	    {"Tom’s “toms” ’s", "toms toms s"},
	    {"ÉTUDE Straße Ærø Łódź İzmir ısı",
		"etude strasse aero lodz izmir isi"},
	    {"R&amp;D &eacute;tude & uuml ;ber &#233;t&#xe9; &hellip;",
		"r d etude uber ete"},
	    {"&Oslash;l &szlig; &AElig;on & no entity; &;",
		"ol sz aeon no entity"},
	    {"a<i>b</i> 3 < 4 > 2", "a b 3 2"},
	    {"CO₂ and ﬁnance Ⅳ №5 ½ 2º x™", "co2 and finance iv no5 2 x"},
	    {"soft\u00ADhyphen zero\u200Dwidth", "softhyphen zerowidth"},
	    {"Ёлка в ОБСЕ — Йод", "елка в обсе иод"},
	    {"تقريرٌ عن التنمية ١٩٩٤ ـ ۲۰۲۰", "تقرير عن التنميه 1994 2020"},
	    {"Ελλάδα Άγιος", "ελλαδα αγιοσ"},
	    {"2015年中国GDP统计", "2015 年中国 gdp 统计"},
	    {"日本における ガス", "日本における カス"},
	    {"한국의 경제", "한국의 경제"},
	    {"㋁ ŉ ①", "2 月 n 1"},
	    {"हिन्दी की किताब", "हिनदी की किताब"},
	    {"รายงาน๒๕๖๓", "รายงาน 2563"},
	    {" \t!?—…", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (strcmp(folded(pairs[i].text), pairs[i].form) != 0)
			fail_msg("%s became %s", pairs[i].text,
			    folded(pairs[i].text));
}

/* Each character comes to something that comes to itself. */
static void
what_is_folded_is_folded(void **state)
{
	char text[16], again[64], out[64];

	(void)state;
	for (uint32_t cp = 0x20; cp <= 0x10FFFF; cp++) {
		size_t n = 1 + utf8_encode(text + 1, cp), k;

		text[0] = 'a';
		text[n++] = 'b';
		k = match_fold(out, sizeof(out) - 1, text, n);
		match_fold(again, sizeof(again) - 1, out, k);
		if (!utf8_valid(out, k) || strcmp(out, again) != 0)
			fail_msg("U+%04X became %s, then %s", cp, out, again);
	}
}

static const char *
title(const char *text)
{
	static char out[LIMIT_MATCH_TITLE_BYTES + 1];

	match_title(out, sizeof(out) - 1, folded(text));
	return out;
}

static void
check_titles(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(title(pairs[i].text), pairs[i].form) != 0)
			fail_msg("%s became %s", pairs[i].text,
			    title(pairs[i].text));
}

static void
numbers_and_small_words(void **state)
{
	static const struct pair pairs[] = {
	    {"The state of the world in 2007", "state world #2007"},
	    {"Part I", "part #1"},
	    {"Part II: the Xi variant", "part #2 #11 variant"},
	    {"Volume V of the series", "volume #5 series"},
	    {"World War I", "world war #1"},
	    {"I, robot: X in Y", "robot"},
	    {"The 3rd, third and 003 report", "#3 #3 #3 report"},
	    {"2nd édition, 2e partie, 1er tome",
		"#2 edition #2 partie #1 tome"},
	    {"Premier rapport, deuxième partie", "#1 rapport #2 partie"},
	    {"Siglo XXI, 2ª edición, tomo v", "siglo #21 #2 edicion tomo #5"},
	    {"Quarto relatório do século 0", "#4 relatorio seculo #0"},
	    {"Zweiter Bericht für das Jahr", "#2 bericht jahr"},
	    {"Том второй, часть IV и 1-й выпуск", "том #2 часть #4 #1 выпуск"},
	    {"الجزء الثاني من التقرير", "الجزء #2 التقرير"},
	    {"第十二卷 第三次 第四十五 第一百", "#12 卷 #3 次 #45 #1 百"},
	    {"报告第二十期第", "报告 #20 期第"},
	    {"Of the", "of the"},
	    {"A", "a"},
	    {"?", ""},
	};

	(void)state;
	check_titles(pairs, sizeof(pairs) / sizeof(*pairs));
}

static void
places_in_any_language(void **state)
{
	static const struct pair pairs[] = {
	    {"Water in Viet Nam", "water @vietnam"},
	    {"L'eau au Viêt Nam", "eau @vietnam"},
	    {"Вода: Вьетнам", "вода @vietnam"},
	    {"VIETNAM'S WATER", "vietnams water"},
	    {"Niger, Nigeria, Guinea, Guinea-Bissau, Papua New Guinea",
		"@niger @nigeria @guinea @guineabissau @papuanewguinea"},
	    {"The Lao People's Democratic Republic and the Gambia",
		"@laopeoplesdemocraticrepublic @gambia"},
	    {"Côte d'Ivoire and Ivory Coast", "@ivorycoast @ivorycoast"},
	    {"Congo, Dem. Rep. or Congo",
		"@democraticrepublicofthecongo @congo"},
	    {"Dominica, Dominican Republic", "@dominica @dominicanrepublic"},
	    {"Scotland, Wales and the United Kingdom",
		"@scotland @wales "
		"@unitedkingdomofgreatbritainandnorthernireland"},
	    {"East Germany", "@east @germany"},
	    {"Czechoslovakia", "@czesvk"},
	    {"East Africa, Africa and the Pacific",
		"@easternafrica @africa @pacific"},
	    {"Island states of the world, worldwide: une réunion",
		"island states world worldwide reunion"},
	    {"Least developed countries", "least developed countries"},
	    {"中国的经济与南非", "@china 的经 经济 济与 @southafrica"},
	    {"التنمية في مصر", "التنميه @egypt"},
	    {"América del Sur, Bank of America, Sudán del Sur",
		"@southamerica bank america @southsudan"},
	    {"Maurice and Dominique", "maurice dominique"},
	    {"United action of states", "united action states"},
	};

	(void)state;
	check_titles(pairs, sizeof(pairs) / sizeof(*pairs));
}

static void
pairs_where_words_are_not_parted(void **state)
{
	static const struct pair pairs[] = {
	    {"水资源管理", "水资 资源 源管 管理"},
	    {"水", "水"},
	    {"水 5 资源", "水 #5 资源"},
	    {"ガス", "カス"},
	    {"GDP统计", "gdp 统计"},
	};

	(void)state;
	check_titles(pairs, sizeof(pairs) / sizeof(*pairs));
}

/* Whole words, at most so many bytes. */
static void
forms_end_at_a_word(void **state)
{
	static const char text[] =
	    "Étude of l'eau 水资源 in Papua New Guinea, part II é";
	char fold[128], form[128], whole[128];

	(void)state;
	match_fold(whole, sizeof(whole) - 1, text, strlen(text));
	for (size_t max = 0; max < sizeof(whole); max++) {
		size_t n = match_fold(fold, max, text, strlen(text));

		assert_true(n <= max && n == strlen(fold));
		assert_true(utf8_valid(fold, n));
		assert_memory_equal(fold, whole, n);
		/* the first word alone may be cut */
		if (n > strlen("etude"))
			assert_true(whole[n] == ' ' || whole[n] == '\0');
		n = match_title(form, max, whole);
		assert_true(n <= max && n == strlen(form));
		assert_true(utf8_valid(form, n));
		assert_true(n == 0 || form[n - 1] != ' ');
	}
}

static void
what_is_long_is_read_in_part(void **state)
{
	char *text = arena_calloc(&a, MIB + 1, 1);
	char out[LIMIT_MATCH_READ + 1];
	size_t n;

	(void)state;
	memset(text, 'a', MIB);
	assert_int_equal(
	    match_fold(out, sizeof(out) - 1, text, MIB), LIMIT_MATCH_READ);
	assert_true(match_fold(out, 100, text, MIB) <= 100);
	/* a letter under marks, and letters that become several */
	for (n = 1; n + 2 <= MIB; n += 2)
		memcpy(text + n, "\u0301", 2);
	assert_int_equal(match_fold(out, sizeof(out) - 1, text, n), 1);
	for (n = 0; n + 3 <= MIB; n += 3)
		memcpy(text + n, "ﬄ", 3);
	assert_int_equal(match_fold(out, sizeof(out) - 1, text, n),
	    LIMIT_MATCH_READ / 3 * 3);
	assert_int_equal(match_title(out, 10, "a 水资源管理"), 6);
	assert_string_equal(out, "水资");
}

/* --- records -------------------------------------------------------------- */

static void
add_agent(struct record *r, const char *role, const char *name)
{
	struct rec_agent *agent = record_add(&a, &r->agents);

	agent->role = role;
	agent->name = name;
}

static void
add_title(struct record *r, const char *text, const char *lang)
{
	struct rec_text *t = record_add(&a, &r->titles);

	t->text = text;
	t->lang = lang;
}

static void
assert_names(const struct record *r, const char *names)
{
	char got[512] = "";

	for (size_t i = 0; i < r->match.names.count; i++) {
		strcat(got, r->match.names.items[i].text);
		strcat(got, ";");
	}
	assert_string_equal(got, names);
}

static void
names_are_the_creators(void **state)
{
	struct record r = {.family = "knowledge"};

	(void)state;
	add_agent(&r, "publisher", "World Bank");
	add_agent(&r, "author", "O'Brien, Zoë J.");
	add_agent(&r, "editor", "王 小明");
	add_agent(&r, "contributor", "OBrien");
	add_agent(&r, "author", "o brien zoe j");
	add_agent(&r, "author", "…");
	add_agent(&r, "provider", "Acme");
	r.agents.items[1].kind = "person";
	match_make(&r, &a);
	assert_names(&r, "o brien zoe j;王小明;obrien;");
	assert_string_equal(r.match.names.items[0].kind, "person");
	assert_null(r.match.names.items[1].kind);
	r.family = "offer";
	match_make(&r, &a);
	assert_names(&r, "o brien zoe j;王小明;obrien;acme;");
	for (int i = 0; i < 100; i++)
		add_agent(&r, "author", arena_printf(&a, "Author %d", i));
	match_make(&r, &a);
	assert_int_equal(r.match.names.count, LIMIT_MATCH_NAMES);
	assert_int_equal(
	    record_check(
		&(struct record){.identifier = "x", .match = r.match}, NULL),
	    0);
}

static void
titles_and_languages(void **state)
{
	struct record r = {0};
	struct rec_code *lang;

	(void)state;
	match_make(&r, &a);
	assert_null(r.match.title);
	assert_null(r.match.lang);
	add_title(&r, "Water in Kenya...", "zh-Hant");
	add_title(&r, "WATER IN KENYA", NULL);
	add_title(&r, "L'eau au Kenya", "fr");
	add_title(&r, "L’eau au Kenya", "fr");
	add_title(&r, "Wasser", NULL);
	add_title(&r, "Agua", NULL);
	match_make(&r, &a);
	assert_string_equal(r.match.title, "water @kenya");
	assert_true(r.match.is_cut);
	assert_string_equal(r.match.lang, "zh");
	assert_int_equal(r.match.other_titles.count, LIMIT_MATCH_TITLES);
	assert_string_equal(r.match.other_titles.items[0], "eau @kenya");
	assert_string_equal(r.match.other_titles.items[1], "wasser");
	r.titles.items[0] = (struct rec_text){.text = "…"};
	match_make(&r, &a);
	assert_string_equal(r.match.title, "water @kenya");
	assert_false(r.match.is_cut);
	lang = record_add(&a, &r.languages);
	lang->code = "pt-BR";
	match_make(&r, &a);
	assert_string_equal(r.match.lang, "pt");
	record_add(&a, &r.languages)->code = "en";
	match_make(&r, &a);
	assert_null(r.match.lang);
}

static void
venues_wherever_they_stand(void **state)
{
	struct record r = {0};
	struct rec_relation *rel;

	(void)state;
	rel = record_add(&a, &r.relations);
	rel->type = "related";
	rel->text = "https://a.example/";
	rel = record_add(&a, &r.relations);
	rel->type = "related";
	rel->scheme = "doi";
	rel->text = "Another thing";
	match_make(&r, &a);
	assert_null(r.match.venue);
	rel = record_add(&a, &r.relations);
	rel->type = "related";
	rel->text = "Working Papers, 12";
	match_make(&r, &a);
	assert_string_equal(r.match.venue, "working papers 12");
	add_agent(&r, "publisher", "Food & Land Organization");
	match_make(&r, &a);
	assert_string_equal(r.match.venue, "food land organization");
	rel = record_add(&a, &r.relations);
	rel->type = "part-of";
	rel->text = "Proceedings of VLDB";
	match_make(&r, &a);
	assert_string_equal(r.match.venue, "proceedings of vldb");
	assert_string_equal(r.match.venue_kind, "conf");
	r.container.title = "Ecology";
	match_make(&r, &a);
	assert_string_equal(r.match.venue, "ecology");
	assert_null(r.match.venue_kind);
	r.container.volume = "3";
	r.container.pages = "1-9";
	match_make(&r, &a);
	assert_string_equal(r.match.venue_kind, "journal");
}

static void
kinds_of_venues(void **state)
{
	static const struct {
		const char *text, *kind;
	} kinds[] = {
	    {"PhD thesis, MIT", "thesis"},
	    {"Proc. of the 3rd Conf. on Databases", "conf"},
	    {"Proceedings Journal", "journal"},
	    {"ACM Trans. Database Syst.", "journal"},
	    {"Revista de saúde", "journal"},
	    {"Вестник МГУ", "journal"},
	    {"Ecology 12(3)", "journal"},
	    {"Ecology 12 (3), 1990", "journal"},
	    {"Ecology 45, 123-130", "journal"},
	    {"Ecology 45:123 -- 130", "journal"},
	    {"pages 12: 123-130", NULL},
	    {"Ecology, pp. 45 123-130", NULL},
	    {"Ecology a45: 123-130", NULL},
	    {"Technical report 12", "report"},
	    {"World Bank", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *kind =
		    match_venue_kind(kinds[i].text, folded(kinds[i].text));

		if (kind != kinds[i].kind &&
		    (!kind || !kinds[i].kind || strcmp(kind, kinds[i].kind)))
			fail_msg("%s is %s", kinds[i].text, kind ? kind : "-");
	}
}

static void
years_that_are_stated(void **state)
{
	(void)state;
	assert_int_equal(match_year_of_title("Report (1990)"), 1990);
	assert_int_equal(match_year_of_title("Report [1995a], part"), 1995);
	assert_int_equal(match_year_of_title("1990. Report"), 1990);
	assert_int_equal(match_year_of_title("«2001a: Report"), 2001);
	assert_int_equal(match_year_of_title("1990 and 1991 (12) [x]"), 0);
	assert_int_equal(match_year_of_title("In 1990 (1500)"), 0);
	assert_int_equal(match_year_of_title("(12345) [199"), 0);
	assert_int_equal(match_year_in("VLDB 1996, 1997"), 1996);
	assert_int_equal(match_year_in("19961 1999.0"), 1999);
	assert_int_equal(match_year_in("12 2150"), 0);
	assert_int_equal(match_short_year_in("SIGMOD '93"), 1993);
	assert_int_equal(match_short_year_in("vldb-97 x"), 1997);
	assert_int_equal(match_short_year_in("12-97, '42, '971"), 0);
}

static void
dates_by_what_they_say(void **state)
{
	static const struct {
		const char *role, *value, *text, *year, *day;
	} dates[] = {
	    {"issued", "1995", NULL, "1995", NULL},
	    {"issued", "1995-01-01", NULL, "1995", NULL},
	    {"issued", "1995-03-02T10:00:00Z", NULL, "1995", "1995-03-02"},
	    {"start", "1995-03", NULL, "1995", NULL},
	    {"available", NULL, "printed 1995.0", "1995", NULL},
	    /* when its record was put somewhere; the title says better */
	    {"modified", "1995-03-02", NULL, "2003", NULL},
	    {"deposited", "1995-03-02", NULL, "2003", NULL},
	    {"issued", NULL, "n.d.", "2003", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		struct record r = {0};
		struct rec_date *d = record_add(&a, &r.dates);

		add_title(&r, "Report (2003)", NULL);
		d->role = dates[i].role;
		d->value = dates[i].value;
		d->text = dates[i].text;
		match_make(&r, &a);
		assert_string_equal(r.match.year, dates[i].year);
		if (dates[i].day == NULL)
			assert_null(r.match.day);
		else
			assert_string_equal(r.match.day, dates[i].day);
		d = record_add(&a, &r.dates);
		d->role = "created";
		d->value = "1980";
		d = record_add(&a, &r.dates);
		d->role = "issued";
		d->value = "1990";
		match_make(&r, &a);
		assert_string_equal(r.match.year, i < 3	   ? "1995"
						  : i == 7 ? "2003"
							   : "1990");
	}
}

/* Without vocabularies nothing is a place, and the rest is as ever. */
static void
no_vocabularies(void **state)
{
	(void)state;
	vocab_use(NULL);
	assert_string_equal(title("The second part in Kenya"), "#2 part kenya");
	vocab_use(tables_rules());
	assert_string_equal(
	    title("The second part in Kenya"), "#2 part @kenya");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_of_any_script),
	    cmocka_unit_test(what_is_folded_is_folded),
	    cmocka_unit_test(numbers_and_small_words),
	    cmocka_unit_test(places_in_any_language),
	    cmocka_unit_test(pairs_where_words_are_not_parted),
	    cmocka_unit_test(forms_end_at_a_word),
	    cmocka_unit_test(what_is_long_is_read_in_part),
	    cmocka_unit_test(names_are_the_creators),
	    cmocka_unit_test(titles_and_languages),
	    cmocka_unit_test(venues_wherever_they_stand),
	    cmocka_unit_test(kinds_of_venues),
	    cmocka_unit_test(years_that_are_stated),
	    cmocka_unit_test(dates_by_what_they_say),
	    cmocka_unit_test(no_vocabularies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
