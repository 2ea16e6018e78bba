/* What the deciding verbs share: an operator's word, entered and said back. */
#ifndef SHEAF_QUERY_DECIDE_H
#define SHEAF_QUERY_DECIDE_H

#include "base/verb.h"
#include "query/names.h"

struct decision {
	const char *kind; /* same, different, hide, set, purge */
	const struct named *a, *b; /* b NULL: about one record */
	const char *field, *value; /* of set */
	const char *reason; /* NULL: --reason */
};

/* --author, else the user who calls, behind sudo too; static storage. */
const char *decide_author(const struct verb_ctx *ctx);
/* EX_OK when there is a --reason, else EX_USAGE after a message. */
int decide_reason_given(const struct verb_ctx *ctx);
/* Enters it and says so; EX_OK, or an exit code after a message: EX_UNAVAILABLE
 * where it is refused. */
int decide(const struct verb_ctx *ctx, const struct decision *d);

/* names_read() or names_read_one() */
typedef int names_reader(const struct verb_ctx *ctx, size_t *at,
    const char *what, struct names *out);
/* A decision about the two records that the operands name. */
int
decide_two(const struct verb_ctx *ctx, const char *kind, names_reader *read);
/* The record, or the entry, that is the only operand. */
int decide_only(const struct verb_ctx *ctx, struct names *n);
/* The same decision about each. */
int decide_each(
    const struct verb_ctx *ctx, const char *kind, const struct names *n);

#endif
