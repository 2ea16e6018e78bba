/* What speaks for two records being one thing, and what against it: the kinds
 * of cases that registries are full of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/cluster.h"
#include "resolve/parameters.h"
#include "resolve/score.h"
#include "resolve_talk.h"

static struct model *model;
static struct arena arena;

/* A registry of 100,000 records, in which these words are common. */
static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	model = talk_model(100000);
	talk_words(
	    model, "report annual guide water solar rural training", 4000);
	talk_words(
	    model, "statistics budget #2011 #2012 #1 #2 #3 part volume", 3000);
	talk_words(model, "@chad @peru @fiji edition health kw", 800);
	talk_name_words(model, "amina okafor luis", 200);
	talk_venue(model, "harbour authority of the north", 900);
	talk_venue(model, "hano", 700);
	talk_venue(model, "bureau of soils", 500);
	talk_alias(model, "hano", "harbour authority of the north", 2.1);
	talk_alias(model, "hano", "bureau of soils", -2.4);
	talk_identifier(model, "isbn:9781234567897", 40);
	talk_identifier(model, "doi:10.5555/one", 2);
	talk_curated(model, 1);
	talk_curated(model, 2);
	talk_title(model, 1, "daily press briefing", 90);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talk_free(model);
	arena_release(&arena);
	return 0;
}

static void
score_said(struct score *s, const struct said *a, const struct said *b)
{
	struct profile x, y;
	struct said other = *b;

	if (other.source == 0)
		other.source = 2;
	said_profile(&x, a, "oai:one:1", model, &arena);
	said_profile(&y, &other, "oai:two:2", model, &arena);
	x.record_id = 1;
	y.record_id = 2;
	score_pair(s, &x, &y, model);
}

static int
points_of(const struct score *s, enum score_part part)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->parts[i].part == part)
			return s->parts[i].points;
	return 0;
}

struct two {
	const char *what;
	struct said a, b;
};

static void
expect_all(const struct two *rows, size_t count, double least, double most)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct buf words;
		struct score s;

		score_said(&s, &rows[i].a, &rows[i].b);
		if (s.sum >= least && s.sum < most)
			continue;
		buf_init(&words, 65536);
		score_words(&words, &s);
		print_error("%s: expected %g to %g:\n%s", rows[i].what, least,
		    most, buf_str(&words));
		buf_release(&words);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define EXPECT_ALL(rows, least, most)                                          \
	expect_all((rows), sizeof(rows) / sizeof(*(rows)), (least), (most))

#define KILN	"brick kiln emissions inventory informal settlements"
#define TURBINE "small wind turbine maintenance handbook island communities"
#define PEOPLE	"amina okafor;luis castello"

/* One thing, said twice. */
static const struct two same[] = {
    {"word for word", {.title = KILN, .names = PEOPLE, .year = "2014"},
	{.title = KILN, .names = PEOPLE, .year = "2014"}},
    {"a letter off", {.title = KILN, .names = PEOPLE, .year = "2014"},
	{.title = "brick klin emissions inventory informal setlements",
	    .names = PEOPLE,
	    .year = "2014"}},
    {"given and family names in another order, initials",
	{.title = KILN, .names = "okafor amina;castello luis", .year = "2014"},
	{.title = KILN, .names = "a okafor;l castello", .year = "2014"}},
    {"authors in another order, one left out",
	{.title = TURBINE, .names = "amina okafor;luis castello;mei tanaka"},
	{.title = TURBINE, .names = "tanaka m;okafor a"}},
    {"no creators, the year one off",
	{.title = TURBINE, .names = PEOPLE, .year = "2014"},
	{.title = TURBINE, .year = "2015"}},
    {"words joined and apart",
	{.title = "data base replication remote weather stations",
	    .year = "2014"},
	{.title = "database replication remote weather stations",
	    .year = "2014"}},
    {"cut off", {.title = TURBINE " pacific region", .names = PEOPLE},
	{.title = "small wind turbine maintenance handbook",
	    .is_cut = true,
	    .names = PEOPLE}},
    {"an organisation and its acronym",
	{.title = "fish landing sites survey methods lake shores",
	    .names = "o:harbour authority of the north"},
	{.title = "fish landing sites survey methods lake shores",
	    .names = "hano"}},
    {"creators and venue in the title",
	{.title = "adaptive sluice gates tidal rivers",
	    .names = "pia delgado",
	    .venue = "dyke letters",
	    .year = "1999"},
	{.title = "adaptive sluice gates tidal rivers pia delgado dyke letters "
		  "#1999"}},
    {"another language, the same DOI",
	{.title = "guide brick kilns",
	    .lang = "en",
	    .year = "2014",
	    .ids = "doi=10.5555/one"},
	{.title = "manuel fours a briques",
	    .lang = "fr",
	    .year = "2014",
	    .ids = "doi=10.5555/one"}},
    {"in Arabic, in Chinese, in Russian",
	{.title = "اداره المياه الجوفيه المناطق الجافه", .year = "2014"},
	{.title = "اداره المياه الجوفيه المناطق الجافه", .year = "2014"}},
    {"in Russian, a letter off",
	{.title = "управление подземными водами засушливых районах",
	    .year = "2014"},
	{.title = "управление подземнымы водами засушливых районах",
	    .year = "2014"}},
    {"by an other title",
	{.title = "fours a briques inventaire emissions",
	    .other = KILN,
	    .names = PEOPLE,
	    .year = "2014"},
	{.title = KILN, .names = PEOPLE, .year = "2014"}},
};

/* Two things that look like one. */
static const struct two hard[] = {
    {"annual reports of two years",
	{.title = "annual report harbour authority #2011",
	    .year = "2011",
	    .names = "hano"},
	{.title = "annual report harbour authority #2012",
	    .year = "2012",
	    .names = "hano"}},
    {"the same, the years not given",
	{.title = "annual report harbour authority #2011", .names = "hano"},
	{.title = "annual report harbour authority #2012", .names = "hano"}},
    {"parts", {.title = KILN " part #1", .names = PEOPLE, .year = "2014"},
	{.title = KILN " part #2", .names = PEOPLE, .year = "2014"}},
    {"volumes, people not given", {.title = TURBINE " volume #1"},
	{.title = TURBINE " volume #3"}},
    {"country editions",
	{.title = KILN " @chad", .names = "hano", .year = "2014"},
	{.title = KILN " @peru", .names = "hano", .year = "2014"}},
    {"a country edition and all of them",
	{.title = "rural water statistics @fiji", .names = "hano"},
	{.title = "rural water statistics", .names = "hano"}},
    {"editions",
	{.title = TURBINE " #1 edition", .names = PEOPLE, .year = "2008"},
	{.title = TURBINE " #2 edition", .names = PEOPLE, .year = "2012"}},
    {"a corrigendum", {.title = KILN, .names = PEOPLE, .year = "2014"},
	{.title = "corrigendum " KILN, .names = PEOPLE, .year = "2015"}},
    {"a summary", {.title = TURBINE, .year = "2014"},
	{.title = "executive summary " TURBINE, .year = "2014"}},
    {"ratings of one technology",
	{.title = "solar grain mill #5 kw", .names = PEOPLE, .year = "2014"},
	{.title = "solar grain mill #10 kw", .names = PEOPLE, .year = "2014"}},
    {"boilerplate, another day",
	{.title = "daily press briefing",
	    .day = "2014-03-04",
	    .year = "2014",
	    .names = "hano",
	    .source = 1},
	{.title = "daily press briefing",
	    .day = "2014-03-11",
	    .year = "2014",
	    .names = "hano"}},
    {"chapters under one ISBN",
	{.title = "gravel filters hill villages",
	    .names = "amina okafor",
	    .year = "2014",
	    .ids = "isbn=9781234567897"},
	{.title = "ceramic stoves river camps",
	    .names = "luis castello",
	    .year = "2014",
	    .ids = "isbn=9781234567897"}},
    {"another agency's plan",
	{.title = "programme budget #2012",
	    .names = "o:harbour authority of the north",
	    .year = "2012"},
	{.title = "programme budget #2012",
	    .names = "o:bureau of soils",
	    .year = "2012"}},
    {"a short title and nothing else", {.title = "water statistics"},
	{.title = "water statistics"}},
    {"other DOIs", {.title = "guide rural water", .ids = "doi=10.5555/one"},
	{.title = "guide rural water", .ids = "doi=10.5555/two"}},
    {"two papers of one person",
	{.title = "moisture sensors greenhouses",
	    .names = "amina okafor",
	    .year = "2014"},
	{.title = "moisture sensors wheat fields",
	    .names = "amina okafor",
	    .year = "2014"}},
    {"another year altogether",
	{.title = "guide rural water", .year = "1998", .names = PEOPLE},
	{.title = "guide rural water", .year = "2014", .names = PEOPLE}},
    {"numbers in words' clothes",
	{.title = "h1n1 surveillance clinics", .year = "2014"},
	{.title = "h5n1 surveillance clinics", .year = "2014"}},
    {"no title", {.names = PEOPLE, .year = "2014", .venue = "dyke letters"},
	{.names = PEOPLE, .year = "2014", .venue = "dyke letters"}},
};

static void
one_thing(void **state)
{
	(void)state;
	EXPECT_ALL(same, PARAMETER.merge, 100);
}

static void
two_things(void **state)
{
	(void)state;
	EXPECT_ALL(hard, -100, PARAMETER.merge);
}

static const struct {
	const char *what;
	struct said a, b;
	enum score_relation relation;
	bool from_b, other_family, other_language;
} relations[] = {
    {"a news item about a technology",
	{.title = "solar grain mill island communities",
	    .family = "knowledge",
	    .kind = "news"},
	{.title = "solar grain mill island communities",
	    .family = "offer",
	    .kind = "technology-offer"},
	RELATION_ABOUT, false, true, false},
    {"the same the other way round",
	{.title = "solar grain mill island communities",
	    .family = "offer",
	    .kind = "technology-offer"},
	{.title = "solar grain mill island communities",
	    .family = "knowledge",
	    .kind = "news"},
	RELATION_ABOUT, true, true, false},
    {"a project for a need",
	{.title = "cold chain vaccines remote clinics",
	    .family = "need",
	    .kind = "technology-need"},
	{.title = "cold chain vaccines remote clinics",
	    .family = "activity",
	    .kind = "project"},
	RELATION_RESPONDS_TO, true, true, false},
    {"families that have nothing in common",
	{.title = "cold chain vaccines",
	    .family = "need",
	    .kind = "technology-need"},
	{.title = "gravel filters", .family = "activity", .kind = "project"},
	RELATION_NONE, false, true, false},
    {"two editions",
	{.title = TURBINE " #1 edition", .names = PEOPLE, .year = "2008"},
	{.title = TURBINE " #2 edition", .names = PEOPLE, .year = "2012"},
	RELATION_VERSION_OF, true, false, false},
    {"a draft", {.title = "draft " TURBINE, .names = "hano", .year = "2012"},
	{.title = TURBINE, .names = "hano", .year = "2014"},
	RELATION_VERSION_OF, true, false, false},
    {"two parts are no versions", {.title = KILN " part #1", .names = PEOPLE},
	{.title = KILN " part #2", .names = PEOPLE}, RELATION_NONE, false,
	false, false},
    {"a translation without an identifier",
	{.title = "inventaire emissions fours a briques",
	    .lang = "fr",
	    .other = KILN,
	    .names = PEOPLE,
	    .year = "2014"},
	{.title = KILN, .lang = "en", .names = PEOPLE, .year = "2014"},
	RELATION_TRANSLATION_OF, false, false, true},
    {"a translated title of one text",
	{.title = "inventaire emissions fours a briques",
	    .lang = "fr",
	    .languages = "en",
	    .other = KILN,
	    .names = PEOPLE,
	    .year = "2014"},
	{.title = KILN,
	    .lang = "en",
	    .languages = "en",
	    .names = PEOPLE,
	    .year = "2014"},
	RELATION_NONE, false, false, false},
    {"a translation with the same DOI",
	{.title = "inventaire emissions fours a briques",
	    .lang = "fr",
	    .other = KILN,
	    .ids = "doi=10.5555/one"},
	{.title = KILN, .lang = "en", .ids = "doi=10.5555/one"}, RELATION_NONE,
	false, false, false},
};

static void
relations_of_two(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++) {
		struct score s;

		score_said(&s, &relations[i].a, &relations[i].b);
		if (s.relation != relations[i].relation)
			print_error(
			    "%s: %g points\n", relations[i].what, s.sum);
		assert_int_equal(s.relation, relations[i].relation);
		assert_int_equal(s.from_b, relations[i].from_b);
		assert_int_equal(s.other_family, relations[i].other_family);
		assert_int_equal(s.other_language, relations[i].other_language);
		assert_int_equal(
		    score_may_merge(&s), !s.other_family && !s.other_language);
	}
}

/* Titles in two languages without a word in common say nothing; in one
 * language they say that the records differ. */
static void
two_languages_say_nothing(void **state)
{
	struct said a = {.title = "inventaire emissions fours", .lang = "fr"};
	struct said b = {.title = "maintenance handbook", .lang = "en"};
	struct score s;

	(void)state;
	score_said(&s, &a, &b);
	assert_true(s.says_nothing);
	b.lang = "fr";
	score_said(&s, &a, &b);
	assert_false(s.says_nothing);
	b.lang = NULL;
	score_said(&s, &a, &b);
	assert_false(s.says_nothing);
	a.title = b.title = KILN;
	a.year = b.year = "2014";
	b.lang = "en";
	score_said(&s, &a, &b);
	assert_false(s.says_nothing);
}

/* A title that one curated source has again and again is boilerplate wherever
 * it stands. */
static void
boilerplate_anywhere(void **state)
{
	struct said a = {
	    .title = "daily press briefing", .source = 5, .names = "hano"};
	struct score s;

	(void)state;
	score_said(&s, &a, &a);
	assert_true(points_of(&s, SCORE_BOILERPLATE) < -300);
	a.title = "daily press notes";
	score_said(&s, &a, &a);
	assert_int_equal(points_of(&s, SCORE_BOILERPLATE), 0);
}

/* Who a record names, as it counts beside equal titles. */
static const struct {
	const char *a, *b;
	enum score_part part;
	int least, most;
} names[] = {
    {"ines barbosa", "barbosa i", SCORE_PERSONS, 1, 600},
    {"ines barbosa;tomo ueda", "barbosa ines;ueda tomo", SCORE_PERSONS, 600,
	600},
    {"al hassan farid", "farid alhassan", SCORE_PERSONS, 1, 600},
    {"ines barbosa", "tomo ueda", SCORE_PERSONS, -500, -200},
    {"s arnaud;h jaroslav", "a sahuguet;j heyrovsky", SCORE_PERSONS, 200, 200},
    {"s arnaud;h jaroslav", "a sahuguet;j novak", SCORE_PERSONS, -500, 0},
    {"s arnaud;k pavel", "a skala;p kolar", SCORE_PERSONS, 200, 200},
    {"li wu", "wu li", SCORE_PERSONS, 1, 600},
    {"o:bureau of soils", "o:bureau of soils", SCORE_CORPORATE, 200, 200},
    {"hano", "o:harbour authority of the north", SCORE_CORPORATE, 200, 200},
    {"o:institute for coastal weirs", "o:icw", SCORE_CORPORATE, 200, 200},
    {"o:institute for coastal weirs", "o:ifcw", SCORE_CORPORATE, 200, 200},
    {"o:bureau of soils", "hano", SCORE_CORPORATE, -500, -500},
    {"o:bureau of soils;ines barbosa", "o:bureau of soils;ines barbosa",
	SCORE_CORPORATE, 50, 50},
    /* "bank" makes it an organisation unless the data say otherwise */
    {"delta bank", "delta bank", SCORE_CORPORATE, 200, 200},
    {"p:bank delta", "p:delta bank", SCORE_PERSONS, 1, 600},
};

static void
names_of_two(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct said a = {.title = "water", .names = names[i].a};
		struct said b = {.title = "solar", .names = names[i].b};
		struct score s;
		int points;

		score_said(&s, &a, &b);
		points = points_of(&s, names[i].part);
		if (points < names[i].least || points > names[i].most)
			print_error("%s, %s: %d\n", a.names, b.names, points);
		assert_in_range(
		    points + 1000, names[i].least + 1000, names[i].most + 1000);
	}
}

/* One part at a time. */
static void
dates_and_identifiers(void **state)
{
	static const struct {
		struct said a, b;
		enum score_part part;
		int points;
	} rows[] = {
	    {{.year = "2014"}, {.year = "2014"}, SCORE_YEAR, 250},
	    {{.year = "2014"}, {.year = "2013"}, SCORE_YEAR, -100},
	    {{.year = "2014"}, {.year = "2012"}, SCORE_YEAR, -400},
	    {{.year = "2014"}, {.year = "1999"}, SCORE_YEAR, -650},
	    {{.year = "2014"}, {.year = NULL}, SCORE_YEAR, 0},
	    {{.year = "2014", .day = "2014-12-31"},
		{.year = "2015", .day = "2015-01-01"}, SCORE_DAY, 200},
	    {{.year = "2014", .day = "2014-03-01"},
		{.year = "2014", .day = "2014-03-01"}, SCORE_DAY, 500},
	    {{.year = "2014", .day = "2014-03-01"},
		{.year = "2014", .day = "2014-03-04"}, SCORE_DAY, -300},
	    {{.year = "2014", .day = "2014-03-01"},
		{.year = "2017", .day = "2017-03-01"}, SCORE_DAY, -650},
	    {{.year = "2014", .day = "2014-03-01", .kind = "news"},
		{.year = "2014", .day = "2014-03-04"}, SCORE_DAY, -800},
	    {{.ids = "doi=10.5555/one"}, {.ids = "doi=10.5555/one"},
		SCORE_IDENTIFIER, 1200},
	    {{.ids = "isbn=9781234567897"}, {.ids = "isbn=9781234567897"},
		SCORE_IDENTIFIER, 379}, /* 12 - 3 log2(40 / 6) */
	    {{.ids = "local=7"}, {.ids = "local=7"}, SCORE_IDENTIFIER, 0},
	    {{.ids = "patent=us1"}, {.ids = "patent=us1"}, SCORE_IDENTIFIER,
		800},
	    {{.ids = "url=https://a.example/p?utm_source=x"},
		{.ids = "url=http://a.example/p"}, SCORE_IDENTIFIER, 800},
	    {{.ids = "doi=10.5555/a"}, {.ids = "doi=10.5555/b"},
		SCORE_IDENTIFIER_DIFFERS, -500},
	    {{.ids = "doi=10.5555/a;doi=10.5555/one"},
		{.ids = "doi=10.5555/b;doi=10.5555/one"},
		SCORE_IDENTIFIER_DIFFERS, 0},
	    {{.ids = "handle=1/2"}, {.ids = "handle=1/3"},
		SCORE_IDENTIFIER_DIFFERS, 0},
	    {{.venue = "hano"}, {.venue = "harbour authority of the north"},
		SCORE_VENUE, 210},
	    {{.venue = "dyke letters"}, {.venue = "dyke letters #4"},
		SCORE_VENUE, 100},
	    {{.venue = "dyke letters"}, {.venue = "reef notes"}, SCORE_VENUE,
		-50},
	    /* An author of one that may be the publisher of the other. */
	    {{.names = "o:hano"}, {.venue = "harbour authority of the north"},
		SCORE_VENUE, 210},
	    {{.names = "o:hano"}, {.venue = "hano"}, SCORE_VENUE, 100},
	    {{.names = "o:hano"}, {.venue = "bureau of soils"}, SCORE_VENUE,
		-240},
	    {{.venue = "bureau of soils"}, {.names = "doe jane;o:hano"},
		SCORE_VENUE, -240},
	    {{.names = "o:hano"}, {.venue = "reef notes"}, SCORE_VENUE, 0},
	    {{.names = "doe jane"}, {.venue = "hano"}, SCORE_VENUE, 0},
	    {{.names = "o:hano"},
		{.names = "o:hano", .venue = "bureau of soils"}, SCORE_VENUE,
		0},
	    {{.names = "o:hano", .venue = "reef notes"},
		{.venue = "bureau of soils"}, SCORE_VENUE, -50},
	    {{.venue = "dyke letters", .venue_kind = "journal"},
		{.venue = "dyke symposium", .venue_kind = "conf"}, SCORE_KIND,
		-300},
	    {{.venue = "dyke letters", .venue_kind = "journal", .year = "2001"},
		{.venue = "dyke symposium",
		    .venue_kind = "conf",
		    .year = "2000"},
		SCORE_KIND, -600},
	    {{.kind = "event", .family = "knowledge"},
		{.kind = "publication", .family = "knowledge"}, SCORE_KIND,
		-500},
	    {{.kind = "event", .family = "knowledge"}, {.kind = NULL},
		SCORE_KIND, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct score s;

		score_said(&s, &rows[i].a, &rows[i].b);
		if (points_of(&s, rows[i].part) != rows[i].points)
			print_error(
			    "row %zu: %s\n", i, score_part_name(rows[i].part));
		assert_int_equal(points_of(&s, rows[i].part), rows[i].points);
	}
}

static void
default_kinds_are_no_evidence(void **state)
{
	struct said a = {.title = KILN, .year = "2014"};
	struct record r;
	struct profile x, y;
	struct score s;

	(void)state;
	said_record(&r, &a, "oai:one:1", &arena);
	r.kind = (struct rec_code){.code = "news", .basis = "default"};
	r.family = "knowledge";
	profile_from_record(&x, &r, 1, 1, &arena);
	profile_prepare(&x, model);
	a.kind = "technology-offer";
	a.family = "offer";
	said_profile(&y, &a, "oai:two:2", model, &arena);
	score_pair(&s, &x, &y, model);
	assert_false(s.other_family);
	assert_int_equal(points_of(&s, SCORE_KIND), 0);
	assert_true(s.sum >= PARAMETER.merge);
}

static void
words_and_json(void **state)
{
	struct said a = {.title = KILN,
	    .names = PEOPLE,
	    .year = "2014",
	    .ids = "doi=10.5555/one"};
	struct said b = {.title = KILN " @chad \"x",
	    .names = PEOPLE,
	    .year = "2015",
	    .ids = "doi=10.5555/one"};
	struct score s;
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	score_said(&s, &a, &b);
	score_words(&out, &s);
	assert_non_null(strstr(buf_str(&out), " of the titles' weight agrees"));
	assert_non_null(
	    strstr(buf_str(&out), "-3.00  place: only one says \"chad\"\n"));
	assert_non_null(strstr(buf_str(&out), "-1.00  year: 1 year apart\n"));
	assert_non_null(strstr(buf_str(&out),
	    "+12.00  identifier: both have doi \"10.5555/one\"\n"));
	assert_non_null(strstr(buf_str(&out), "together. From 8 on"));
	buf_clear(&out);
	score_json(&out, &s);
	assert_int_equal(
	    strncmp(buf_str(&out), "[{\"part\":\"title\",\"points\":", 26), 0);
	assert_non_null(strstr(buf_str(&out),
	    "{\"part\":\"place\",\"points\":-3,\"detail\":\"only one says "
	    "\\\"chad\\\"\"}"));
	buf_release(&out);
}

/* Two records of one curated source: the same thing twice? */
static void
twins(void **state)
{
	static const struct {
		struct said a, b;
		bool are_twins;
	} rows[] = {
	    {{.title = KILN, .names = PEOPLE, .year = "2014"},
		{.title = KILN, .names = PEOPLE, .year = "2014"}, true},
	    {{.title = KILN, .names = PEOPLE, .year = "2014"},
		{.title = KILN, .names = PEOPLE}, true},
	    {{.title = KILN, .names = PEOPLE, .year = "2014"},
		{.title = KILN, .year = "2014"}, true},
	    {{.title = KILN, .names = PEOPLE, .year = "2014"}, {.title = KILN},
		false},
	    {{.title = KILN, .names = PEOPLE}, {.title = KILN, .names = PEOPLE},
		false},
	    {{.title = KILN, .year = "2014"}, {.title = KILN, .year = "2014"},
		false},
	    {{.title = KILN, .names = PEOPLE, .year = "2014"},
		{.title = KILN, .names = PEOPLE, .year = "2015"}, false},
	    {{.title = KILN, .names = PEOPLE, .year = "2014"},
		{.title = KILN, .names = "mei tanaka", .year = "2014"}, false},
	    {{.title = KILN " part #1", .names = PEOPLE, .year = "2014"},
		{.title = KILN " part #2", .names = PEOPLE, .year = "2014"},
		false},
	    {{.title = KILN,
		 .names = PEOPLE,
		 .year = "2014",
		 .ids = "doi=10.5555/a"},
		{.title = KILN,
		    .names = PEOPLE,
		    .year = "2014",
		    .ids = "doi=10.5555/b"},
		false},
	    {{.title = KILN,
		 .names = PEOPLE,
		 .year = "2014",
		 .venue = "dyke letters",
		 .venue_kind = "journal"},
		{.title = KILN,
		    .names = PEOPLE,
		    .year = "2014",
		    .venue = "dyke symposium",
		    .venue_kind = "conf"},
		false},
	    {{.title = "daily press briefing",
		 .names = "mei tanaka",
		 .year = "2014"},
		{.title = "daily press briefing",
		    .names = "mei tanaka",
		    .year = "2014"},
		false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct profile x, y;

		said_profile(&x, &rows[i].a, "one", model, &arena);
		said_profile(&y, &rows[i].b, "two", model, &arena);
		if (clusters_twins(&x, &y) != rows[i].are_twins)
			print_error("row %zu\n", i);
		assert_int_equal(clusters_twins(&x, &y), rows[i].are_twins);
		assert_int_equal(clusters_twins(&y, &x), rows[i].are_twins);
	}
}

/* --- whatever two records say --- */

static uint32_t
roll(uint32_t sides)
{
	static uint32_t state = 7;

	state = state * 1664525 + 1013904223;
	return (state >> 8) % sides;
}

static const char *
some_words(const char *const *words, uint32_t count, uint32_t most)
{
	struct buf b;
	const char *out;
	uint32_t n = roll(most + 1);

	buf_init(&b, 4096);
	for (uint32_t i = 0; i < n; i++) {
		const char *word = words[roll(count)];

		if (i > 0)
			buf_addc(&b, ' ');
		if (strlen(word) > 5 && (*word & 0x80) == 0 &&
		    roll(6) == 0) /* a letter is lost */
			buf_printf(&b, "%.3s%s", word, word + 4);
		else
			buf_adds(&b, word);
	}
	out = arena_strdup(&arena, buf_str(&b));
	buf_release(&b);
	return *out ? out : NULL;
}

static void
random_said(struct said *s)
{
	static const char *const words[] = {"water", "solar", "waters", "data",
	    "base", "database", "annual", "report", "#1", "#2", "#2014", "#14",
	    "@chad", "@peru", "corrigendum", "draft", "march", "edition",
	    "okafor", "letters", "monitoring", "managements", "management",
	    "грунт", "水污", "污染"};
	static const char *const people[] = {"amina okafor", "okafor a",
	    "a okafor", "s arnaud", "a sahuguet", "hano", "luis castello",
	    "o:bureau of soils", "o:bos", "al hassan", "farid alhassan"};
	static const char *const venues[] = {NULL, "hano",
	    "harbour authority of the north", "dyke letters 14 2",
	    "proc of the dyke symposium 2014"};
	static const char *const years[] = {
	    NULL, "2012", "2013", "2014", "2014", "1999"};
	static const char *const ids[] = {NULL, NULL, "doi=10.5555/one",
	    "doi=10.5555/two;isbn=9781234567897", "isbn=9781234567897",
	    "un-symbol=A/1/2;doi=10.5555/one"};
	static const char *const langs[] = {NULL, "en", "fr"};
	static const char *const kinds[][2] = {{NULL, NULL}, {NULL, NULL},
	    {"news", "knowledge"}, {"publication", "knowledge"},
	    {"technology-offer", "offer"}, {"project", "activity"}};
	static const char *const venue_kinds[] = {NULL, "journal", "conf"};
	uint32_t kind = roll(6);
	struct buf b;

#define ONE_OF(list) ((list)[roll(sizeof(list) / sizeof(*(list)))])
	memset(s, 0, sizeof(*s));
	s->title = some_words(words, sizeof(words) / sizeof(*words), 9);
	if (s->title && roll(4) == 0)
		s->other = some_words(words, sizeof(words) / sizeof(*words), 9);
	buf_init(&b, 4096);
	for (uint32_t n = roll(4); n > 0; n--)
		buf_printf(&b, "%s;", ONE_OF(people));
	s->names = arena_strdup(&arena, buf_str(&b));
	buf_release(&b);
	s->venue = ONE_OF(venues);
	s->venue_kind = s->venue ? ONE_OF(venue_kinds) : NULL;
	s->year = ONE_OF(years);
	if (s->year && roll(3) == 0)
		s->day =
		    arena_printf(&arena, "%s-03-%02u", s->year, 1 + roll(9));
	s->ids = ONE_OF(ids);
	s->lang = ONE_OF(langs);
	s->kind = kinds[kind][0];
	s->family = kinds[kind][1];
	s->is_cut = roll(5) == 0;
	s->source = 1 + (int)roll(3);
}

static void
assert_same_score(const struct score *s, const struct score *t, bool turned)
{
	assert_int_equal(s->hundredths, t->hundredths);
	assert_true(s->sum == t->sum);
	assert_int_equal(s->count, t->count);
	for (size_t i = 0; i < s->count; i++) {
		const struct score_reason *x = &s->parts[i], *y = &t->parts[i];
		const char *of_a = turned ? y->of_b : y->of_a;

		assert_int_equal(x->part, y->part);
		assert_int_equal(x->points, y->points);
		assert_int_equal(x->count, y->count);
		assert_true(x->share == y->share && x->bits == y->bits);
		assert_int_equal(x->of_a != NULL, of_a != NULL);
		if (x->of_a)
			assert_string_equal(x->of_a, of_a);
	}
	assert_int_equal(s->other_family, t->other_family);
	assert_int_equal(s->other_language, t->other_language);
	assert_int_equal(s->says_nothing, t->says_nothing);
	assert_int_equal(s->relation, t->relation);
	if (s->relation != RELATION_NONE)
		assert_int_equal(s->from_b, t->from_b != turned);
}

/* What the evidence says, added up again from its text. */
static void
assert_adds_up(const struct score *s)
{
	bool seen[SCORE_PARTS] = {false};
	const char *at;
	struct buf out;
	double sum = 0;
	int total = 0;

	buf_init(&out, 65536);
	score_json(&out, s);
	assert_false(out.full);
	at = buf_str(&out);
	while ((at = strstr(at, "\"points\":"))) {
		at += strlen("\"points\":");
		sum += strtod(at, NULL);
	}
	for (size_t i = 0; i < s->count; i++) {
		assert_false(seen[s->parts[i].part]);
		seen[s->parts[i].part] = true;
		total += s->parts[i].points;
	}
	assert_int_equal(total, s->hundredths);
	assert_int_equal(lround(sum * 100), s->hundredths);
	assert_true(s->sum == s->hundredths / 100.0);
	buf_release(&out);
}

static void
decoded_again(struct profile *out, const struct profile *p)
{
	struct buf bytes, again;
	struct err e;

	buf_init(&bytes, LIMIT_PROFILE_BYTES);
	buf_init(&again, LIMIT_PROFILE_BYTES);
	profile_encode(&bytes, p);
	assert_false(bytes.full);
	assert_int_equal(profile_decode(out, &arena, p->source_id, p->record_id,
			     bytes.data, bytes.len, &e),
	    0);
	profile_encode(&again, out);
	assert_int_equal(bytes.len, again.len);
	assert_memory_equal(bytes.data, again.data, bytes.len);
	profile_prepare(out, model);
	buf_release(&bytes);
	buf_release(&again);
}

static void
any_two_records(void **state)
{
	unsigned merged = 0, related = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct profile x, y, z;
		struct score s, t;
		struct said a, b;

		arena_clear(&arena);
		random_said(&a);
		random_said(&b);
		if (roll(3) == 0)
			b.title = a.title;
		said_profile(&x, &a, "one", model, &arena);
		said_profile(&y, &b, roll(9) ? "two" : "one", model, &arena);
		y.record_id = 2;
		score_pair(&s, &x, &y, model);
		score_pair(&t, &y, &x, model);
		assert_same_score(&s, &t, true);
		decoded_again(&z, &x);
		score_pair(&t, &z, &y, model);
		assert_same_score(&s, &t, false);
		assert_adds_up(&s);
		merged += s.sum >= PARAMETER.merge;
		related += s.relation != RELATION_NONE;
	}
	assert_in_range(merged, 100, 19000); /* both kinds were there */
	assert_in_range(related, 100, 19000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_thing),
	    cmocka_unit_test(two_things),
	    cmocka_unit_test(relations_of_two),
	    cmocka_unit_test(two_languages_say_nothing),
	    cmocka_unit_test(boilerplate_anywhere),
	    cmocka_unit_test(names_of_two),
	    cmocka_unit_test(dates_and_identifiers),
	    cmocka_unit_test(default_kinds_are_no_evidence),
	    cmocka_unit_test(words_and_json),
	    cmocka_unit_test(twins),
	    cmocka_unit_test(any_two_records),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
