/* Sums over a page's records.  Judging them is the driver's business. */
#include "parse/count.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

#define DAY_US	  INT64_C(86400000000)
#define SECOND_US INT64_C(1000000)

void
count_init(
    struct count *c, const char *from, const char *until, const char *set)
{
	enum granularity g;

	memset(c, 0, sizeof(*c));
	c->from = c->until = c->min = c->max = DATE_NONE;
	c->set = set;
	if (from != NULL &&
	    date_parse(from, &c->from, &c->from_granularity) < 0)
		c->from = DATE_NONE;
	if (until != NULL && date_parse(until, &c->until, &g) == 0)
		c->until += (g == GRANULARITY_DAY ? DAY_US : SECOND_US) - 1;
	else
		c->until = DATE_NONE;
}

void
count_release(struct count *c)
{
	free(c->min_given);
	free(c->max_given);
}

static void
replace(char **slot, const char *s)
{
	free(*slot);
	*slot = xstrdup(s);
}

static void
count_datestamp(struct count *c, const char *given)
{
	int64_t us, from = c->from;
	enum granularity g;

	if (given == NULL || date_parse(given, &us, &g) < 0)
		return;
	/* A day cannot be told to be before an instant of that day. */
	if (from != DATE_NONE && g == GRANULARITY_DAY)
		from = date_floor(from, DATE_DAY);
	if ((from != DATE_NONE && us < from) ||
	    (c->until != DATE_NONE && us > c->until))
		c->outside_window++;
	if (c->min == DATE_NONE || us < c->min) {
		c->min = us;
		replace(&c->min_given, given);
	}
	if (c->max == DATE_NONE || us > c->max) {
		c->max = us;
		replace(&c->max_given, given);
	}
}

/* The set itself, or one below it in the hierarchy (OAI-PMH 2.6). */
static void
count_set(struct count *c, const struct record *r)
{
	size_t n = strlen(c->set);

	for (size_t i = 0; i < r->sets.count; i++) {
		const char *s = r->sets.items[i];

		if (strncmp(s, c->set, n) == 0 && (s[n] == '\0' || s[n] == ':'))
			return;
	}
	c->outside_set++;
}

void
count_record(struct count *c, const struct record *r)
{
	uint8_t chain[HASH128_BYTES + LIMIT_IDENTIFIER_BYTES];
	size_t n = strlen(r->identifier);

	memcpy(chain, c->ids_hash, HASH128_BYTES);
	memcpy(chain + HASH128_BYTES, r->identifier, n);
	hash128(c->ids_hash, chain, HASH128_BYTES + n);
	count_datestamp(c, r->datestamp);
	if (c->set != NULL)
		count_set(c, r);
}

void
count_facts(const struct count *c, struct page_facts *f)
{
	f->outside_window = c->outside_window;
	f->outside_set = c->outside_set;
	f->min_datestamp = c->min_given;
	f->max_datestamp = c->max_given;
	memcpy(f->ids_hash, c->ids_hash, sizeof(f->ids_hash));
}
