/* Records as operators name them: by number, by source and identifier, or by
 * the entry that they are in. */
#ifndef SHEAF_QUERY_NAMES_H
#define SHEAF_QUERY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/verb.h"

struct named {
	char *record_id, *source, *identifier; /* never NULL */
	char *title, *entry_id; /* NULL: none */
};

struct names {
	struct named *items; /* one, or those of an entry, oldest first */
	size_t count;
	char *entry; /* where an entry was named: its id now */
};

/* Takes RECORD, ENTRY or SOURCE IDENTIFIER from the operands at *at, and moves
 * *at behind it.  `what` names the operand in messages ("A").  EX_OK, or an
 * exit code after a message. */
int names_read(const struct verb_ctx *ctx, size_t *at, const char *what,
    struct names *out);
/* The same where one record has to be meant: an entry with several is
 * refused. */
int names_read_one(const struct verb_ctx *ctx, size_t *at, const char *what,
    struct names *out);
/* EX_OK when all operands are read, else EX_USAGE after a message. */
int names_end(const struct verb_ctx *ctx, size_t at);
void names_release(struct names *n);
/* 8-4-4-4-12 hexadecimal digits. */
bool names_is_uuid(const char *s);

#endif
