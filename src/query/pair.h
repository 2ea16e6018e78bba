/* Two records side by side, and what speaks for and against their being one. */
#ifndef SHEAF_QUERY_PAIR_H
#define SHEAF_QUERY_PAIR_H

#include <stdbool.h>

#include "base/verb.h"

/* Prints both records' fields in two columns; a and b are record numbers.  An
 * exit code. */
int
pair_print_records(const struct verb_ctx *ctx, const char *a, const char *b);
/* Prints the parts of the pair's score as it is stored, and their sum;
 * `stored` says whether it is.  An exit code. */
int pair_print_evidence(
    const struct verb_ctx *ctx, const char *a, const char *b, bool *stored);
/* A text from outside, on standard output, safe for a terminal. */
void pair_puts(const char *prefix, const char *text);

#endif
