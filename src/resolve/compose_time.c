/* Dates of an entry, and what time changes of it; see resolve/compose.h. */
#include <string.h>

#include "base/date.h"
#include "resolve/compose_priv.h"

static bool
digits(const char **p, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = 10 * *out + (**p - '0');
	}
	return true;
}

bool
compose_period(
    const char *value, int64_t *first, int64_t *last, int64_t *behind)
{
	enum { DAY = 3 };
	int part[3] = {0, 1, 1}, n = 0;
	enum granularity g;
	const char *p = value;
	static const enum date_unit units[] = {
	    DATE_YEAR, DATE_YEAR, DATE_MONTH, DATE_DAY};

	while (n < DAY && digits(&p, n == 0 ? 4 : 2, &part[n])) {
		n++;
		if (*p != '-')
			break;
		p++;
	}
	if (n == 0 || part[0] < 1 || !date_valid(part[0], part[1], part[2]))
		return false;
	if (*p == 'T') {
		if (date_parse(value, first, &g) < 0)
			return false;
		*last = *behind = *first;
		return true;
	}
	if (*p != '\0')
		return false;
	*first = date_days(part[0], part[1], part[2]) * 86400 * 1000000;
	*behind = date_step(*first, units[n], 1);
	*last = date_step(*behind, DATE_DAY, -1);
	return true;
}

static bool
is_asking(const struct composed *o)
{
	return !strcmp(o->family, "offer") || !strcmp(o->family, "need");
}

/* When the last of its records expires; DATE_NONE: one never does. */
static int64_t
expires(const struct composing *c)
{
	int64_t last = 0;

	for (size_t i = 0; i < c->in->record_count; i++) {
		const struct compose_record *r = &c->in->records[i];
		int64_t from = r->datestamp, first, day, behind;

		if (r->source->expire_us == 0)
			return DATE_NONE;
		/* As registry.record says it. */
		for (size_t n = 0; n < r->content->dates.count; n++) {
			const struct rec_date *d = &r->content->dates.items[n];

			if (d->role != NULL && !strcmp(d->role, "issued") &&
			    d->value != NULL &&
			    compose_period(d->value, &first, &day, &behind)) {
				if (from == DATE_NONE || first > from)
					from = first;
				break;
			}
		}
		if (from == DATE_NONE)
			from = r->first_seen;
		if (from + r->source->expire_us > last)
			last = from + r->source->expire_us;
	}
	return last;
}

static bool
is_over(const char *status)
{
	return status != NULL &&
	       (!strcmp(status, "closed") || !strcmp(status, "fulfilled") ||
		   !strcmp(status, "ended"));
}

static void
set_status(struct composed *o, const char *status, int64_t record_id)
{
	o->fields[ENTRY_STATUS].value = status;
	o->fields[ENTRY_STATUS].record_id = record_id;
}

/* What is over stays so; the nearest thing to come is due. */
static void
pass(struct composing *c, int64_t closes)
{
	struct composed *o = c->out;
	struct composed_field *status = &o->fields[ENTRY_STATUS];
	int64_t ends = expires(c);

	o->due = DATE_NONE;
	if (status->is_set)
		return;
	if (closes != DATE_NONE && is_asking(o) && !is_over(status->value)) {
		if (closes <= c->in->now) {
			set_status(
			    o, "closed", o->fields[ENTRY_DEADLINE].record_id);
		} else {
			o->due = closes;
			if (status->value == NULL)
				set_status(o, "open",
				    o->fields[ENTRY_DEADLINE].record_id);
		}
	}
	if (ends == DATE_NONE || is_over(status->value))
		return;
	if (ends <= c->in->now) {
		set_status(o, "ended",
		    c->in->records[compose_order(c, ENTRY_STATUS)[0]]
			.record_id);
		o->due = DATE_NONE;
	} else if (o->due == DATE_NONE || ends < o->due) {
		o->due = ends;
	}
}

/* What is no date is none. */
static bool
read(struct composed *o, enum entry_field f, int64_t *first, int64_t *last,
    int64_t *behind)
{
	struct composed_field *x = &o->fields[f];

	*first = *last = *behind = DATE_NONE;
	if (x->value == NULL)
		return false;
	if (compose_period(x->value, first, last, behind))
		return true;
	if (!x->is_set)
		memset(x, 0, sizeof(*x));
	*first = *last = *behind = DATE_NONE;
	return false;
}

static void
read_issued(struct composing *c)
{
	struct composed *o = c->out;
	struct composed_field *f = &o->fields[ENTRY_ISSUED];
	int64_t first, last, behind;
	int y, m, d;
	size_t n;

	if (!read(o, ENTRY_ISSUED, &first, &last, &behind))
		return;
	date_from_days(
	    date_floor(first, DATE_DAY) / 1000000 / 86400, &y, &m, &d);
	o->issued = arena_printf(c->arena, "%04d-%02d-%02d", y, m, d);
	n = strlen(f->value);
	o->issued_precision = n == 4 ? "year" : n == 7 ? "month" : "day";
}

void
compose_times(struct composing *c)
{
	struct composed *o = c->out;
	int64_t first, last, closes, behind;

	read_issued(c);
	read(o, ENTRY_STARTS, &o->starts, &last, &behind);
	read(o, ENTRY_ENDS, &first, &o->ends, &behind);
	read(o, ENTRY_DEADLINE, &first, &o->deadline, &closes);
	pass(c, closes);
}
