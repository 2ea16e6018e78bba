/* Which words of a record ought to be known, and which are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/terms.h"

static void
note(void *arg, enum term_field f, const char *text, bool is_mapped)
{
	buf_printf(
	    arg, "%s %s%s\n", term_field_name(f), text, is_mapped ? "" : " ?");
}

static void
expect(const struct record *r, const char *lines, unsigned terms,
    unsigned unmapped)
{
	struct term_counts c = record_count_terms(r);
	struct buf said;

	buf_init(&said, 4096);
	record_each_term(r, note, &said);
	assert_string_equal(buf_str(&said), lines);
	assert_int_equal(c.terms, terms);
	assert_int_equal(c.unmapped, unmapped);
	buf_release(&said);
}

static void
terms(void **state)
{
	struct rec_type types[] = {
	    {"Report", NULL, NULL}, {"PeerReviewed", NULL, NULL}};
	struct rec_code languages[] = {{.code = "en", .term = "eng"}};
	struct rec_code countries[] = {
	    {.code = "KEN", .term = "Kenya"}, {.code = "UGA"}};
	const char *coverage[] = {"Nairobi", "2010-2015", "-1.3, 36.8",
	    "northlimit=1; southlimit=0", "Абуджа"};
	struct rec_subject subjects[] = {{.text = "Climate"}};
	struct rec_warning warnings[] = {
	    {"language-unknown", "language: xyz is no code or name known"},
	    {"country-unknown", "country: Ruritania is no name or code known"},
	    {"language-unknown", "language: a very long …"},
	    {"date-unknown", "date: language: x is no date"},
	    {"language-unknown", NULL}};
	struct record r = {.types = {types, 2, 2},
	    .languages = {languages, 1, 1},
	    .countries = {countries, 2, 2},
	    .coverage = {coverage, 5, 5},
	    .subjects = {subjects, 1, 1},
	    .warnings = {warnings, 5, 5}};
	const char rest[] = "language eng\nlanguage xyz ?\ncountry Kenya\n"
			    "country UGA\ncountry Ruritania ?\n"
			    "country Nairobi ?\ncountry Абуджа ?\n"
			    "subject Climate ?\n";
	char all[400];

	(void)state;
	/* no kind, or that of the source: its types say nothing */
	snprintf(
	    all, sizeof(all), "type Report ?\ntype PeerReviewed ?\n%s", rest);
	expect(&r, all, 9, 6);
	r.kind.code = "publication";
	r.kind.basis = "default";
	expect(&r, all, 9, 6);
	r.kind.basis = "mapped";
	snprintf(all, sizeof(all), "type Report\ntype PeerReviewed\n%s", rest);
	expect(&r, all, 9, 4);
	expect(&(struct record){0}, "", 0, 0);
}

/* A term that its warning has cut is none. */
static void
cut_terms(void **state)
{
	char text[200] = "language: ";
	struct rec_warning w = {"language-unknown", text};
	struct record r = {.warnings = {&w, 1, 1}};

	(void)state;
	memset(text + 10, 'a', 100);
	strcpy(text + 110, " is no code or name known");
	expect(&r, "", 0, 0);
	strcpy(text + 109, " is no code or name known");
	assert_int_equal(record_count_terms(&r).unmapped, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(terms),
	    cmocka_unit_test(cut_terms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
