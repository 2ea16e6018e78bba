/* A made-up registry: titles of a closed vocabulary, persons, years, copies
 * with typing errors and cuts in other sources. */
#ifndef SHEAF_TESTS_RESOLVE_REGISTRY_H
#define SHEAF_TESTS_RESOLVE_REGISTRY_H

#include "resolve/learn.h"

enum { REGISTRY_SOURCES = 4 };

struct made {
	struct profile *profiles;
	unsigned *thing; /* what each record is about */
	size_t count;
	struct arena arena;
};
/* About 1.5 records a thing; the same seed gives the same ones. */
void made_init(struct made *r, size_t things, uint32_t seed);
void made_release(struct made *r);
/* One record; source 1 … REGISTRY_SOURCES. */
void made_profile(struct profile *p, struct arena *a, const char *id,
    const char *title, const char *name, const char *venue, int year,
    int source);
/* In the order given (NULL: as they are), with records numbered from `number`
 * on in that order. */
struct model *
made_learn(struct made *r, const size_t *order, int64_t number, size_t most);
/* All its bytes: parts, aliases, sources; to be freed. */
char *made_bytes(struct model *m, size_t *n);

#endif
