/* What a model is made of.  For this room only: model.c, model_codec.c and
 * learn*.c. */
#ifndef SHEAF_RESOLVE_MODEL_PRIV_H
#define SHEAF_RESOLVE_MODEL_PRIV_H

#include "base/arena.h"
#include "resolve/counts.h"
#include "resolve/model.h"

struct model_alias_slot {
	uint64_t key; /* of both names' hashes */
	double weight;
};

struct model {
	int32_t version;
	uint64_t records;
	uint32_t floor;
	struct counts counts;
	struct arena arena; /* texts of aliases */
	struct model_alias *aliases;
	size_t alias_count, alias_cap;
	struct model_alias_slot *slots; /* by key; once it is ready */
	struct model_source *sources; /* by number */
	size_t source_count, source_cap;
	/* writing */
	uint64_t *sorted; /* keys of counts; NULL until asked for */
	/* loading */
	uint64_t expected; /* counts of all parts */
	bool has_part;
	bool is_ready;
};

/* The entries of a part. */
enum { MODEL_PART_ENTRIES = 65536 };

/* Adds an alias whose names are already checked; the texts are copied. */
void model_add_alias(struct model *m, const struct model_alias *alias);

#endif
