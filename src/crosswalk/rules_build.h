/* What rules_read.c gathers and rules_compile.c makes a block of. */
#ifndef SHEAF_CROSSWALK_RULES_BUILD_H
#define SHEAF_CROSSWALK_RULES_BUILD_H

#include <stdint.h>

#include "base/arena.h"
#include "crosswalk/rules_block.h"
#include "crosswalk/rules_compile.h"
#include "crosswalk/table.h"

/* Texts to numbers.  The texts are kept, not copied. */
struct rules_map {
	struct rules_map_slot {
		const char *key;
		uint64_t hash;
		uint32_t value;
	} * slots;
	size_t cap, count;
};
/* Where the key's value is, after making it (UINT32_MAX) if need be. */
uint32_t *rules_map_put(struct rules_map *m, const char *key);
/* NULL: it is not there. */
const uint32_t *rules_map_get(const struct rules_map *m, const char *key);
void rules_map_free(struct rules_map *m);

struct build_name {
	const char *text, *lang;
	bool is_alternative;
	uint32_t next; /* of the same thing; UINT32_MAX: none */
};
struct build_thing {
	int vocab; /* -1: a scheme that is no vocabulary */
	const char *scheme, *code;
	const char *parents; /* as written; NULL: none */
	uint32_t name_first, name_last; /* UINT32_MAX: none */
	struct table_place place;
};
struct build_line { /* of the second layout */
	enum rules_vocab vocab;
	const char *scheme, *term, *codes;
	struct table_place place;
};

struct rules_build {
	struct arena arena; /* texts */
	struct table_log log;
	size_t files, rows;
	struct build_thing *things;
	size_t thing_count, thing_cap;
	struct build_name *names;
	size_t name_count, name_cap;
	struct build_line *lines;
	size_t line_count, line_cap;
	struct rules_map by_code; /* "SCHEME CODE" → thing */
	/* the block in the making */
	struct rules_term *terms; /* texts: offsets into pool */
	size_t term_count, term_cap;
	/* The file whose line a term is from; NULL: derived. */
	const char **term_file;
	size_t term_file_cap;
	struct rules_map by_key, by_text, by_list;
	struct buf pool;
};

/* The thing of a scheme, or NULL. */
struct build_thing *
build_find(struct rules_build *b, const char *scheme, const char *code);

/* rules_terms.c: everything that a term can be found by. */
void build_terms(struct rules_build *b);
/* Offset of a text, or of the list of what stands between |, in the pool; the
 * text is kept, so it must live as long as b. */
uint32_t build_text(struct rules_build *b, const char *text);
uint32_t build_list(struct rules_build *b, const char *texts);
/* Calls for each part between |, trimmed and in the arena. */
void build_each(struct rules_build *b, const char *texts,
    void (*each)(void *arg, const char *part), void *arg);

#endif
