/* Progress lines on standard error, and the table at the end. */
#include "bin/sheafd_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_sources.h"
#include "query/table.h"

enum {
	TELL_TERMINAL_S = 1,
	TELL_FILE_S = 5,
	TABLE_ROWS = 100 /* with more sources only those with a problem */
};

struct result {
	char name[LIMIT_SOURCE_NAME_BYTES + 1], outcome[16];
	char *text;
	uint64_t received, added, changed, unchanged, deleted, rejected;
	uint64_t filtered;
};

struct progress {
	struct event *timer;
	int64_t began_ms, last_ms;
	uint64_t records, last_records;
	unsigned done;
	struct result *results;
	size_t count, cap;
};

static void
count_selected(struct source *s, void *arg)
{
	*(unsigned *)arg += s->selected || s->run != NULL;
}

static void
on_tell(int fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct progress *p = d->progress;
	int64_t now = date_monotonic_ms();
	unsigned left = 0;
	double rate;

	(void)fd;
	(void)what;
	if (now <= p->last_ms ||
	    (p->records == p->last_records && p->done == 0))
		return;
	sources_each(d, count_selected, &left);
	rate = (double)(p->records - p->last_records) * 1000 /
	       (double)(now - p->last_ms);
	fprintf(stderr,
	    "  %u of %u sources done, %u running, %" PRIu64
	    " records, %.0f records/s\n",
	    p->done, p->done + left, runs_open(d), p->records, rate);
	p->last_ms = now;
	p->last_records = p->records;
}

void
progress_init(struct daemon *d)
{
	bool terminal = isatty(STDERR_FILENO);
	struct timeval every = {terminal ? TELL_TERMINAL_S : TELL_FILE_S, 0};
	struct progress *p;

	if (!d->opt->progress && !(d->opt->once && terminal))
		return;
	p = xcalloc(1, sizeof(*p));
	p->began_ms = p->last_ms = date_monotonic_ms();
	d->progress = p;
	p->timer = event_new(d->base, -1, EV_PERSIST, on_tell, d);
	BUG_ON(p->timer == NULL);
	event_add(p->timer, &every);
}

void
progress_free(struct daemon *d)
{
	struct progress *p = d->progress;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		free(p->results[i].text);
	free(p->results);
	event_free(p->timer);
	free(p);
	d->progress = NULL;
}

void
progress_page(
    struct daemon *d, const struct run *r, const struct msg_page_done *m)
{
	(void)r;
	if (d->progress != NULL)
		d->progress->records += (uint64_t)m->added + m->changed +
					m->touched + m->unchanged + m->deleted +
					m->filtered;
}

void
progress_changed(struct daemon *d, const struct source *s)
{
	struct progress *p = d->progress;

	if (p == NULL)
		return;
	if (s->run != NULL) {
		fprintf(stderr, "  %-24s begins\n", s->name);
		return;
	}
	p->done++;
	if (p->count == 0 ||
	    strcmp(p->results[p->count - 1].name, s->name) != 0) {
		/* Refused, lost, or closed unseen: no counters. */
		struct result r = {.text = xstrdup(s->sched.reason)};
		str_copy(r.name, sizeof(r.name), s->name);
		str_copy(r.outcome, sizeof(r.outcome), s->outcome);
		GROW(p->results, p->cap, p->count + 1);
		p->results[p->count++] = r;
	}
}

void
progress_closed(
    struct daemon *d, const struct source *s, const struct msg_run_closed *m)
{
	struct progress *p = d->progress;
	struct result r = {0};

	if (p == NULL)
		return;
	str_copy(r.name, sizeof(r.name), s->name);
	str_copy(r.outcome, sizeof(r.outcome), m->outcome);
	r.text = xstrdup(m->text);
	r.received = m->received;
	r.added = m->added;
	r.changed = m->changed + m->touched;
	r.unchanged = m->unchanged;
	r.filtered = m->filtered;
	r.deleted = m->deleted + m->missing;
	r.rejected = m->rejected;
	GROW(p->results, p->cap, p->count + 1);
	p->results[p->count++] = r;
	fprintf(stderr, "  %-24s %s, %" PRIu64 " records\n", s->name,
	    m->outcome, m->received);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct result *)a)->name, ((const struct result *)b)->name);
}

static const struct table_column columns[] = {
    {"SOURCE", "source", TABLE_TEXT, 32},
    {"OUTCOME", "outcome", TABLE_TEXT, 0},
    {"RECEIVED", "received", TABLE_NUMBER, 0},
    {"NEW", "added", TABLE_NUMBER, 0},
    {"CHANGED", "changed", TABLE_NUMBER, 0},
    {"SAME", "unchanged", TABLE_NUMBER, 0},
    {"DELETED", "deleted", TABLE_NUMBER, 0},
    {"REJECTED", "rejected", TABLE_NUMBER, 0},
    {"FILTERED", "filtered", TABLE_NUMBER | TABLE_SPARING, 0},
    {"REMARK", "text", TABLE_TEXT | TABLE_BELOW, 0},
};

void
progress_table(struct daemon *d)
{
	struct progress *p = d->progress;
	struct table *t;
	char took[32];

	if (p == NULL || !d->opt->once)
		return;
	qsort(p->results, p->count, sizeof(*p->results), by_name);
	t = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < p->count; i++) {
		const struct result *r = &p->results[i];
		if (p->count > TABLE_ROWS && strcmp(r->outcome, "ok") == 0)
			continue;
		table_cell(t, r->name);
		table_cell(t, r->outcome);
		table_cell_i64(t, (int64_t)r->received);
		table_cell_i64(t, (int64_t)r->added);
		table_cell_i64(t, (int64_t)r->changed);
		table_cell_i64(t, (int64_t)r->unchanged);
		table_cell_i64(t, (int64_t)r->deleted);
		table_cell_i64(t, (int64_t)r->rejected);
		table_cell_i64(t, (int64_t)r->filtered);
		table_cell(t, r->text);
	}
	if (table_rows(t) > 0)
		table_print(t, stdout, TABLE_PEOPLE);
	table_free(t);
	str_duration(took, sizeof(took), date_monotonic_ms() - p->began_ms);
	printf("%zu sources, %" PRIu64 " records, in %s\n", p->count,
	    p->records, took);
}
