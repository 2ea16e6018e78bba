/* What the records of a page say together: how many lie outside of what was
 * asked, the span of their datestamps, a hash of their identifiers. */
#ifndef SHEAF_PARSE_COUNT_H
#define SHEAF_PARSE_COUNT_H

#include "base/date.h"
#include "record/facts.h"

struct count {
	int64_t from,
	    until; /* first and last instant asked for, or DATE_NONE */
	enum granularity from_granularity;
	const char *set;
	uint64_t outside_window, outside_set;
	int64_t min, max;
	char *min_given, *max_given;
	uint8_t ids_hash[HASH128_BYTES];
};

void count_init(
    struct count *c, const char *from, const char *until, const char *set);
void count_release(struct count *c);
void count_record(struct count *c, const struct record *r);
/* Puts the sums into f, whose texts then live as long as c. */
void count_facts(const struct count *c, struct page_facts *f);

#endif
