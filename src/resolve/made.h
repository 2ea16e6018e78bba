/* Records as they stand in the database → profiles. */
#ifndef SHEAF_RESOLVE_MADE_H
#define SHEAF_RESOLVE_MADE_H

#include "base/arena.h"
#include "base/buf.h"
#include "resolve/work.h"

struct made_record {
	int64_t record_id;
	int32_t source_id;
	bool is_there; /* there is such a record, in whatever state */
	bool is_live; /* active or missing */
	struct profile *profile; /* NULL: it takes no part (any more) */
	size_t encoded, encoded_len; /* its bytes, in text */
	/* the profile that was there: its bytes, or NULL */
	const void *was;
	size_t was_len;
	/* where its content is */
	int64_t block_id;
	size_t doc_at, doc_len;
	const char *identifier;
};

struct made {
	struct arena arena; /* profiles and texts */
	struct arena scratch; /* one document */
	struct buf text;
	struct made_record *items; /* by record_id, each once */
	size_t count, cap;
	uint64_t unreadable; /* documents that this program cannot read */
};

void made_init(struct made *m);
void made_release(struct made *m);
void made_clear(struct made *m);
/* Adds a record, before made_read(). */
void made_add(struct made *m, int64_t record_id);
/* Reads states, contents and the profiles that were there.  -1 with text.full
 * where the profiles exceed LIMIT_RESOLVE_PROFILES: it goes with fewer. */
int made_read(struct made *m, struct work *w, struct err *e);
/* Writes the profiles that differ, and deletes those of records that take no
 * part any more. */
int made_write(struct made *m, struct work *w, struct err *e);
bool made_is_same(const struct made *m, const struct made_record *r);

#endif
