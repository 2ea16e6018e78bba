/* Composed entries as rows to be copied; private to src/resolve/compose_*.c. */
#ifndef SHEAF_RESOLVE_COMPOSE_PUT_H
#define SHEAF_RESOLVE_COMPOSE_PUT_H

#include "resolve/compose_batch.h"

enum put_table {
	PUT_ENTRY,
	PUT_TITLE,
	PUT_ABSTRACT,
	PUT_AGENT,
	PUT_IDENTIFIER,
	PUT_LINK,
	PUT_SUBJECT,
	PUT_CODE,
	PUT_DATE,
	PUT_RIGHTS,
	PUT_RELATION,
	PUT_TABLES
};

struct put {
	struct db_params rows[PUT_TABLES];
	size_t counts[PUT_TABLES];
	struct buf json;
};

void put_init(struct put *p);
void put_release(struct put *p);
/* The entry's row and those of its values. */
void put_entry(struct put *p, const struct batch_entry *x, int64_t at);
/* Sends them all. */
int put_copy(struct put *p, struct work *w, struct err *e);

#endif
