/* How the run ended: what RUN_CLOSE says.  Computed from counters, never from
 * the absence of an error. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "sched/oai_priv.h"

/* Runs that ask again for what could not be fetched. */
enum { HOLD_BACK_TIMES = 3 };

static bool
list_done(const struct oai_run *r, int64_t list)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)list);
	if (kv_get(&r->know.failed, number)[0] != '\0')
		return false;
	/* What it named is still to be fetched: the next run shall name it
	 * again. */
	if (r->head.identifiers && (r->head.phase != OAI_DONE || r->holds_back))
		return false;
	return r->head.phase >= OAI_WANT || list < r->head.list;
}

/* The line of the set in the old checkpoints, with its end; 0 when absent. */
static size_t
old_line(const struct oai_run *r, const char *set, const char **line)
{
	size_t n = strlen(set);

	for (const char *s = r->checkpoints; *s != '\0';) {
		size_t len = strcspn(s, "\n");

		if (len > n && s[n] == '\t' && memcmp(s, set, n) == 0) {
			*line = s;
			return len;
		}
		s += len + (s[len] == '\n');
	}
	return 0;
}

void
oai_checkpoints_write(const struct oai_run *r, struct buf *out)
{
	const char *everything[] = {"", NULL};
	const char **sets = r->source->sets;
	int64_t start = r->know.start, until = oai_list_until(r);
	char from[DATE_TEXT_BYTES];

	if (sets == NULL || sets[0] == NULL)
		sets = everything;
	/* What lies behind `until` was not asked for. */
	if (until != DATE_NONE && start >= until)
		start = until - 1;
	date_format(from,
	    start != DATE_NONE ? start - r->source->overlap_ms * 1000 : 0,
	    r->know.granularity == GRANULARITY_SECOND ? GRANULARITY_SECOND
						      : GRANULARITY_DAY);
	for (int64_t i = 0; sets[i] != NULL; i++) {
		const char *line = "";
		size_t n = old_line(r, sets[i], &line);

		/* A comparison asks about identifiers only; what it did not
		 * fetch must not be stepped over.  Where that is too much,
		 * the next run begins at the beginning, whoever makes it. */
		if (r->ask_full)
			buf_printf(out, "%s\t\n", sets[i]);
		else if (r->mode != RUN_COMPARE && list_done(r, i))
			buf_printf(out, "%s\t%s\n", sets[i], from);
		else if (n > 0)
			buf_printf(out, "%.*s\n", (int)n, line);
	}
}

/* Records that could not be fetched are named again by the next runs.  Where
 * that does not help they are left to the next comparison, or one that nobody
 * ever gets would keep the list where it is for ever. */
static void
hold_back(struct oai_run *r)
{
	char number[24];
	int64_t times = 0;

	if (r->over || !r->head.identifiers || r->mode == RUN_COMPARE)
		return;
	if (str_to_i64(kv_get(&r->know.quirks, "held_back"), 0, HOLD_BACK_TIMES,
		&times) != 0)
		times = 0;
	r->holds_back = r->gets_failed > 0 && times < HOLD_BACK_TIMES;
	times += r->holds_back;
	snprintf(number, sizeof(number), "%lld", (long long)times);
	oai_quirk(r, "held_back", r->gets_failed > 0 ? number : NULL);
}

static void suspect(struct oai_run *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void
suspect(struct oai_run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->suspicion.len > 0)
		buf_adds(&r->suspicion, "; ");
	va_start(ap, fmt);
	buf_vprintf(&r->suspicion, fmt, ap);
	va_end(ap);
}

static bool
whole_asked(const struct oai_run *r)
{
	return !r->head.dated && r->source->from[0] == '\0' &&
	       r->source->until[0] == '\0';
}

static void
find_suspicions(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;

	if (whole_asked(r) && p->received == 0 && r->active > 0)
		suspect(r,
		    "the list is empty, while %llu records are active here",
		    (unsigned long long)r->active);
	else if (oai_cap_disproved(p))
		suspect(r,
		    "the list ends after %lld records, while completeListSize "
		    "promised %lld; asked once more by date windows it brought "
		    "no more: the size is wrong, or the rest is not given",
		    (long long)p->cap_got, (long long)p->cap_size);
	else if (p->size_known && oai_clearly_fewer(p->received, p->size))
		suspect(r,
		    "%lld records came, while the server promised about %lld",
		    (long long)p->received, (long long)p->size);
	if (p->set_forgotten > 0)
		suspect(r,
		    "on %lld pages after the first most records are not of the "
		    "set asked for: the server forgets the set with the token",
		    (long long)p->set_forgotten);
}

/* Things to know, but no reason to doubt. */
static void
find_notes(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;
	char note[160];

	if (r->know.sizes_wrong)
		kv_set_clean(&r->know.facts, "note",
		    "completeListSize is wrong, and not used");
	if (p->in_windows > 0 && p->outside * 2 > p->in_windows) {
		oai_quirk(r, "from", "ignored");
		kv_set_clean(&r->know.facts, "note",
		    "the server ignores from: every harvest is a full one");
	} else if (p->in_windows > 0 &&
		   strcmp(kv_get(&r->know.quirks, "from"), "ignored") == 0) {
		oai_quirk(r, "from", NULL);
	}
	if (p->outside_set > 0 && p->set_forgotten == 0) {
		snprintf(note, sizeof(note),
		    "%lld of %lld records do not name the set asked for",
		    (long long)p->outside_set, (long long)p->in_sets);
		kv_set_clean(&r->know.facts, "note", note);
	}
}

/* 404 for "no records" is believed of an increment, not of everything. */
static void
check_all_404(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;

	if (p->phase != OAI_DONE || r->know.http_empty == 0 || p->any > 0 ||
	    !whole_asked(r) || r->list_err.class != ERR_NONE)
		return;
	err_set(&r->list_err, ERR_HTTP, 404,
	    "every list was answered with HTTP 404 or 422, and none with a "
	    "record");
	r->head.failed_lists++;
}

void
oai_run_close(struct oai_run *r, struct harvest_close *out)
{
	const struct oai_pos *p = &r->head;
	bool completed;

	if (!r->over)
		check_all_404(r);
	completed = !r->over && p->phase == OAI_DONE && p->failed_lists == 0 &&
		    r->gets_failed == 0;
	oai_format_settle(r, completed);
	buf_clear(&r->suspicion);
	buf_clear(&r->checkpoints_out);
	buf_clear(&r->quirks_out);
	buf_clear(&r->facts_out);
	if (!r->over)
		find_suspicions(r);
	find_notes(r);
	hold_back(r);
	oai_checkpoints_write(r, &r->checkpoints_out);
	kv_write(&r->know.quirks, &r->quirks_out);
	kv_write(&r->know.facts, &r->facts_out);

	*out = (struct harvest_close){
	    .completed = completed,
	    .suspicion = buf_str(&r->suspicion),
	    .checkpoints = buf_str(&r->checkpoints_out),
	    .quirks = buf_str(&r->quirks_out),
	    .facts = buf_str(&r->facts_out),
	    .advertised = p->size_known ? p->size : -1,
	    .pause = r->pause,
	    .ask_full = r->ask_full,
	};
	/* The old checkpoints are of another format. */
	if (r->know.format_changed && !out->completed)
		out->ask_full = true;
	if (r->over)
		out->err = r->err;
	else if (p->failed_lists > 0 || r->gets_failed > 0)
		out->err = r->list_err;
	out->complete_list =
	    !r->over && p->phase == OAI_DONE && p->failed_lists == 0 &&
	    whole_asked(r) &&
	    (!p->size_known || !oai_clearly_fewer(p->received, p->size));
	if (!r->over && r->gets_failed > 0)
		err_prefix(&out->err,
		    "%u records could not be fetched one by one, such as",
		    r->gets_failed);
}
