/* Which records a selection keeps; its mistakes are test_config_read's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "crosswalk/keep.h"

/* A record by its values: "k:event" kind, "t:", "l:", "s:" the others; "c:" the
 * code of the type before it. */
static void
make(struct record *r, struct arena *a, const char *const *values)
{
	memset(r, 0, sizeof(*r));
	for (; *values != NULL; values++) {
		const char *v = *values + 2;

		switch (**values) {
		case 'k':
			r->kind.code = v;
			break;
		case 't':
			((struct rec_type *)record_add(a, &r->types))->text = v;
			break;
		case 'c':
			r->types.items[r->types.count - 1].code = v;
			break;
		case 'l':
			((struct rec_code *)record_add(a, &r->languages))
			    ->code = v;
			break;
		default:
			((struct rec_subject *)record_add(a, &r->subjects))
			    ->text = v;
			break;
		}
	}
}

static const struct {
	const char *keep;
	const char *values[8];
	bool is_kept;
} rows[] = {
    {"", {"k:event"}, true},
    {"kind:event", {"k:event"}, true},
    {"kind:event", {"k:news"}, false},
    {"kind:event", {NULL}, false},
    {"kind:event, kind:none", {NULL}, true},
    {"kind:event, kind:none", {"k:news"}, false},
    {"kind:event, kind:news", {"k:news"}, true},
    {"kind:event, language:en", {"k:event"}, false},
    {"kind:event, language:en", {"k:event", "l:fr", "l:en"}, true},
    {"kind:event, language:en", {"k:news", "l:en"}, false},
    {"language:pt", {"l:pt-BR"}, true},
    {"language:pt", {"l:pta"}, false},
    {"language:pt-BR", {"l:pt"}, false},
    {"language:pt-br", {"l:pt-BR"}, true},
    {"language:en, language:none", {"k:event"}, true},
    {"language:en, language:none", {"l:fr"}, false},
    {"type:report", {"t:Report"}, true},
    {"type:report", {"t:Reports"}, false},
    {"type:report*", {"t:Thesis", "t:REPORTS"}, true},
    {"type:*report", {"t:Annual Report"}, true},
    {"type:\"technical * report\"", {"t:Technical (final) report"}, true},
    {"type:a*b*c", {"t:aXbXbXc"}, true},
    {"type:a*b*c", {"t:aXcXb"}, false},
    {"type:*", {"t:x"}, true},
    {"type:*", {NULL}, false},
    {"type:\"none\"", {"t:none"}, true},
    {"type:\"none\"", {NULL}, false},
    {"type:none", {"t:none"}, false},
    {"type:c_18cf", {"t:http://purl.org/coar/resource_type/c_18cf", "c:c_18cf"},
	true},
    {"type:Étude*", {"t:ÉTUDES"}, true},
    {"type:\"e\xcc\x81tude\"", {"t:étude"}, true},
    {"type:straße", {"t:STRASSE"}, true},
    {"subject:climate*", {"s:Water", "s:Climate change"}, true},
    {"subject:climate*", {"s:the climate"}, false},
    {"subject:climate*", {"t:climate"}, false},
    {"subject:\"water, sanitation\"", {"s:Water, Sanitation"}, true},
    {"subject:none", {"s:x"}, false},
    {"subject:none", {"k:event"}, true},
};

static void
selections(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keep_filter *f = keep_filter_new(rows[i].keep);
		struct record r;

		make(&r, &a, rows[i].values);
		if (keep_filter_has(f, &r) != rows[i].is_kept)
			fail_msg("%zu: %s is to keep it: %d", i, rows[i].keep,
			    rows[i].is_kept);
		keep_filter_free(f);
		arena_clear(&a);
	}
	arena_release(&a);
}

/* Values of a stranger: broken at the cut, and many stars. */
static void
hostile_values(void **state)
{
	static char text[1 << 20];
	struct keep_filter *f =
	    keep_filter_new("subject:\"*a*a*a*a*a*a*a*a*a*a*a*a*b\"");
	struct rec_subject subject = {.text = text};
	struct record r = {.subjects = {&subject, 1, 1}};

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(keep_filter_has(f, &r));
	for (size_t i = 0; i < sizeof(text) - 3; i += 3)
		memcpy(text + i, "\xe6\xb0\xb4", 3);
	assert_false(keep_filter_has(f, &r));
	keep_filter_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(selections),
	    cmocka_unit_test(hostile_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
