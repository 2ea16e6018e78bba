/* ListMetadataFormats: the format that is harvested, and that it stays so.
 *
 * What was chosen once is kept (quirk `format`): another one makes another
 * record of everything.  A better one that is offered since is told of (quirk
 * `format_better`), and taken when the configuration says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "sched/format.h"
#include "sched/oai_priv.h"

#define EVERYBODY "oai_dc" /* every repository owes it (3.4) */

static void
use(struct oai_run *r, const char *prefix)
{
	char *copy = xstrdup(prefix);

	free(r->know.format);
	r->know.format = copy;
}

/* What the source was harvested in so far, or NULL.  Before that was kept it
 * was what everybody owes. */
static const char *
kept(const struct oai_run *r)
{
	const char *format = kv_get(&r->know.quirks, "format");

	if (format[0] != '\0')
		return format;
	return r->checkpoints[0] != '\0' ? EVERYBODY : NULL;
}

/* One that is offered and not given.  Where it was harvested before there is
 * something wrong that passes, or that the operator has to know. */
bool
oai_format_may_pass(const struct oai_run *r)
{
	return r->source->format[0] == '\0' && r->know.format_new &&
	       r->head.any == 0 &&
	       r->know.formats_passed < (int64_t)LIMIT_FORMAT_TRIES &&
	       !format_in(
		   kv_get(&r->know.quirks, "format_refused"), r->know.format);
}

static void
pass_over(struct oai_run *r)
{
	const char *before = kv_get(&r->know.quirks, "format_refused");
	/* As many as one run tries; those of earlier ones make way. */
	char refused[(LIMIT_FORMAT_TRIES + 1) * (LIMIT_PREFIX_BYTES + 1)];
	int n = snprintf(refused, sizeof(refused), "%s%s%s", before,
	    before[0] != '\0' ? " " : "", r->know.format);

	oai_quirk(r, "format_refused",
	    n < (int)sizeof(refused) ? refused : r->know.format);
	r->know.formats_passed++;
	oai_quirk(r, "format", NULL);
}

/* Everything is another record in another format, and read anew. */
static void
change(struct oai_run *r, const char *from, const char *to)
{
	char note[200];

	snprintf(note, sizeof(note),
	    "its format %.60s is not offered any more: everything is read "
	    "anew as %.60s",
	    from, to);
	kv_set_clean(&r->know.facts, "note", note);
	r->know.format_changed = 1;
}

static void
note_better(struct oai_run *r, const struct page_facts *f,
    const struct format_choice *best)
{
	bool is_better = best->rank < format_rank(f, r->know.format);

	oai_quirk(r, "format_better", is_better ? best->format->prefix : NULL);
}

static bool
is_offered(const struct page_facts *f, const char *prefix)
{
	for (size_t i = 0; i < f->formats.count; i++)
		if (strcmp(f->formats.items[i].prefix, prefix) == 0)
			return true;
	return false;
}

/* The format for a source that does not ask for one. */
static void
choose(struct oai_run *r, const struct page_facts *f)
{
	struct format_choice best =
	    format_best(f, kv_get(&r->know.quirks, "format_refused"));
	const char *before = kept(r);

	if (before != NULL && (best.format == NULL || is_offered(f, before))) {
		use(r, before);
	} else {
		use(r, best.format != NULL ? best.format->prefix : EVERYBODY);
		if (before != NULL)
			change(r, before, r->know.format);
	}
	/* A comparison reads no records. */
	if (r->mode == RUN_COMPARE)
		return;
	if (before == NULL)
		r->know.format_new = 1;
	if (!r->know.format_changed)
		oai_quirk(r, "format", r->know.format);
	if (best.format != NULL)
		note_better(r, f, &best);
}

/* What replaces another one is kept when everything was read in it; until then
 * each run finds that the other one is gone. */
void
oai_format_settle(struct oai_run *r, bool completed)
{
	if (r->know.format_changed && completed && r->mode != RUN_COMPARE)
		oai_quirk(r, "format", r->know.format);
}

enum harvest_verdict
oai_formats_untold(struct oai_run *r)
{
	const char *before = kept(r);

	if (r->format_refused)
		return oai_formats_unknown(r);
	kv_set_clean(&r->know.facts, "formats", "not told");
	r->know.formats_asked = 1;
	use(r, before != NULL ? before : EVERYBODY);
	oai_list_begin(r, 0);
	return HARVEST_ABORT;
}

enum harvest_verdict
oai_formats_unknown(struct oai_run *r)
{
	if (!r->format_refused)
		return oai_over(r);
	r->know.formats_asked = 1;
	r->last_err = r->asked_why;
	return oai_list_fail(r);
}

void
oai_format_asked(struct oai_run *r, const char *prefix)
{
	oai_quirk(r, "format", NULL);
	oai_quirk(r, "format_better", NULL);
	oai_quirk(r, "format_refused", NULL);
	use(r, prefix);
}

/* 0, or -1 where what the configuration asks for is not offered. */
static int
find_asked(struct oai_run *r, const struct page_facts *f, const char *names)
{
	const char *want = r->source->format;
	const struct facts_format *o = facts_format_wanted(f, want);

	if (o != NULL) {
		oai_format_asked(r, o->prefix);
		return 0;
	}
	oai_say(r, ERR_PROTO, 0,
	    "format \"%.100s\" is not offered; offered: %s", want, names);
	return -1;
}

enum harvest_verdict
oai_formats_judged(struct oai_run *r, const struct page_facts *f)
{
	struct buf names;
	int rc = 0;

	buf_init(&names, 512);
	oai_offered(&names, f, false);
	kv_set_clean(&r->know.facts, "formats", buf_str(&names));
	r->know.formats_asked = 1;
	if (r->source->format[0] != '\0') {
		rc = find_asked(r, f, buf_str(&names));
	} else {
		if (r->format_refused && oai_format_may_pass(r))
			pass_over(r);
		choose(r, f);
	}
	buf_release(&names);
	if (rc < 0)
		return oai_over(r);
	/* Refused although it is offered: the list will say so once more. */
	oai_list_begin(r, r->head.list);
	return f->errors.count > 0 ? HARVEST_ABORT : HARVEST_COMMIT;
}
