/* Profiles of records by number, decoded and prepared for the current model;
 * for as long as a batch takes. */
#ifndef SHEAF_RESOLVE_KNOWN_H
#define SHEAF_RESOLVE_KNOWN_H

#include "base/arena.h"
#include "resolve/blocking.h"
#include "resolve/work.h"

struct known {
	struct work *work;
	const struct model
	    *model; /* that profiles are prepared for; NULL: none */
	struct arena arena;
	struct profile **profiles;
	struct blocking **blockings; /* made when asked for */
	size_t count, cap;
	struct idmap by_id; /* record_id → index of profiles */
	int64_t *wanted; /* that known_fetch() will ask for */
	size_t wanted_count, wanted_cap;
	struct idmap asked; /* wanted, or found not to be there */
};

/* For the work's model. */
void known_init(struct known *k, struct work *w);
void known_release(struct known *k);
void known_clear(struct known *k);
/* Adds one that is decoded already and lives at least as long. */
void known_add(struct known *k, struct profile *p);
/* Notes that it will be needed. */
void known_want(struct known *k, int64_t record_id);
/* Reads what was wanted, in one statement. */
int known_fetch(struct known *k, struct err *e);
/* NULL: there is no profile of it (any more), or it was not fetched. */
struct profile *known_find(const struct known *k, int64_t record_id);
const struct blocking *known_blocking(struct known *k, int64_t record_id);

/* The one of that number, made of its encoding where it is not there.  NULL and
 * e. */
const struct profile *known_take(struct known *k, int64_t record_id,
    int32_t source_id, const void *data, size_t n, struct err *e);

/* A profile from its encoding; prepared where there is a model.  NULL and e. */
struct profile *profile_of_bytes(const void *data, size_t n, int32_t source_id,
    int64_t record_id, const struct model *m, struct arena *a, struct err *e);
/* The same of (record_id, source_id, data) in the columns 0 to 2 of a row. */
struct profile *profile_of_row(const struct db_result *r, int row,
    const struct model *m, struct arena *a, struct err *e);

#endif
