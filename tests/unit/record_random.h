/* Random records for round trips, from a seed: every field at times, texts of
 * many lengths and alphabets, words from their lists. */
#ifndef SHEAF_TESTS_RECORD_RANDOM_H
#define SHEAF_TESTS_RECORD_RANDOM_H

#include "record/record.h"

struct dice {
	uint64_t state;
};
unsigned dice_roll(struct dice *d, unsigned sides); /* 0 … sides - 1 */

/* A record that record_check() finds good, texts never "". */
void random_record(struct record *r, struct arena *a, struct dice *d);

#endif
