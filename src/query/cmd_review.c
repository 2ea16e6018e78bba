/*
 * sheafctl review: pairs that an operator may decide better than the score,
 * one for each two entries, the most useful first.
 *
 * How useful a question is: how likely a "yes" is (as measured: one doubtful
 * pair in five from 6 points on, one in sixteen below, one in three of those
 * that were refused for the average of their clusters, one in ten where both
 * are of one source that holds each thing once), and how many records would
 * come together by it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "query/ask.h"
#include "query/decide.h"
#include "query/pair.h"
#include "query/verbs.h"

/* $1 a source or null, $2 a limit. */
#define QUESTIONS                                                              \
	"with pair as ("                                                       \
	"select m.a, m.b, m.score, m.verdict, m.reason, m.evidence, m.model, " \
	"least(ea.entry_id, eb.entry_id) as entry_a, "                         \
	"greatest(ea.entry_id, eb.entry_id) as entry_b, "                      \
	"case when m.verdict = 'doubtful' and m.score >= 6 then 0.2 "          \
	"when m.verdict = 'doubtful' then 0.06 "                               \
	"when m.why = 'curated' then 0.1 "                                     \
	"else 0.35 end as chance "                                             \
	"from sheaf.match m "                                                  \
	"join sheaf.member ea on ea.record_id = m.a and ea.active "            \
	"join sheaf.member eb on eb.record_id = m.b and eb.active "            \
	"join sheaf.record ra on ra.record_id = m.a "                          \
	"join sheaf.record rb on rb.record_id = m.b "                          \
	"join sheaf.source sa on sa.source_id = ra.source_id "                 \
	"join sheaf.source sb on sb.source_id = rb.source_id "                 \
	"where m.verdict in ('doubtful', 'refused') "                          \
	"and m.decided_by = 'resolve' "                                        \
	"and ea.entry_id <> eb.entry_id "                                      \
	"and sheaf.is_asked(m.a, m.b, m.verdict, m.why) "                      \
	"and m.why is distinct from 'family' "                                 \
	"and ($1::text is null or $1 in (sa.name, sb.name))), "                \
	"said as ("                                                            \
	"select least(ea.entry_id, eb.entry_id) as entry_a, "                  \
	"greatest(ea.entry_id, eb.entry_id) as entry_b "                       \
	"from sheaf.link l "                                                   \
	"join sheaf.member ea on ea.record_id = l.a "                          \
	"join sheaf.member eb on eb.record_id = l.b), "                        \
	"question as ("                                                        \
	"select distinct on (p.entry_a, p.entry_b) p.*, "                      \
	"count(*) over w as pairs, "                                           \
	"1 - exp(sum(ln(1 - p.chance)) over w) as likely "                     \
	"from pair p "                                                         \
	"where (p.entry_a, p.entry_b) not in "                                 \
	"(select s.entry_a, s.entry_b from said s) "                           \
	"window w as (partition by p.entry_a, p.entry_b) "                     \
	"order by p.entry_a, p.entry_b, p.score desc, p.a, p.b) "              \
	"select q.a || '-' || q.b as pair, "                                   \
	"round(q.score::numeric, 2) as score, q.verdict, "                     \
	"round((q.likely * (1 + ln(xa.records * xb.records)))::numeric, 2) "   \
	"as use, "                                                             \
	"q.pairs, xa.records + xb.records as records, sa.name as source_a, "   \
	"ra.title as title_a, sb.name as source_b, rb.title as title_b, "      \
	"q.reason, "                                                           \
	"q.a as record_a, q.b as record_b, ma.entry_id as entry_a, "           \
	"mb.entry_id as entry_b, ra.identifier::text as identifier_a, "        \
	"rb.identifier::text as identifier_b, q.evidence, q.model "            \
	"from question q "                                                     \
	"join sheaf.member ma on ma.record_id = q.a "                          \
	"join sheaf.member mb on mb.record_id = q.b "                          \
	"join sheaf.entry xa on xa.entry_id = ma.entry_id "                    \
	"join sheaf.entry xb on xb.entry_id = mb.entry_id "                    \
	"join sheaf.record ra on ra.record_id = q.a "                          \
	"join sheaf.record rb on rb.record_id = q.b "                          \
	"join sheaf.source sa on sa.source_id = ra.source_id "                 \
	"join sheaf.source sb on sb.source_id = rb.source_id "                 \
	"order by use desc, score desc, q.a, q.b limit $2::bigint"

static const char list_sql[] =
    "select z.pair, z.score, z.verdict, z.use, z.pairs, z.records, z.source_a, "
    "z.title_a, z.source_b, z.title_b, z.reason from (" QUESTIONS ") z";
static const char json_sql[] =
    "select jsonb_strip_nulls(to_jsonb(z)) from (" QUESTIONS ") z";

static const struct table_column columns[] = {
    {"PAIR", "pair", TABLE_TEXT, 0},
    {"SCORE", "score", TABLE_NUMBER, 0},
    {"VERDICT", "verdict", TABLE_TEXT, 0},
    {"USE", "use", TABLE_NUMBER, 0},
    {"PAIRS", "pairs", TABLE_NUMBER, 0},
    {"RECORDS", "records", TABLE_NUMBER, 0},
    {"SOURCE", "source_a", TABLE_TEXT, 16},
    {"TITLE", "title_a", TABLE_TEXT, 60},
    {"SOURCE", "source_b", TABLE_TEXT, 16},
    {"TITLE", "title_b", TABLE_TEXT, 60},
    {"WHY NOT", "reason", TABLE_TEXT | TABLE_BELOW | TABLE_SPARING, 0},
};
static const char nothing[] = "Nothing is to be reviewed.";

static int
list(const struct verb_ctx *ctx, const char *const *params)
{
	struct db_rows *rows;

	if (!ctx->json)
		return ask_table(ctx, list_sql, 2, params, columns,
		    sizeof(columns) / sizeof(columns[0]), nothing);
	rows = ask_rows(ctx, json_sql, 2, params);
	if (rows == NULL)
		return EX_UNAVAILABLE;
	for (int i = 0; i < db_rows_count(rows); i++)
		puts(db_rows_get(rows, i, 0));
	db_rows_free(rows);
	return EX_OK;
}

/* --- one question --- */
static int
read_record(const struct verb_ctx *ctx, const char *number, struct names *out)
{
	char *word = xstrdup(number), *operands[] = {word, NULL};
	struct verb_ctx one = *ctx;
	size_t at = 0;
	int code;

	one.count = 1;
	one.operands = operands;
	code = names_read_one(&one, &at, number, out);
	free(word);
	return code;
}

static int
answer(const struct verb_ctx *ctx, const char *a, const char *b, bool same,
    const char *fallback)
{
	struct names of_a = {0}, of_b = {0};
	int code = read_record(ctx, a, &of_a);

	if (code == EX_OK)
		code = read_record(ctx, b, &of_b);
	if (code == EX_OK) {
		struct decision d = {.kind = same ? "same" : "different",
		    .a = of_a.items,
		    .b = of_b.items};
		if (verb_option(ctx, "reason") == NULL)
			d.reason = fallback;
		code = decide(ctx, &d);
	}
	names_release(&of_a);
	names_release(&of_b);
	return code;
}

/* "12-34", as the list shows it. */
static int
answer_pair(const struct verb_ctx *ctx, const char *pair, bool same)
{
	const char *dash = strchr(pair, '-');
	char *a = xstrndup(pair, dash != NULL ? (size_t)(dash - pair) : 0);
	int64_t n;
	int code = decide_reason_given(ctx);

	if (code == EX_OK &&
	    (dash == NULL || str_to_i64(a, 1, INT64_MAX, &n) != 0 ||
		str_to_i64(dash + 1, 1, INT64_MAX, &n) != 0)) {
		verb_complain("sheafctl review --list shows them, as 12-34",
		    "\"%s\" is no pair", pair);
		code = EX_USAGE;
	}
	if (code == EX_OK)
		code = answer(ctx, a, dash + 1, same, NULL);
	free(a);
	return code;
}

/* --- on a terminal --- */
enum reply { REPLY_YES, REPLY_NO, REPLY_SKIP, REPLY_QUIT };

static enum reply
ask_reply(void)
{
	char line[80];

	for (;;) {
		fputs("Are they the same thing?  [y]es, [n]o, [s]kip, [q]uit: ",
		    stdout);
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL) {
			putchar('\n');
			return REPLY_QUIT;
		}
		switch (line[0]) {
		case 'y':
			return REPLY_YES;
		case 'n':
			return REPLY_NO;
		case 's':
		case '\n':
			return REPLY_SKIP;
		case 'q':
			return REPLY_QUIT;
		}
	}
}

static int
ask_one(const struct verb_ctx *ctx, const struct db_rows *rows, int row,
    int *decided, bool *quit)
{
	char *pair = xstrdup(db_rows_get(rows, row, 0)), *b = strchr(pair, '-');
	const char *why = db_rows_get(rows, row, 10);
	char reason[80];
	bool stored;
	enum reply reply;
	int code;

	*b++ = '\0';
	printf("\n%d of %d\n", row + 1, db_rows_count(rows));
	code = pair_print_records(ctx, pair, b);
	if (code == EX_OK)
		code = pair_print_evidence(ctx, pair, b, &stored);
	if (why != NULL)
		pair_puts("Not joined: ", why);
	reply = code == EX_OK ? ask_reply() : REPLY_QUIT;
	*quit = reply == REPLY_QUIT;
	if (reply == REPLY_YES || reply == REPLY_NO) {
		snprintf(reason, sizeof(reason),
		    "seen side by side in review, score %s",
		    db_rows_get(rows, row, 1));
		code = answer(ctx, pair, b, reply == REPLY_YES, reason);
		*decided += code == EX_OK;
		/* A contradiction has been told; the next one may be fine. */
		if (code == EX_UNAVAILABLE)
			code = EX_OK;
	}
	free(pair);
	return code;
}

static int
go_through(const struct verb_ctx *ctx, const char *const *params)
{
	struct db_rows *rows = ask_rows(ctx, list_sql, 2, params);
	int decided = 0, code = EX_OK;
	bool quit = false;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) == 0)
		puts(nothing);
	for (int i = 0; i < db_rows_count(rows) && !quit && code == EX_OK; i++)
		code = ask_one(ctx, rows, i, &decided, &quit);
	if (db_rows_count(rows) > 0)
		printf("%d decisions were entered.\n", decided);
	db_rows_free(rows);
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	const char *yes = verb_option(ctx, "accept"),
		   *no = verb_option(ctx, "reject");
	const char *params[2] = {
	    ctx->count > 0 ? ctx->operands[0] : NULL, ask_limit(ctx, "50")};
	int code = ask_sources_known(ctx);

	if (code != EX_OK)
		return code;
	if (params[1] == NULL)
		return EX_USAGE;
	if (yes != NULL && no != NULL) {
		verb_complain(NULL, "--accept and --reject do not go together");
		return EX_USAGE;
	}
	if (yes != NULL || no != NULL)
		return answer_pair(ctx, yes != NULL ? yes : no, yes != NULL);
	if (verb_option(ctx, "list") != NULL || ctx->json ||
	    !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return list(ctx, params);
	return go_through(ctx, params);
}

static const struct verb_option options[] = {
    {"list", NULL, "only list them, as where there is no terminal"},
    {"limit", "NUMBER", "at most so many, the most useful first (50)"},
    {"accept", "PAIR", "decide that the two of this pair are the same"},
    {"reject", "PAIR", "decide that they are different"},
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_review = {
    .name = "review",
    .operands = "[SOURCE]",
    .summary = "pairs of records that may be one thing, for you to decide",
    .help = "Those of a doubtful score, and those that would be one but for "
	    "the rest of their\nentries; one for each two entries, the most "
	    "useful first: how likely it is that\nthey are one, and how many "
	    "records it would bring together.  On a terminal each is\nshown "
	    "and asked for.",
    .min = 0,
    .max = 1,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
