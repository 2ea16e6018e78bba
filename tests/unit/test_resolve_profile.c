/* Profiles: what is derived of a record, their bytes, and words with slips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "record_random.h"
#include "resolve/parameters.h"
#include "resolve/word.h"
#include "resolve_talk.h"

static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const struct profile_word *
word_of(const struct profile_title *t, const char *text)
{
	for (size_t i = 0; i < t->count; i++)
		if (strlen(text) == t->words[i].length &&
		    memcmp(t->words[i].text, text, t->words[i].length) == 0)
			return &t->words[i];
	return NULL;
}

static void
titles_and_names(void **state)
{
	struct said s = {
	    .title = "water #7 @viet @nam water corrigendum report",
	    .names = "o:bureau of soils;amina okafor;s arnaud;li wu",
	    .venue = "proceedings of the 22nd dyke symposium 2007",
	    .year = "2007",
	    .day = "2007-03-04",
	    .ids = "doi=10.5555/x;doi=10.5555/x;local=9;isbn=9781234567897",
	    .source = 3};
	const struct profile_title *t;
	struct model *m = talk_model(1000);
	struct profile p;

	(void)state;
	talk_words(m, "water", 4096);
	said_profile(&p, &s, "oai:x", m, &arena);
	t = &p.titles[0];
	assert_int_equal(t->count, 6);
	assert_int_equal(t->order_count, 7);
	assert_string_equal(t->squeezed, "water7vietnamwatercorrigendumreport");
	assert_int_equal(word_of(t, "#7")->flags, WORD_NUMBER);
	assert_int_equal(word_of(t, "@viet")->flags, WORD_PLACE);
	assert_int_equal(word_of(t, "corrigendum")->flags, WORD_STRONG);
	assert_true(
	    word_of(t, "@nam")->bare == profile_hash(HASH_WORD, "nam", 3));
	/* log2(16384 / 4096), and as much as a word may have */
	assert_true(word_of(t, "water")->weight == 2);
	assert_true(word_of(t, "report")->weight == 12);
	for (size_t i = 1; i < t->count; i++)
		assert_true(t->words[i - 1].hash < t->words[i].hash);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(t->order[i] < t->count, 1);
	assert_int_equal(p.name_count, 4);
	assert_true(p.names[0].is_corporate && !p.names[1].is_corporate);
	/* bureau, soils; amina, okafor; arnaud; li and wu, who has no more */
	assert_int_equal(p.name_word_count, 7);
	assert_int_equal(p.names[2].initial, 's');
	assert_int_equal(p.names[2].beside_length, 6);
	/* #22, dyke, #2007, symposium, proceedings */
	assert_int_equal(p.venue_word_count, 5);
	assert_true(
	    p.venue_hash == profile_hash(HASH_VENUE,
				"proceedings of the nd dyke symposium", 36));
	assert_int_equal(p.year, 2007);
	assert_int_equal(p.day, 13576);
	assert_int_equal(p.id_count, 2); /* one DOI, and nothing local */
	talk_free(m);
}

static void
says_who_it_is(void **state)
{
	struct said s = {.title = "x", .ids = "doi=10.5555/x"};
	struct rec_link links[] = {
	    {.role = "landing", .url = "https://a.example/p?utm_source=mail"},
	    {.role = "landing", .url = "https://doi.org/10.5555/x"},
	    {.role = "image", .url = "https://a.example/i.png"}};
	struct profile p;
	struct record r;
	unsigned found = 0;

	(void)state;
	said_record(&r, &s, "oai:b:2", &arena);
	r.identifier_basis = "oai";
	r.origin.identifier = "oai:a:1";
	r.links.items = links;
	r.links.count = 3;
	profile_from_record(&p, &r, 1, 1, &arena);
	assert_int_equal(p.id_count, 4);
	for (size_t i = 0; i < p.id_count; i++) {
		found += strcmp(p.ids[i].value, "oai:a:1") == 0;
		found += strcmp(p.ids[i].value, "oai:b:2") == 0;
		found += strcmp(p.ids[i].value, "a.example/p") == 0;
	}
	assert_int_equal(found, 3);
}

static void
too_much_is_left_out(void **state)
{
	struct profile p, q;
	struct record r;
	struct said s = {.year = "2014"};
	struct buf title, bytes, again;
	struct err e;

	(void)state;
	buf_init(&title, MIB);
	for (unsigned i = 0; i < 300; i++)
		buf_printf(&title, "w%u ", i);
	title.data[title.len - 1] = '\0';
	s.title = s.other = title.data;
	said_record(&r, &s, "x", &arena);
	for (unsigned i = 0; i < 2 * LIMIT_PROFILE_IDS; i++) {
		struct rec_id *id = record_add(&arena, &r.identifiers);

		id->scheme = "urn";
		id->value = arena_printf(&arena, "urn:x:%u%0*d", i,
		    i == 0 ? (int)LIMIT_PROFILE_ID_BYTES : 900, 1);
	}
	for (unsigned i = 0; i < LIMIT_MATCH_NAMES; i++) {
		struct rec_match_name *name =
		    record_add(&arena, &r.match.names);

		name->text = arena_printf(&arena, "nabo%c mabo%c sabo%c",
		    'a' + (int)i, 'a' + (int)i, 'a' + (int)i);
	}
	profile_from_record(&p, &r, 1, 1, &arena);
	assert_int_equal(p.titles[0].count, LIMIT_PROFILE_WORDS);
	assert_int_equal(p.titles[0].order_count, LIMIT_PROFILE_WORDS);
	assert_int_equal(p.id_count, LIMIT_PROFILE_IDS);
	assert_int_equal(p.name_count, LIMIT_MATCH_NAMES);
	assert_int_equal(p.name_word_count, LIMIT_PROFILE_WORDS);
	buf_init(&bytes, LIMIT_PROFILE_BYTES);
	buf_init(&again, LIMIT_PROFILE_BYTES);
	profile_encode(&bytes, &p);
	assert_false(bytes.full);
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e), 0);
	profile_encode(&again, &q);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
	buf_release(&title);
	buf_release(&bytes);
	buf_release(&again);
}

/* Whatever a parser sends. */
static void
any_record(void **state)
{
	struct dice dice = {11};

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct profile p, q;
		struct buf bytes, again;
		struct record r;
		struct err e;

		arena_clear(&arena);
		random_record(&r, &arena, &dice);
		profile_from_record(&p, &r, 1, 1, &arena);
		buf_init(&bytes, LIMIT_PROFILE_BYTES);
		buf_init(&again, LIMIT_PROFILE_BYTES);
		profile_encode(&bytes, &p);
		assert_false(bytes.full);
		assert_int_equal(
		    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e),
		    0);
		profile_encode(&again, &q);
		assert_int_equal(again.len, bytes.len);
		assert_memory_equal(again.data, bytes.data, bytes.len);
		buf_release(&bytes);
		buf_release(&again);
	}
}

static void
other_bytes_are_refused(void **state)
{
	struct said s = {.title = "water report",
	    .names = "amina okafor",
	    .venue = "dyke letters",
	    .year = "2014",
	    .ids = "doi=10.5555/x",
	    .kind = "news",
	    .family = "knowledge"};
	struct record r;
	struct profile p, q;
	struct buf bytes;
	struct err e;
	uint8_t *copy;

	(void)state;
	said_record(&r, &s, "x", &arena);
	profile_from_record(&p, &r, 1, 1, &arena);
	buf_init(&bytes, LIMIT_PROFILE_BYTES);
	profile_encode(&bytes, &p);
	for (size_t n = 0; n < bytes.len; n++) {
		copy = malloc(n ? n : 1);
		memcpy(copy, bytes.data, n);
		assert_int_equal(
		    profile_decode(&q, &arena, 1, 1, copy, n, &e), -1);
		free(copy);
	}
	buf_addc(&bytes, '\0');
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e), -1);
	bytes.len--;
	*bytes.data = PROFILE_VERSION + 1;
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e), -1);
	assert_non_null(strstr(e.text, "another version"));
	*bytes.data = PROFILE_VERSION;
	/* the title, no longer UTF-8 */
	copy = memmem(bytes.data, bytes.len, "water", 5);
	copy[1] = 0xFF;
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e), -1);
	copy[1] = '\0';
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, bytes.data, bytes.len, &e), -1);
	buf_release(&bytes);
	copy = calloc(1, LIMIT_PROFILE_BYTES + 1);
	assert_int_equal(
	    profile_decode(&q, &arena, 1, 1, copy, LIMIT_PROFILE_BYTES + 1, &e),
	    -1);
	assert_int_equal(e.class, ERR_LIMIT);
	free(copy);
}

/* --- slips of the pen --- */

/* Optimal string alignment in full, over bytes. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned d[32][32];
	size_t la = strlen(a), lb = strlen(b);

	for (size_t i = 0; i <= la; i++) {
		for (size_t j = 0; j <= lb; j++) {
			unsigned v = (unsigned)(i + j);

			if (i > 0 && d[i - 1][j] + 1 < v)
				v = d[i - 1][j] + 1;
			if (j > 0 && d[i][j - 1] + 1 < v)
				v = d[i][j - 1] + 1;
			if (i > 0 && j > 0 &&
			    d[i - 1][j - 1] + (a[i - 1] != b[j - 1]) < v)
				v = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < v)
				v = d[i - 2][j - 2] + 1;
			d[i][j] = v;
		}
	}
	return d[la][lb];
}

static void
near_is_what_the_distance_says(void **state)
{
	struct dice dice = {5};
	unsigned near = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		char a[16], b[16];
		unsigned la = dice_roll(&dice, 11), lb = dice_roll(&dice, 11);
		unsigned letters = 2 + dice_roll(&dice, 3), d;

		for (unsigned k = 0; k < la; k++)
			a[k] = (char)('a' + dice_roll(&dice, letters));
		for (unsigned k = 0; k < lb; k++)
			b[k] = (char)('a' + dice_roll(&dice, letters));
		a[la] = b[lb] = '\0';
		d = distance(a, b);
		if (text_near(a, la, b, lb, 1) != (d <= 1) ||
		    text_near(a, la, b, lb, 2) != (d <= 2))
			print_error("%s %s: %u\n", a, b, d);
		assert_int_equal(text_near(a, la, b, lb, 1), d <= 1);
		assert_int_equal(text_near(a, la, b, lb, 2), d <= 2);
		near += d <= 2;
	}
	assert_in_range(near, 1000, 199000);
}

static void
likeness(void **state)
{
	const struct {
		const char *a, *b;
		double like;
	} rows[] = {
	    {"managment", "management", PARAMETER.near_word},
	    {"mangement", "managements", PARAMETER.far_word},
	    {"managemetn", "management", PARAMETER.near_word},
	    {"water", "waterways", PARAMETER.begun_word},
	    {"wat", "water", 0},
	    {"kiln", "klin", PARAMETER.near_word},
	    {"kiln", "mill", 0},
	    {"niger", "nigeria", PARAMETER.begun_word},
	    {"@niger", "@nigeria", 0},
	    {"#2011", "#2012", 0},
	    {"h1n1v", "h5n1v", 0},
	    {"засуха", "засухи", PARAMETER.near_word},
	    {"засуха", "пожары", 0},
	    {"水污染防治", "水污染防止", PARAMETER.near_word},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct profile_word a, b;

		word_make(&a, rows[i].a, strlen(rows[i].a));
		word_make(&b, rows[i].b, strlen(rows[i].b));
		if (word_likeness(&a, &b) != rows[i].like)
			print_error("%s, %s\n", rows[i].a, rows[i].b);
		assert_true(word_likeness(&a, &b) == rows[i].like);
		assert_true(word_likeness(&b, &a) == rows[i].like);
	}
}

static void
every_parameter_is_explained(void **state)
{
#define SENTENCE(name, value, sentence) {#name, sentence},
	static const struct {
		const char *name, *sentence;
	} rows[] = {PARAMETERS(SENTENCE)};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_true(strlen(rows[i].sentence) > 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(titles_and_names),
	    cmocka_unit_test(says_who_it_is),
	    cmocka_unit_test(too_much_is_left_out),
	    cmocka_unit_test(any_record),
	    cmocka_unit_test(other_bytes_are_refused),
	    cmocka_unit_test(near_is_what_the_distance_says),
	    cmocka_unit_test(likeness),
	    cmocka_unit_test(every_parameter_is_explained),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
