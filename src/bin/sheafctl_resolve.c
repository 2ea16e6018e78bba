/*
 * sheafctl resolve: how far the recognition of duplicates is; a model that is
 * proposed, what it would change, and the word to apply it.
 *
 * A model is learned and weighed by the sheaf-resolve that runs, beside its
 * work; where none does, here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "bin/sheafctl.h"
#include "query/ask.h"
#include "query/decide.h"
#include "query/pair.h"
#include "resolve/propose.h"

enum { WAIT_MS = 300 };

/* --- what is shown --- */
/* $1: how instants are written. */
static const char words_sql[] =
    "select case when s.model is null "
    "then 'There is no model yet: it is learned when records have been "
    "harvested.' "
    "else format('Model %s was learned from %s records at %s UTC (%s)%s.', "
    "s.model, s.model_records, t.made, s.model_note, "
    "coalesce(', and applied by ' || s.model_applied_by, '')) end, "
    /* whether it fits */
    "case when s.phase = 'learn' "
    "then 'A model is due: it is learned when the runs are over.' "
    "when s.phase <> 'idle' "
    "then 'A model is being applied to all records.' "
    "when s.model is null then null "
    "when s.unfit is not null "
    "then format('It no longer fits the %s records that there are: %s. "
    "sheafctl resolve --dry-run tells what another one would change.', "
    "s.records, s.unfit) "
    "else format('It fits the %s records that there are.', s.records) end, "
    "case when s.waiting = 0 then 'No record waits.' "
    "else format('%s records wait to be looked at, since %s UTC.', "
    "s.waiting, t.oldest) end, "
    /* what was asked for */
    "case s.asked when 'apply' "
    "then format('%s asked at %s UTC to apply the proposed model; that is "
    "done when sheafd runs.', s.asked_by, t.asked) "
    "when 'propose' "
    "then format('%s asked at %s UTC for a model to be proposed.', "
    "s.asked_by, t.asked) end, "
    "case when s.proposed is null then null "
    "when s.proposed_weighed_at is null "
    "then format('Model %s is proposed; what it would change is not known "
    "yet.', s.proposed) "
    "else format('Model %s is proposed (%s), learned from %s records at %s "
    "UTC. It would change %s records: %s entries would go into another one, "
    "and %s would be split.', s.proposed, s.proposed_note, "
    "s.proposed_records, t.proposed, s.proposed_moved, s.proposed_merges, "
    "s.proposed_splits) end, s.proposed, s.proposed_weighed_at "
    "from registry.resolve_status s cross join lateral (select "
    "to_char(s.model_made_at at time zone 'UTC', $1) as made, "
    "to_char(s.oldest at time zone 'UTC', $1) as oldest, "
    "to_char(s.asked_at at time zone 'UTC', $1) as asked, "
    "to_char(s.proposed_made_at at time zone 'UTC', $1) as proposed) t";
enum { WORDS_LINES = 5, WORDS_PROPOSED = 5, WORDS_WEIGHED = 6 };

static const char sources_sql[] =
    "select source, case when curated then 'yes' else 'no' end, "
    "case when curated_given then 'the configuration' else 'the data' end, "
    "case when not curated_given then curated_mean end, "
    "case when not curated_given then curated_seen end, own_duplicates "
    "from registry.source_status where curated is not null "
    "and state <> 'retired' order by source";
static const struct table_column source_columns[] = {
    {"SOURCE", "source", TABLE_TEXT, 32},
    {"HOLDS EACH THING ONCE", "curated", TABLE_TEXT, 0},
    {"SAYS", "says", TABLE_TEXT, 0},
    {"MATCHES", "mean", TABLE_NUMBER, 0},
    {"OVER", "seen", TABLE_NUMBER, 0},
    {"OWN DUPLICATES", "own_duplicates", TABLE_NUMBER | TABLE_SPARING, 0},
};

static const char changes_sql[] =
    "select kind, "
    "case kind when 'merge' then format('entry %s (%s records) goes into %s', "
    "from_entry, records, coalesce(to_entry::text, 'a new entry')) "
    "else format('%s records leave entry %s for %s', records, from_entry, "
    "coalesce(to_entry::text, 'a new entry')) end, "
    "format('%s  %s: %s', record_ids[1], source_a, title_a), "
    "format('%s  %s: %s', record_ids[2], source_b, title_b), "
    "concat_ws('', 'score ' || coalesce(to_char(score_now, 'FM990.00'), "
    "'unknown'), ' now, ' || to_char(score, 'FM990.00') || ' then', "
    "'; ' || reason) from registry.resolve_change "
    "where kind = $1 order by records desc, n limit $2::bigint";

static const char json_sql[] =
    "select jsonb_strip_nulls(to_jsonb(s) || jsonb_build_object('sources', "
    "(select jsonb_agg(jsonb_build_object('source', t.source, 'curated', "
    "t.curated, 'given', t.curated_given, 'mean', t.curated_mean, 'seen', "
    "t.curated_seen, 'own_duplicates', t.own_duplicates) order by t.source) "
    "from registry.source_status t where t.curated is not null "
    "and t.state <> 'retired'), "
    "'changes', (select jsonb_agg(to_jsonb(c) - 'n' order by c.n) from ("
    "select x.* from (select y.*, row_number() over (partition by y.kind "
    "order by y.records desc, y.n) as nth from registry.resolve_change y) x "
    "where x.nth <= $1::bigint) c))) from registry.resolve_status s";

static int
show_json(const struct verb_ctx *ctx, const char *limit)
{
	struct db_rows *rows = ask_rows(ctx, json_sql, 1, &limit);

	if (rows == NULL)
		return EX_UNAVAILABLE;
	puts(db_rows_get(rows, 0, 0));
	db_rows_free(rows);
	return EX_OK;
}

static int
show_changes(const struct verb_ctx *ctx, const char *limit)
{
	static const char *const kinds[] = {"merge", "split"};
	static const char *const titles[] = {
	    "It would join, such as", "It would part, such as"};

	for (size_t i = 0; i < 2; i++) {
		const char *const params[] = {kinds[i], limit};
		struct db_rows *rows = ask_rows(ctx, changes_sql, 2, params);

		if (rows == NULL)
			return EX_UNAVAILABLE;
		if (db_rows_count(rows) > 0)
			printf("\n%s\n", titles[i]);
		for (int n = 0; n < db_rows_count(rows); n++) {
			pair_puts("  ", db_rows_get(rows, n, 1));
			pair_puts("    ", db_rows_get(rows, n, 2));
			pair_puts("    ", db_rows_get(rows, n, 3));
			pair_puts("    ", db_rows_get(rows, n, 4));
		}
		db_rows_free(rows);
	}
	return EX_OK;
}

static int
show_sources(const struct verb_ctx *ctx)
{
	putchar('\n');
	return ask_table(ctx, sources_sql, 0, NULL, source_columns,
	    sizeof(source_columns) / sizeof(source_columns[0]),
	    "Of no source is it known yet whether it holds each thing once.");
}

static int
show(const struct verb_ctx *ctx)
{
	const char *format = ask_time_format(ctx), *limit = ask_limit(ctx, "5");
	struct db_rows *rows;
	bool is_weighed;
	int code;

	if (limit == NULL)
		return EX_USAGE;
	if (ctx->json)
		return show_json(ctx, limit);
	rows = ask_rows(ctx, words_sql, 1, &format);
	if (rows == NULL)
		return EX_UNAVAILABLE;
	for (int i = 0; i < WORDS_LINES; i++) {
		if (db_rows_get(rows, 0, i) != NULL)
			pair_puts("", db_rows_get(rows, 0, i));
	}
	is_weighed = db_rows_get(rows, 0, WORDS_WEIGHED) != NULL;
	db_rows_free(rows);
	code = is_weighed ? show_changes(ctx, limit) : EX_OK;
	if (code == EX_OK && is_weighed)
		puts("\nsheafctl explain A B tells more of a pair; sheafctl "
		     "resolve --apply applies the proposed model.");
	return code == EX_OK ? show_sources(ctx) : code;
}

/* --- proposing it here --- */
static void
give(struct work *w, const struct config *c)
{
	for (size_t i = 0; i < c->source_count; i++) {
		const struct conf_source *s = &c->sources[i];

		if (strcmp(s->curated, "auto") == 0)
			continue;
		GROW(w->given, w->given_cap, w->given_count + 1);
		w->given[w->given_count].name = xstrdup(s->name);
		w->given[w->given_count++].is_curated =
		    strcmp(s->curated, "yes") == 0;
	}
}

static void
say(const struct verb_ctx *ctx, const char *words)
{
	if (!ctx->json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s", words);
}

static int
propose(const struct verb_ctx *ctx, struct work *w, struct err *e)
{
	char note[128];
	struct propose *p;
	int rc = 0;

	snprintf(note, sizeof(note), "%s asked", decide_author(ctx));
	p = propose_new(w, note, NULL, e);
	if (p == NULL)
		return -1;
	while (rc == 0) {
		say(ctx, propose_words(p));
		rc = propose_step(p, e);
	}
	say(ctx, "");
	propose_free(p);
	return rc < 0 ? -1 : 0;
}

/* With the rights of resolve, where no resolver runs.  -1 and e; 1: done; 0:
 * one runs. */
static int
propose_here(const struct verb_ctx *ctx, struct err *e)
{
	const struct config *c = ctx->config;
	struct work w = {.watch = -1};
	char *password = NULL, *connection = ctl_connection_as(c, e);
	int rc = connection == NULL ? -1 : 0;

	if (rc == 0 && !c->embedded)
		rc = ctl_password_read(&password, c->resolve_password_file, e);
	if (rc == 0) {
		w.connection = connection;
		w.user = c->resolve_user;
		w.password = password;
		give(&w, c);
		rc = work_open(&w, e);
		if (rc > 0 && propose(ctx, &w, e) < 0)
			rc = -1;
		work_release(&w);
	}
	ctl_password_free(password);
	free(connection);
	return rc;
}

/* --- asking for it --- */
static int
ask(const struct verb_ctx *ctx, const char *what, const char *version,
    char **id)
{
	const char *const params[] = {what, version, decide_author(ctx)};
	struct db_rows *rows = ask_rows(ctx,
	    "select a.ask_id, a.refusal from sheaf.ask_resolve($1, "
	    "$2::integer, $3) a",
	    3, params);
	const char *refusal;
	int code = EX_OK;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	refusal = db_rows_get(rows, 0, 1);
	if (refusal != NULL) {
		verb_complain(
		    "sheafctl resolve shows how far it is", "%s", refusal);
		code = EX_UNAVAILABLE;
	} else {
		*id = xstrdup(db_rows_get(rows, 0, 0));
	}
	db_rows_free(rows);
	return code;
}

/* EX_OK when what was asked is done; it goes on without us. */
static int
wait_for(const struct verb_ctx *ctx, const char *id)
{
	const struct timespec nap = {0, WAIT_MS * 1000 * 1000};
	bool waits = true;

	say(ctx, "sheaf-resolve learns a model, and weighs it; it goes on "
		 "where this is interrupted");
	while (waits) {
		struct db_rows *rows = ask_rows(ctx,
		    "select from sheaf.ask a where a.ask_id = $1::bigint", 1,
		    &id);

		if (rows == NULL)
			return EX_UNAVAILABLE;
		waits = db_rows_count(rows) > 0;
		db_rows_free(rows);
		if (waits)
			nanosleep(&nap, NULL);
	}
	say(ctx, "");
	return EX_OK;
}

static int
dry_run(const struct verb_ctx *ctx)
{
	struct err e = {0};
	char *id = NULL;
	int rc = propose_here(ctx, &e), code = EX_OK;

	if (rc < 0 && e.class != ERR_NONE) {
		verb_complain("call it as root, or as the user of the service",
		    "%s", e.text);
		return EX_UNAVAILABLE;
	}
	if (rc == 0)
		code = ask(ctx, "propose", NULL, &id);
	if (code == EX_OK && id != NULL)
		code = wait_for(ctx, id);
	free(id);
	return code == EX_OK ? show(ctx) : code;
}

static int
apply(const struct verb_ctx *ctx)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select proposed from registry.resolve_status "
	    "where proposed_weighed_at is not null",
	    0, NULL);
	char *version = NULL, *id = NULL;
	int code = EX_OK;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) > 0)
		version = xstrdup(db_rows_get(rows, 0, 0));
	db_rows_free(rows);
	if (version == NULL) {
		verb_complain("sheafctl resolve --dry-run proposes one",
		    "no model is proposed");
		return EX_UNAVAILABLE;
	}
	code = ask(ctx, "apply", version, &id);
	if (code == EX_OK && ctx->json)
		printf("{\"apply\":%s,\"ask_id\":%s}\n", version, id);
	else if (code == EX_OK)
		printf("Model %s is applied by the running sheafd, or by the "
		       "next one; sheafctl resolve shows how far\nthat is.\n",
		    version);
	free(version);
	free(id);
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	bool dry = verb_option(ctx, "dry-run") != NULL;

	if (dry && verb_option(ctx, "apply") != NULL) {
		verb_complain(NULL, "--dry-run and --apply do not go together");
		return EX_USAGE;
	}
	if (dry)
		return dry_run(ctx);
	return verb_option(ctx, "apply") != NULL ? apply(ctx) : show(ctx);
}

static const struct verb_option options[] = {
    {"dry-run", NULL,
	"learn a model anew and show what it would change; nothing is changed"},
    {"apply", NULL, "apply the proposed model"},
    {"limit", "NUMBER",
	"at most so many examples of merges, and of splits (5)"},
    {"author", "NAME", "who asks (the user who calls)"},
    {0},
};

const struct verb verb_resolve = {
    .name = "resolve",
    .operands = "",
    .summary = "the model by which duplicates are recognised, and the next one",
    .help = "Shows when the model was learned, whether it still fits, what "
	    "waits, and which\nsources hold each thing once.  A model is "
	    "applied by itself when there is none, when\nthe records have "
	    "doubled, and by sheafd --once; any other is proposed, with what "
	    "it\nwould merge and split, and waits for --apply.",
    .min = 0,
    .max = 0,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
