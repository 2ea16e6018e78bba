/*
 * sheafctl explain: what speaks for and against two records being one thing,
 * and why they are one entry, or are not; or all of that of an entry.
 *
 * What was judged is shown as it is stored; two records that were not are
 * scored here, by the current model.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/str.h"
#include "bin/sheafctl.h"
#include "bin/sheafctl_score.h"
#include "query/ask.h"
#include "query/explain_entry.h"
#include "query/names.h"
#include "query/pair.h"

/* Columns of the question where two records stand. */
enum {
	COL_ENTRY_A,
	COL_ENTRY_B,
	COL_RECORDS,
	COL_VERDICT,
	COL_REASON,
	COL_SAME, /* decisions, in words */
	COL_DIFFERENT
};
#define SAID(kind)                                                             \
	"(select string_agg(format('decision %s by %s: %s', d.decision_id, "   \
	"d.decided_by, d.reason), '; ' order by d.decided_at) "                \
	"from registry.decision d where d.kind = '" kind "' "                  \
	"and d.undone_at is null "                                             \
	"and d.record_ids @> array[$1::bigint, $2::bigint])"
#define OF_BOTH                                                                \
	" from (select) one "                                                  \
	"left join sheaf.member ma on ma.record_id = $1::bigint "              \
	"and ma.active "                                                       \
	"left join sheaf.member mb on mb.record_id = $2::bigint "              \
	"and mb.active "                                                       \
	"left join sheaf.entry x on x.entry_id = ma.entry_id "                 \
	"left join sheaf.match m on m.a = least($1::bigint, $2::bigint) "      \
	"and m.b = greatest($1::bigint, $2::bigint)"
static const char standing_sql[] =
    "select ma.entry_id, mb.entry_id, x.records, m.verdict, m.reason, "
    /* decisions */
    SAID("same") ", " SAID("different") OF_BOTH;

/* --- by way of which records two of one entry are one --- */
static const char steps_sql[] =
    "select m.a, m.b, to_char(m.score, 'FM990.00') from sheaf.match m "
    "join sheaf.member x on x.record_id = m.a and x.entry_id = $1::uuid "
    "join sheaf.member y on y.record_id = m.b and y.entry_id = $1::uuid "
    "where m.verdict = 'same' and x.active and y.active "
    "union all "
    "select l.a, l.b, 'an operator''s word' from sheaf.link l "
    "join sheaf.member x on x.record_id = l.a and x.entry_id = $1::uuid "
    "join sheaf.member y on y.record_id = l.b and y.entry_id = $1::uuid "
    "where l.is_same "
    "order by 1, 2";

/* Marks the step that led to each record; -1: not reached.  True when the end
 * was. */
static bool
walk(const struct db_rows *steps, const char *from, const char *to,
    const char **reached, int *by, int *count)
{
	int n = db_rows_count(steps);

	*count = 0;
	reached[0] = from;
	by[(*count)++] = -1;
	for (int at = 0; at < *count; at++) {
		if (strcmp(reached[at], to) == 0)
			return true;
		for (int i = 0; i < n; i++) {
			const char *a = db_rows_get(steps, i, 0),
				   *b = db_rows_get(steps, i, 1), *next;
			bool known = false;
			if (strcmp(a, reached[at]) == 0)
				next = b;
			else if (strcmp(b, reached[at]) == 0)
				next = a;
			else
				continue;
			for (int k = 0; k < *count && !known; k++)
				known = strcmp(reached[k], next) == 0;
			if (known)
				continue;
			reached[*count] = next;
			by[(*count)++] = i;
		}
	}
	return false;
}

static void
print_way_back(const struct db_rows *steps, const char *const *reached,
    const int *by, int count, const char *to)
{
	int at = 0;

	while (at < count && strcmp(reached[at], to) != 0)
		at++;
	if (at == count || by[at] < 0)
		return;
	const char *a = db_rows_get(steps, by[at], 0),
		   *b = db_rows_get(steps, by[at], 1);
	const char *before = strcmp(a, to) == 0 ? b : a;
	print_way_back(steps, reached, by, count, before);
	printf("  %s and %s (%s)\n", before, to, db_rows_get(steps, by[at], 2));
}

static int
print_way(
    const struct verb_ctx *ctx, const char *entry, const char *a, const char *b)
{
	struct db_rows *steps = ask_rows(ctx, steps_sql, 1, &entry);
	const char **reached;
	int *by, count;

	if (steps == NULL)
		return EX_UNAVAILABLE;
	reached = xcalloc((size_t)db_rows_count(steps) + 2, sizeof(*reached));
	by = xcalloc((size_t)db_rows_count(steps) + 2, sizeof(*by));
	if (walk(steps, a, b, reached, by, &count)) {
		puts("They came together by way of");
		print_way_back(steps, reached, by, count, b);
	}
	free(reached);
	free(by);
	db_rows_free(steps);
	return EX_OK;
}

/* --- where they stand --- */
static int
print_one_entry(const struct verb_ctx *ctx, const struct db_rows *rows,
    const char *a, const char *b)
{
	const char *verdict = db_rows_get(rows, 0, COL_VERDICT),
		   *entry = db_rows_get(rows, 0, COL_ENTRY_A);

	printf("They are one entry, %s, of %s records.\n", entry,
	    db_rows_get(rows, 0, COL_RECORDS));
	if (db_rows_get(rows, 0, COL_SAME) != NULL ||
	    (verdict != NULL && strcmp(verdict, "same") == 0))
		return EX_OK;
	return print_way(ctx, entry, a, b);
}

static void
print_two_entries(const struct db_rows *rows, const char *verdict)
{
	const char *reason = db_rows_get(rows, 0, COL_REASON);

	printf("They are two entries, %s and %s.\n",
	    db_rows_get(rows, 0, COL_ENTRY_A),
	    db_rows_get(rows, 0, COL_ENTRY_B));
	if (reason != NULL)
		pair_puts("Not joined: ", reason);
	else if (verdict != NULL && strcmp(verdict, "doubtful") == 0)
		puts("sheafctl review asks for such pairs; sheafctl link and "
		     "unlink decide.");
}

static int
print_standing(const struct verb_ctx *ctx, const char *a, const char *b,
    const char *scored)
{
	const char *const params[] = {a, b};
	struct db_rows *rows = ask_rows(ctx, standing_sql, 2, params);
	const char *of_a, *of_b, *verdict;
	int code = EX_OK;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	of_a = db_rows_get(rows, 0, COL_ENTRY_A);
	of_b = db_rows_get(rows, 0, COL_ENTRY_B);
	verdict = db_rows_get(rows, 0, COL_VERDICT);
	if (of_a == NULL || of_b == NULL)
		printf("Record %s is in no entry: it is not there any more, is "
		       "hidden, or waits to be resolved.\n",
		    of_a == NULL ? a : b);
	else if (strcmp(of_a, of_b) == 0)
		code = print_one_entry(ctx, rows, a, b);
	else
		print_two_entries(rows, verdict != NULL ? verdict : scored);
	if (db_rows_get(rows, 0, COL_SAME) != NULL)
		pair_puts("An operator said that they are the same: ",
		    db_rows_get(rows, 0, COL_SAME));
	if (db_rows_get(rows, 0, COL_DIFFERENT) != NULL)
		pair_puts("An operator said that they are different: ",
		    db_rows_get(rows, 0, COL_DIFFERENT));
	db_rows_free(rows);
	return code;
}

/* --- two records --- */
static int
print_score_now(const struct verb_ctx *ctx, const char *a, const char *b,
    const char **verdict)
{
	struct ctl_score s;
	int code = ctl_score(ctx, a, b, &s);

	if (code == EX_OK) {
		*verdict = s.verdict;
		printf("There is no judgement of these two: they share too "
		       "little to be compared, or score\ntoo little to be "
		       "kept. By model %d:\n%s",
		    s.version, buf_str(&s.words));
	}
	ctl_score_release(&s);
	return code;
}

static int
explain_in_words(const struct verb_ctx *ctx, const char *a, const char *b)
{
	const char *scored = NULL;
	bool stored = false;
	int code = pair_print_records(ctx, a, b);

	if (code != EX_OK)
		return code;
	putchar('\n');
	code = pair_print_evidence(ctx, a, b, &stored);
	if (code == EX_OK && !stored)
		code = print_score_now(ctx, a, b, &scored);
	if (code != EX_OK)
		return code;
	putchar('\n');
	return print_standing(ctx, a, b, scored);
}

/* $3 to $6: the score, where it is not stored. */
static const char pair_json_sql[] =
    "select jsonb_strip_nulls(jsonb_build_object("
    "'record_ids', jsonb_build_array($1::bigint, $2::bigint), "
    "'records', (select jsonb_agg(to_jsonb(r) order by r.n) from ("
    "select u.n, r.record_id, r.source, r.identifier, r.title, r.kind, "
    "r.issued, r.url, r.status, r.entry_id from "
    "unnest(array[$1::bigint, $2::bigint]) with ordinality as u (id, n) "
    "join registry.record r on r.record_id = u.id) r), "
    "'stored', m.a is not null, "
    "'score', round(coalesce(m.score::numeric, $3::numeric), 2), "
    "'verdict', coalesce(m.verdict, $4), "
    "'evidence', coalesce(m.evidence, $5::jsonb), "
    "'model', coalesce(m.model, $6::integer), "
    "'reason', m.reason, 'decided_by', m.decided_by, "
    "'one_entry', ma.entry_id = mb.entry_id, "
    "'entries', jsonb_build_array(ma.entry_id, mb.entry_id), "
    "'decisions', (select jsonb_agg(to_jsonb(d)) from registry.decision d "
    "where d.undone_at is null and d.verdict is not null "
    "and d.record_ids @> array[$1::bigint, $2::bigint]))) " OF_BOTH;

static int
is_stored(
    const struct verb_ctx *ctx, const char *a, const char *b, bool *stored)
{
	const char *const params[] = {a, b};
	struct db_rows *rows = ask_rows(ctx,
	    "select from sheaf.match m where m.a = least($1::bigint, "
	    "$2::bigint) and m.b = greatest($1::bigint, $2::bigint)",
	    2, params);

	if (rows == NULL)
		return EX_UNAVAILABLE;
	*stored = db_rows_count(rows) > 0;
	db_rows_free(rows);
	return EX_OK;
}

static int
explain_as_json(const struct verb_ctx *ctx, const char *a, const char *b)
{
	const char *params[6] = {a, b};
	struct ctl_score s = {0};
	char sum[32], version[16];
	struct db_rows *rows;
	bool stored;
	int code = is_stored(ctx, a, b, &stored);

	if (code == EX_OK && !stored) {
		code = ctl_score(ctx, a, b, &s);
		snprintf(sum, sizeof(sum), "%.2f", s.sum);
		snprintf(version, sizeof(version), "%d", s.version);
		params[2] = sum;
		params[3] = s.verdict;
		params[4] = buf_str(&s.json);
		params[5] = version;
	}
	if (code == EX_OK) {
		rows = ask_rows(ctx, pair_json_sql, 6, params);
		code = rows == NULL ? EX_UNAVAILABLE : EX_OK;
		if (rows != NULL)
			puts(db_rows_get(rows, 0, 0));
		db_rows_free(rows);
	}
	ctl_score_release(&s);
	return code;
}

static int
explain_two(const struct verb_ctx *ctx, const char *a, const char *b)
{
	if (strcmp(a, b) == 0) {
		verb_complain(NULL, "record %s is named twice", a);
		return EX_USAGE;
	}
	return ctx->json ? explain_as_json(ctx, a, b)
			 : explain_in_words(ctx, a, b);
}

/* A record alone: its entry. */
static int
explain_one(const struct verb_ctx *ctx, const struct names *n)
{
	const char *entry = n->entry != NULL ? n->entry : n->items[0].entry_id;

	if (entry != NULL)
		return explain_entry(ctx, entry);
	verb_complain("sheafctl status tells whether it waits",
	    "record %s is in no entry yet", n->items[0].record_id);
	return EX_UNAVAILABLE;
}

static int
run(struct verb_ctx *ctx)
{
	struct names a = {0}, b = {0};
	size_t at = 0;
	int code = names_read(ctx, &at, "A", &a);

	if (code == EX_OK && at == ctx->count) {
		code = explain_one(ctx, &a);
	} else if (code == EX_OK) {
		at = 0;
		names_release(&a);
		code = names_read_one(ctx, &at, "A", &a);
		if (code == EX_OK)
			code = names_read_one(ctx, &at, "B", &b);
		if (code == EX_OK)
			code = names_end(ctx, at);
		if (code == EX_OK)
			code = explain_two(
			    ctx, a.items[0].record_id, b.items[0].record_id);
	}
	names_release(&a);
	names_release(&b);
	return code;
}

const struct verb verb_explain = {
    .name = "explain",
    .operands = "A [B]",
    .summary = "why two records are one entry or are not; or an entry",
    .help = "A and B are numbers of records, sources with identifiers, or "
	    "entries.  Of two\nrecords: the parts of their score, and what "
	    "became of it.  Of one, or an entry:\nits records, what holds them "
	    "together, and what was kept out.",
    .min = 1,
    .max = 4,
    .needs = VERB_DATABASE,
    .run = run,
};
