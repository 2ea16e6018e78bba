/* What an incoming record is to what is known: every pair that matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/digest.h"
#include "store/judge.h"

static const uint8_t a[DIGEST_BYTES] = {1}, b[DIGEST_BYTES] = {2};

#define ACTIVE                                                                 \
	{                                                                      \
		.exists = true, .alive = true, .began = true, .digest = a,     \
		.datestamp = "1", .sets = "s"                                  \
	}
#define FILTERED                                                               \
	{                                                                      \
		.exists = true, .filtered = true, .digest = a,                 \
		.datestamp = "1", .sets = "s"                                  \
	}
#define LEFT_OUT(d, stamp)                                                     \
	{                                                                      \
		.filtered = true, .digest = (d), .datestamp = (stamp),         \
		.sets = "s"                                                    \
	}
#define IN(d, stamp)                                                           \
	{                                                                      \
		.digest = (d), .datestamp = (stamp), .sets = "s"               \
	}

static const struct {
	const char *what;
	struct standing known;
	struct incoming in;
	enum verdict verdict;
	int gained, lost, altered;
} rows[] = {
    {"not known", {.datestamp = "", .sets = ""}, IN(a, "1"), VERDICT_NEW, 1, 0,
	0},
    {"not known, deleted", {.datestamp = "", .sets = ""},
	{.deleted = true, .datestamp = "1", .sets = ""}, VERDICT_DELETED, 0, 0,
	0},
    {"equal", ACTIVE, IN(a, "1"), VERDICT_UNCHANGED, 0, 0, 0},
    {"other datestamp", ACTIVE, IN(a, "2"), VERDICT_TOUCHED, 0, 0, 0},
    {"other sets", ACTIVE, {.digest = a, .datestamp = "1", .sets = "t"},
	VERDICT_TOUCHED, 0, 0, 0},
    {"other content", ACTIVE, IN(b, "1"), VERDICT_CHANGED, 0, 0, 1},
    {"other content of one that this run added",
	{.exists = true,
	    .alive = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	IN(b, "1"), VERDICT_CHANGED, 0, 0, 0},
    {"other content again",
	{.exists = true,
	    .alive = true,
	    .began = true,
	    .altered = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	IN(b, "1"), VERDICT_CHANGED, 0, 0, 0},
    {"deleted after it was changed",
	{.exists = true,
	    .alive = true,
	    .began = true,
	    .altered = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	{.deleted = true, .datestamp = "2", .sets = "s"}, VERDICT_DELETED, 0, 1,
	-1},
    {"comes back in the run that deleted it",
	{.exists = true, .began = true, .datestamp = "2", .sets = "s"},
	IN(a, "3"), VERDICT_CHANGED, 0, -1, 1},
    {"deleted in the run that added it",
	{.exists = true,
	    .alive = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	{.deleted = true, .datestamp = "2", .sets = "s"}, VERDICT_DELETED, -1,
	0, 0},
    {"deleted", ACTIVE, {.deleted = true, .datestamp = "2", .sets = "s"},
	VERDICT_DELETED, 0, 1, 0},
    {"deleted already", {.exists = true, .datestamp = "2", .sets = "s"},
	{.deleted = true, .datestamp = "2", .sets = "s"}, VERDICT_UNCHANGED, 0,
	0, 0},
    {"deleted already, other datestamp",
	{.exists = true, .datestamp = "2", .sets = "s"},
	{.deleted = true, .datestamp = "3", .sets = "s"}, VERDICT_TOUCHED, 0, 0,
	0},
    {"comes back", {.exists = true, .datestamp = "2", .sets = "s"}, IN(a, "3"),
	VERDICT_CHANGED, 1, 0, 0},
    {"purged", {.exists = true, .purged = true, .datestamp = "", .sets = ""},
	IN(a, "1"), VERDICT_UNCHANGED, 0, 0, 0},
    {"purged, deleted",
	{.exists = true, .purged = true, .datestamp = "", .sets = ""},
	{.deleted = true, .datestamp = "2", .sets = ""}, VERDICT_UNCHANGED, 0,
	0, 0},
    {"purged, a header",
	{.exists = true, .purged = true, .datestamp = "", .sets = ""},
	{.header_only = true, .datestamp = "2", .sets = ""}, VERDICT_UNCHANGED,
	0, 0, 0},
    {"was rejected with its run",
	{.exists = true,
	    .rejected = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	IN(a, "1"), VERDICT_NEW, 1, 0, 0},
    {"was missing",
	{.exists = true,
	    .alive = true,
	    .missing = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	IN(a, "1"), VERDICT_TOUCHED, 0, 0, 0},
    {"header, known", ACTIVE,
	{.header_only = true, .datestamp = "1", .sets = ""}, VERDICT_UNCHANGED,
	0, 0, 0},
    {"header, other datestamp", ACTIVE,
	{.header_only = true, .datestamp = "2", .sets = "s"}, VERDICT_WANTED, 0,
	0, 0},
    {"header, changed since perhaps",
	{.exists = true,
	    .alive = true,
	    .began = true,
	    .recent = true,
	    .datestamp = "1",
	    .sets = ""},
	{.header_only = true, .datestamp = "1", .sets = ""}, VERDICT_WANTED, 0,
	0, 0},
    {"header, not known", {.datestamp = "", .sets = ""},
	{.header_only = true, .datestamp = "2", .sets = "s"}, VERDICT_WANTED, 0,
	0, 0},
    {"header, deleted", ACTIVE,
	{.header_only = true, .deleted = true, .datestamp = "2", .sets = "s"},
	VERDICT_DELETED, 0, 1, 0},
    {"left out, not known", {.datestamp = "", .sets = ""}, LEFT_OUT(a, "1"),
	VERDICT_FILTERED, 0, 0, 0},
    {"left out, though equal", ACTIVE, LEFT_OUT(a, "1"), VERDICT_FILTERED, 0, 1,
	0},
    {"left out, added by this run",
	{.exists = true,
	    .alive = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	LEFT_OUT(b, "1"), VERDICT_FILTERED, -1, 0, 0},
    {"left out after it was changed",
	{.exists = true,
	    .alive = true,
	    .began = true,
	    .altered = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	LEFT_OUT(b, "1"), VERDICT_FILTERED, 0, 1, -1},
    {"left out, was deleted", {.exists = true, .datestamp = "1", .sets = "s"},
	LEFT_OUT(a, "1"), VERDICT_FILTERED, 0, 0, 0},
    {"still left out", FILTERED, LEFT_OUT(a, "1"), VERDICT_STILL_FILTERED, 0, 0,
	0},
    {"still left out, other datestamp", FILTERED, LEFT_OUT(a, "2"),
	VERDICT_FILTERED, 0, 0, 0},
    {"still left out, other content", FILTERED, LEFT_OUT(b, "1"),
	VERDICT_FILTERED, 0, 0, 0},
    {"left out and not read again", FILTERED,
	{.is_known = true, .digest = a, .datestamp = "1", .sets = "s"},
	VERDICT_STILL_FILTERED, 0, 0, 0},
    {"left out and not read again, other sets", FILTERED,
	{.is_known = true, .digest = a, .datestamp = "1", .sets = "t"},
	VERDICT_FILTERED, 0, 0, 0},
    {"left out, taken for another content", FILTERED,
	{.is_known = true, .digest = b, .datestamp = "1", .sets = "s"},
	VERDICT_NEW, 1, 0, 0},
    {"is kept again, though equal", FILTERED, IN(a, "1"), VERDICT_NEW, 1, 0, 0},
    {"is kept again in the run that left it out",
	{.exists = true,
	    .filtered = true,
	    .began = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	IN(a, "1"), VERDICT_CHANGED, 0, -1, 1},
    {"left out, deleted", FILTERED,
	{.deleted = true, .datestamp = "1", .sets = "s"}, VERDICT_DELETED, 0, 0,
	0},
    {"left out, header", FILTERED,
	{.header_only = true, .datestamp = "1", .sets = ""},
	VERDICT_STILL_FILTERED, 0, 0, 0},
    {"left out, header with another datestamp", FILTERED,
	{.header_only = true, .datestamp = "2", .sets = "s"}, VERDICT_WANTED, 0,
	0, 0},
    {"left out by another keep, header",
	{.exists = true,
	    .filtered = true,
	    .recent = true,
	    .digest = a,
	    .datestamp = "1",
	    .sets = "s"},
	{.header_only = true, .datestamp = "1", .sets = "s"}, VERDICT_WANTED, 0,
	0, 0},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judgement j = judge(&rows[i].known, &rows[i].in);

		if (j.verdict != rows[i].verdict ||
		    j.gained != rows[i].gained || j.lost != rows[i].lost ||
		    j.altered != rows[i].altered)
			fail_msg("%s: %d %d %d %d", rows[i].what, j.verdict,
			    j.gained, j.lost, j.altered);
	}
}

static void
test_recent(void **state)
{
	const int64_t noon = INT64_C(1714564800) * 1000000; /* 2024-05-01 */

	(void)state;
	assert_true(judge_is_recent("2024-05-01", noon));
	assert_false(judge_is_recent("2024-04-30", noon));
	assert_true(judge_is_recent("2024-05-01T12:00:00Z", noon + 1));
	assert_false(judge_is_recent("2024-05-01T11:59:59Z", noon));
	assert_false(judge_is_recent("soon", noon));
}

static void
test_older(void **state)
{
	(void)state;
	assert_true(judge_is_older("2024-01-01", "2024-01-01T00:00:01Z"));
	assert_false(judge_is_older("2024-01-01", "2024-01-01"));
	assert_false(judge_is_older("2025-01-01", "2024-01-01"));
	assert_false(judge_is_older("soon", "2024-01-01"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_recent),
	    cmocka_unit_test(test_older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
