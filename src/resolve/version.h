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
 * "proposed", of which there is one at the most, and before it is weighed the
 * one that was. */
int version_store(struct work *w, struct model *m, const char *state,
    const char *note, int32_t *version, struct err *e);
/* The version that is being applied is the current one from now on. */
int version_apply(struct work *w, int32_t version, struct err *e);

enum version_fit {
	VERSION_FITS,
	VERSION_PARAMETERS, /* it was made by another program's */
	VERSION_GIVEN, /* the configuration says something else of a source */
	VERSION_BEYOND, /* counts are beyond its bounds */
	VERSION_DOUBLED, /* there are twice the records */
};

/* Whether the current version fits what is there, and why not: empty, where it
 * does.  exactly: what is there is counted, else known by statistics. */
int version_check(struct work *w, bool exactly, enum version_fit *fit,
    char *why, size_t size, struct err *e);
/* A source of which the configuration says something else than a version, whose
 * sources these are; NULL: none.  The name lives as long as w's sources. */
const char *
version_given_differs(struct work *w, const struct model_source *s, size_t n);
/* Writes that down, for operators (sheaf.resolving.unfit). */
int version_tell(struct work *w, const char *why, struct err *e);

#endif
