/* resolve: an entry composed of its records, by tables; and that the order in
 * which records come says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "resolve/compose.h"
#include "resolve/compose_priv.h"

static struct arena arena;

static int64_t
at(const char *text)
{
	enum granularity g;
	int64_t us;

	assert_int_equal(date_parse(text, &us, &g), 0);
	return us;
}

/* --- a small registry --- */
enum { MOST = 8 };
static struct compose_source sources[MOST];
static struct record contents[MOST];
static struct compose_record records[MOST];
static struct compose_input in;

static const char *
agency(void *arg, const char *name)
{
	(void)arg;
	return !strcmp(name, "World Bank") ? "worldbank" : NULL;
}

static const char *
family(void *arg, const char *kind)
{
	(void)arg;
	return !strcmp(kind, "technology-need")	   ? "need"
	       : !strcmp(kind, "technology-offer") ? "offer"
	       : !strcmp(kind, "publication")	   ? "knowledge"
						   : NULL;
}

/* n records of sources s0, s1, …, all of the same day. */
static void
begin(size_t n)
{
	static const char *const names[MOST] = {
	    "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};
	static const char *const agencies[MOST] = {
	    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"};

	arena_clear(&arena);
	memset(sources, 0, sizeof(sources));
	memset(contents, 0, sizeof(contents));
	for (size_t i = 0; i < n; i++) {
		sources[i].source_id = (int32_t)i;
		sources[i].name = names[i];
		sources[i].agency = agencies[i];
		records[i] = (struct compose_record){(int64_t)(100 + i),
		    &sources[i], names[i], at("2024-01-01"),
		    at("2024-02-01") + (int64_t)i, &contents[i]};
	}
	in = (struct compose_input){.records = records,
	    .record_count = n,
	    .world = {NULL, agency, family},
	    .now = at("2025-06-15T12:00:00Z")};
}

static void
title(size_t i, const char *text)
{
	*(struct rec_text *)record_add(&arena, &contents[i].titles) =
	    (struct rec_text){.text = text, .role = "main"};
}

static void
kind(size_t i, const char *code, const char *basis)
{
	contents[i].kind.code = code;
	contents[i].kind.basis = basis;
	contents[i].family = family(NULL, code);
}

static void
date(size_t i, const char *role, const char *value)
{
	*(struct rec_date *)record_add(&arena, &contents[i].dates) =
	    (struct rec_date){.role = role, .value = value};
}

static void
agent(size_t i, const char *role, const char *name)
{
	*(struct rec_agent *)record_add(&arena, &contents[i].agents) =
	    (struct rec_agent){.role = role, .name = name, .kind = "person"};
}

static void
trust(size_t i, const char *text)
{
	struct err e;

	assert_int_equal(trust_read(&sources[i].trust, text, &e), 0);
}

static struct composed
make(void)
{
	struct composed c;

	compose(&c, &in, &arena);
	return c;
}

static void
assert_field(enum entry_field f, const char *value, int64_t record_id)
{
	struct composed c = make();

	if (value == NULL)
		assert_null(c.fields[f].value);
	else
		assert_string_equal(c.fields[f].value, value);
	if (value != NULL)
		assert_int_equal(c.fields[f].record_id, record_id);
}

/* --- who wins --- */
static void
test_the_rule(void **state)
{
	(void)state;
	begin(3);
	title(0, "zero");
	title(1, "one");
	title(2, "two");
	/* Nothing tells: the first by source. */
	assert_field(ENTRY_TITLE, "zero", 100);
	/* The newer datestamp. */
	records[1].datestamp = at("2024-01-02");
	assert_field(ENTRY_TITLE, "one", 101);
	/* The record that says more. */
	agent(2, "author", "Somebody");
	assert_field(ENTRY_TITLE, "two", 102);
	/* The more complete value. */
	contents[2].titles.items[0].text = "two and a h...";
	assert_field(ENTRY_TITLE, "one", 101);
	/* Trust, before all else. */
	trust(2, "1");
	assert_field(ENTRY_TITLE, "two and a h...", 102);
	trust(0, "-1, title = 2");
	assert_field(ENTRY_TITLE, "zero", 100);
}

static void
test_declared_goes_before_mapped(void **state)
{
	static const char *const order[] = {
	    "declared", "mapped", "rule", "default", "detected"};

	(void)state;
	for (size_t a = 0; a < 5; a++) {
		for (size_t b = 0; b < 5; b++) {
			if (a == b)
				continue;
			begin(2);
			kind(0, "publication", order[a]);
			kind(1, "technology-need", order[b]);
			assert_field(ENTRY_KIND,
			    a < b ? "publication" : "technology-need",
			    a < b ? 100 : 101);
			assert_string_equal(
			    make().family, a < b ? "knowledge" : "need");
		}
	}
	begin(1);
	assert_string_equal(make().family, "unassigned");
}

static void
test_fields_come_from_different_records(void **state)
{
	struct composed c;

	(void)state;
	begin(2);
	title(0, "Pumps");
	date(0, "issued", "2019");
	date(1, "issued", "2019-05-03");
	kind(1, "publication", "mapped");
	contents[1].access = "open";
	contents[0].trl_min = "4";
	contents[0].trl_max = "6";
	c = make();
	assert_int_equal(c.fields[ENTRY_TITLE].record_id, 100);
	assert_string_equal(c.issued, "2019-05-03");
	assert_string_equal(c.issued_precision, "day");
	assert_int_equal(c.fields[ENTRY_ISSUED].record_id, 101);
	assert_string_equal(c.fields[ENTRY_ACCESS].value, "open");
	assert_int_equal(c.trl_min, 4);
	assert_int_equal(c.trl_max, 6);
	assert_int_equal(c.first_seen, at("2024-02-01"));
	/* The less exact one, where it is trusted more. */
	trust(0, "issued = 1");
	c = make();
	assert_string_equal(c.issued, "2019-01-01");
	assert_string_equal(c.issued_precision, "year");
}

/* --- lists --- */
static void
code(size_t i, const char *value, const char *role, const char *basis)
{
	*(struct rec_code *)record_add(&arena, &contents[i].countries) =
	    (struct rec_code){.code = value, .role = role, .basis = basis};
}

static void
test_lists_are_unions(void **state)
{
	struct composed c;

	(void)state;
	begin(2);
	title(0, "Pumps for farms");
	title(1, "Pumps, for FARMS.");
	title(1, "Pompes");
	agent(0, "author", "Adeyemi, Folake");
	agent(1, "author", "ADEYEMI Folake");
	agent(1, "editor", "Adeyemi, Folake");
	code(0, "KEN", "about", "detected");
	code(1, "KEN", "about", "declared");
	code(1, "KEN", "origin", NULL);
	code(1, "FJI", "about", NULL);
	date(1, "created", "2019");
	c = make();
	/* s1 says more, so its values stand first. */
	assert_int_equal(c.titles.count, 2);
	assert_string_equal(c.titles.items[0].v.text, "Pumps, for FARMS.");
	assert_int_equal(c.titles.items[0].record_id, 101);
	assert_string_equal(c.titles.items[1].v.text, "Pompes");
	assert_int_equal(c.agents.count, 2);
	assert_int_equal(c.codes[AXIS_COUNTRY].count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c.codes[AXIS_COUNTRY].items[i].record_id, 101);
	assert_int_equal(c.code_names[AXIS_COUNTRY].count, 2);
	assert_string_equal(c.code_names[AXIS_COUNTRY].items[0], "FJI");
	assert_string_equal(c.code_names[AXIS_COUNTRY].items[1], "KEN");
	assert_int_equal(c.sources.count, 2);
	assert_string_equal(c.sources.items[0], "s0");
}

static void
test_whose_it_is(void **state)
{
	struct composed c;

	(void)state;
	begin(2);
	agent(0, "publisher", "World Bank");
	agent(1, "publisher", "Somebody else");
	c = make();
	assert_int_equal(c.agencies.count, 2);
	assert_string_equal(c.agencies.items[0], "a1");
	assert_string_equal(c.agencies.items[1], "worldbank");
	/* An author is no owner. */
	begin(1);
	agent(0, "author", "World Bank");
	c = make();
	assert_string_equal(c.agencies.items[0], "a0");
}

static void
test_lists_are_bounded(void **state)
{
	struct composed c;

	(void)state;
	begin(MOST);
	for (size_t i = 0; i < MOST; i++) {
		for (int k = 0; k < 500; k++) {
			agent(i, "author",
			    arena_printf(&arena, "Name %zu-%d", i, k));
			code(i, arena_printf(&arena, "c%zu-%d", i, k), "about",
			    NULL);
		}
	}
	c = make();
	assert_int_equal(c.agents.count, LIMIT_COMPOSED_VALUES);
	assert_int_equal(c.codes[AXIS_COUNTRY].count, LIMIT_COMPOSED_CODES);
}

/* --- time --- */
struct closing {
	const char *kind, *role, *value, *status; /* of the record */
	const char *expected, *due; /* NULL: none */
};

static void
test_what_time_closes(void **state)
{
	/* It is 2025-06-15, noon. */
	static const struct closing cases[] = {
	    {"technology-need", "deadline", "2025-06-14", NULL, "closed", NULL},
	    {"technology-need", "deadline", "2025-06-15", NULL, "open",
		"2025-06-16"},
	    {"technology-need", "deadline", "2025-06", "open", "open",
		"2025-07-01"},
	    {"technology-need", "deadline", "2025-06-15T11:59:59Z", "open",
		"closed", NULL},
	    {"technology-need", "deadline", "2025-06-15T12:00:01Z", "planned",
		"planned", "2025-06-15T12:00:01Z"},
	    {"technology-offer", "valid-until", "2025", NULL, "open",
		"2026-01-01"},
	    {"technology-offer", "valid-until", "2024", "active", "closed",
		NULL},
	    {"technology-need", "deadline", "2024", "fulfilled", "fulfilled",
		NULL},
	    {"publication", "deadline", "2024", NULL, NULL, NULL},
	    {"technology-need", "issued", "2024", NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct closing *x = &cases[i];
		struct composed c;

		begin(1);
		kind(0, x->kind, "declared");
		date(0, x->role, x->value);
		contents[0].status = x->status;
		c = make();
		if (x->expected == NULL)
			assert_null(c.fields[ENTRY_STATUS].value);
		else
			assert_string_equal(
			    c.fields[ENTRY_STATUS].value, x->expected);
		assert_int_equal(
		    c.due, x->due != NULL ? at(x->due) : DATE_NONE);
	}
}

static void
test_what_expires(void **state)
{
	struct composed c;

	(void)state;
	begin(2);
	kind(0, "publication", NULL);
	sources[0].expire_us = INT64_C(86400000000) * 30;
	/* One of two never does. */
	c = make();
	assert_null(c.fields[ENTRY_STATUS].value);
	assert_int_equal(c.due, DATE_NONE);
	/* The last one to expire counts, by the newer of issued and datestamp.
	 */
	sources[1].expire_us = sources[0].expire_us;
	date(1, "issued", "2025-06-01");
	c = make();
	assert_null(c.fields[ENTRY_STATUS].value);
	assert_int_equal(c.due, at("2025-07-01"));
	in.now = at("2025-07-01");
	c = make();
	assert_string_equal(c.fields[ENTRY_STATUS].value, "ended");
	assert_int_equal(c.due, DATE_NONE);
}

static void
test_periods(void **state)
{
	static const struct {
		const char *value, *first, *last, *behind;
	} cases[] = {
	    {"2024", "2024-01-01", "2024-12-31", "2025-01-01"},
	    {"2024-02", "2024-02-01", "2024-02-29", "2024-03-01"},
	    {"2024-12-31", "2024-12-31", "2024-12-31", "2025-01-01"},
	    {"2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z",
		"2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"},
	    {"2023-02-29", NULL, NULL, NULL},
	    {"0000", NULL, NULL, NULL},
	    {"24", NULL, NULL, NULL},
	    {"2024-", NULL, NULL, NULL},
	    {"2024-13", NULL, NULL, NULL},
	    {"soon", NULL, NULL, NULL},
	};
	int64_t first, last, behind;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool ok =
		    compose_period(cases[i].value, &first, &last, &behind);

		assert_int_equal(ok, cases[i].first != NULL);
		if (!ok)
			continue;
		assert_int_equal(first, at(cases[i].first));
		assert_int_equal(last, at(cases[i].last));
		assert_int_equal(behind, at(cases[i].behind));
	}
	begin(1);
	date(0, "deadline", "soon");
	kind(0, "technology-need", NULL);
	assert_field(ENTRY_DEADLINE, NULL, 0);
}

/* --- operators --- */
static void
test_an_operators_word_goes_first(void **state)
{
	struct compose_set sets[] = {
	    {ENTRY_TITLE, "As it is called", 101, 5},
	    {ENTRY_TITLE, "As it was called", 100, 4},
	    {ENTRY_COUNTRIES, "KEN, FJI  042", 100, 1},
	    {ENTRY_STATUS, "open", 100, 1},
	    {ENTRY_ABSTRACT, "", 100, 1},
	    {ENTRY_KIND, "technology-offer", 100, 1},
	};
	struct composed c;

	(void)state;
	begin(2);
	title(0, "Pumps");
	title(1, "As it is called");
	contents[1].titles.items[0].lang = "en";
	*(struct rec_text *)record_add(&arena, &contents[0].abstracts) =
	    (struct rec_text){.text = "Wrong."};
	kind(0, "technology-need", "declared");
	date(0, "deadline", "2024");
	code(0, "DEU", "about", "declared");
	in.sets = sets;
	in.set_count = sizeof(sets) / sizeof(*sets);
	c = make();
	assert_string_equal(c.fields[ENTRY_TITLE].value, "As it is called");
	assert_true(c.fields[ENTRY_TITLE].is_set);
	assert_null(c.fields[ENTRY_TITLE_LANG].value);
	assert_int_equal(c.titles.count, 2);
	assert_string_equal(c.titles.items[0].v.text, "As it is called");
	assert_null(c.fields[ENTRY_ABSTRACT].value);
	assert_string_equal(c.fields[ENTRY_STATUS].value, "open");
	assert_int_equal(c.due, DATE_NONE);
	assert_string_equal(c.family, "offer");
	assert_int_equal(c.codes[AXIS_COUNTRY].count, 3);
	assert_string_equal(c.code_names[AXIS_COUNTRY].items[0], "042");
	assert_string_equal(c.codes[AXIS_COUNTRY].items[0].v.basis, "operator");
	assert_int_equal(c.codes[AXIS_COUNTRY].items[0].record_id, 100);
}

/* --- persons --- */
static void
test_contacts(void **state)
{
	static const struct {
		const char *given, *left; /* NULL: nothing */
	} cases[] = {
	    {"Jane Doe", "Jane Doe"},
	    {"Jane Doe <jane.doe@example.org>", "Jane Doe"},
	    {"jane@example.org", NULL},
	    {"Jane Doe (jane@example.org)", "Jane Doe"},
	    {"Jane Doe, tel. +41 22 917 12 34", "Jane Doe"},
	    {"Jane Doe; Phone: 917 1234", "Jane Doe"},
	    {"Jane Doe, +254-20-762-1234, UNEP", "Jane Doe, UNEP"},
	    {"Jane Doe (022) 917 12 34 56", "Jane Doe"},
	    {"Tel: +1 202 473 1000", NULL},
	    /* No numbers of telephones. */
	    {"Doe, Jane, 1950-2020", "Doe, Jane, 1950-2020"},
	    {"Group of 77", "Group of 77"},
	    {"Decree 1234567 of 2020", "Decree 1234567 of 2020"},
	    {"0000-0002-1825-0097", "0000-0002-1825-0097"},
	    {"ISO/IEC JTC 1/SC 27", "ISO/IEC JTC 1/SC 27"},
	    {"a@b", "a@b"},
	    {"@unep", "@unep"},
	    {"Hotel 123456", "Hotel 123456"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *left =
		    compose_without_contacts(&arena, cases[i].given);

		if (cases[i].left == NULL)
			assert_null(left);
		else
			assert_string_equal(left, cases[i].left);
	}
	assert_null(compose_without_contacts(&arena, NULL));
}

static void
link_to(size_t i, const char *url)
{
	*(struct rec_link *)record_add(&arena, &contents[i].links) =
	    (struct rec_link){.role = "related", .url = url};
}

static void
test_contacts_are_published_where_the_source_says_so(void **state)
{
	struct composed c;

	(void)state;
	begin(1);
	agent(0, "contact", "Jane Doe <jane@example.org>");
	agent(0, "publisher", "Press <press@example.org>");
	agent(0, "contact", "joe@example.org");
	link_to(0, "mailto:jane@example.org");
	link_to(0, "https://example.org/");
	c = make();
	assert_int_equal(c.agents.count, 2);
	assert_string_equal(c.agents.items[0].v.name, "Jane Doe");
	assert_string_equal(c.fields[ENTRY_PUBLISHER].value, "Press");
	assert_int_equal(c.links.count, 1);
	sources[0].contacts = true;
	c = make();
	assert_int_equal(c.agents.count, 3);
	assert_string_equal(
	    c.agents.items[0].v.name, "Jane Doe <jane@example.org>");
	assert_int_equal(c.links.count, 2);
}

/* --- trust as it is written --- */
static void
test_trust(void **state)
{
	static const char *const wrong[] = {"high", "11", "-11", "3 title",
	    "titel = 3", "title =", "= 3", "1,,2", "title = 3 4", "1.5",
	    "title = 100"};
	struct trust t = {{0}};
	struct err e;

	(void)state;
	assert_int_equal(trust_read(&t, "", &e), 0);
	assert_int_equal(t.of[ENTRY_TITLE], 0);
	assert_int_equal(
	    trust_read(&t, "title = 7, 2 , abstract=-4,\tsubjects = +1", &e),
	    0);
	/* What comes later goes over what came before. */
	assert_int_equal(t.of[ENTRY_TITLE], 2);
	assert_int_equal(t.of[ENTRY_ABSTRACT], -4);
	assert_int_equal(t.of[ENTRY_SUBJECTS], 1);
	assert_int_equal(t.of[ENTRY_KIND], 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		e.text[0] = '\0';
		assert_int_equal(trust_read(&t, wrong[i], &e), -1);
		assert_non_null(strstr(e.text, "expected"));
	}
	for (int f = 0; f < ENTRY_FIELDS; f++) {
		const char *name = entry_field_name((enum entry_field)f);

		assert_int_equal(entry_field_parse(name, strlen(name)), f);
	}
}

/* --- order --- */
static uint64_t drawn;
static size_t
below(size_t n)
{
	uint64_t x = drawn += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (size_t)((x ^ x >> 31) % n);
}

static void
fill(size_t n)
{
	static const char *const texts[] = {"Pumps", "pumps", "Wells...",
	    "A longer title of a report", "\xe6\xb0\xb4"};
	static const char *const values[] = {
	    "2019", "2019-05", "2019-05-01", "soon", "2030-01-01"};
	static const char *const roles[] = {
	    "issued", "start", "deadline", "valid-until", "end"};
	static const char *const codes[] = {"KEN", "FJI", "001"};
	static const char *const bases[] = {NULL, "mapped", "rule", "detected"};

	begin(n);
	for (size_t i = 0; i < n; i++) {
		if (below(3) == 0)
			sources[i].trust.of[below(ENTRY_FIELDS)] =
			    (signed char)below(3);
		records[i].datestamp += (int64_t)below(2) * 1000000;
		for (size_t k = below(3); k > 0; k--) {
			title(i, texts[below(5)]);
			date(i, roles[below(5)], values[below(5)]);
			code(i, codes[below(3)], "about", bases[below(4)]);
			agent(i, below(2) ? "author" : "publisher",
			    texts[below(5)]);
		}
		if (below(2))
			kind(i, below(2) ? "publication" : "technology-need",
			    bases[below(4)]);
	}
}

static void
test_order_says_nothing(void **state)
{
	uint8_t first[DIGEST_BYTES], second[DIGEST_BYTES];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = 1 + below(MOST);
		struct composed c;

		fill(n);
		c = make();
		composed_digest(first, &c);
		for (size_t i = n - 1; i > 0; i--) {
			size_t k = below(i + 1);
			struct compose_record x = records[i];

			records[i] = records[k];
			records[k] = x;
		}
		c = make();
		composed_digest(second, &c);
		assert_memory_equal(first, second, DIGEST_BYTES);
	}
}

static void
test_the_digest_sees_everything(void **state)
{
	uint8_t first[DIGEST_BYTES], second[DIGEST_BYTES];
	struct composed c;

	(void)state;
	begin(1);
	title(0, "Pumps");
	agent(0, "author", "Somebody");
	code(0, "KEN", "about", NULL);
	date(0, "issued", "2019");
	c = make();
	composed_digest(first, &c);
#define DIFFERS(change)                                                        \
	do {                                                                   \
		struct composed was = c;                                       \
		change;                                                        \
		composed_digest(second, &c);                                   \
		assert_memory_not_equal(first, second, DIGEST_BYTES);          \
		c = was;                                                       \
	} while (0)
	DIFFERS(c.fields[ENTRY_TITLE].value = "Pump");
	DIFFERS(c.fields[ENTRY_TITLE].record_id = 101);
	DIFFERS(c.fields[ENTRY_URL].is_set = true);
	DIFFERS(c.due = 1);
	DIFFERS(c.record_count = 2);
	DIFFERS(c.agents.count = 0);
	DIFFERS(c.codes[AXIS_COUNTRY].count = 0);
	DIFFERS(c.dates.count = 0);
	DIFFERS(c.titles.count = 0);
	DIFFERS(c.agencies.count = 0);
#undef DIFFERS
	composed_digest(second, &c);
	assert_memory_equal(first, second, DIGEST_BYTES);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rule),
	    cmocka_unit_test(test_declared_goes_before_mapped),
	    cmocka_unit_test(test_fields_come_from_different_records),
	    cmocka_unit_test(test_lists_are_unions),
	    cmocka_unit_test(test_whose_it_is),
	    cmocka_unit_test(test_lists_are_bounded),
	    cmocka_unit_test(test_what_time_closes),
	    cmocka_unit_test(test_what_expires),
	    cmocka_unit_test(test_periods),
	    cmocka_unit_test(test_an_operators_word_goes_first),
	    cmocka_unit_test(test_contacts),
	    cmocka_unit_test(
		test_contacts_are_published_where_the_source_says_so),
	    cmocka_unit_test(test_trust),
	    cmocka_unit_test(test_order_says_nothing),
	    cmocka_unit_test(test_the_digest_sees_everything),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
