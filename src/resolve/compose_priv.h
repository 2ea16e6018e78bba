/* What the files of the composer share; private to src/resolve/compose*.c. */
#ifndef SHEAF_RESOLVE_COMPOSE_PRIV_H
#define SHEAF_RESOLVE_COMPOSE_PRIV_H

#include "resolve/compose.h"

struct composing {
	const struct compose_input *in;
	struct composed *out;
	struct arena *arena;
	size_t *ranks; /* of each record: 0 says most, is newest, … */
	const char **agencies; /* of each record: whose it is */
	bool has_trust; /* sources differ in what they are trusted */
};

/* How a value is known: the less the better. */
int compose_basis(const char *basis);
/* All records for the lists of a field, the best first. */
const size_t *compose_order(struct composing *c, enum entry_field f);

void compose_lists(struct composing *c);
void compose_codes(struct composing *c);
/* Dates, status and what time changes of it; fields are chosen. */
void compose_times(struct composing *c);

/* A period as RECORD.md writes it: its first moment, the first moment of its
 * last day, and the first one behind it.  False where it is none. */
bool compose_period(
    const char *value, int64_t *first, int64_t *last, int64_t *behind);

#endif
