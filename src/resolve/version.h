/* Versions of the model in the database. */
#ifndef SHEAF_RESOLVE_VERSION_H
#define SHEAF_RESOLVE_VERSION_H

#include "resolve/work.h"

/* Digest of the parameters and of the encodings: a version that was made by
 * others is not gone by. */
const char *version_parameters(void);

/* The model of a version, with what the configuration says of sources; NULL
 * and e. */
struct model *version_load(struct work *w, int32_t version, struct err *e);
/* Stores a model as the next version, in the caller's transaction: *version is
 * its number, which the model has then, too.  state: "applying" or
 * "proposed", of which there is one at the most. */
int version_store(struct work *w, struct model *m, const char *state,
    const char *note, int32_t *version, struct err *e);
/* The version that is being applied is the current one from now on. */
int version_apply(struct work *w, int32_t version, struct err *e);

/* Why the current version no longer fits what is there; empty: it does.
 * strict: for --once, which judges by tables of what it has harvested. */
int version_check(
    struct work *w, bool strict, char *why, size_t size, struct err *e);

#endif
