/*
 * What the files of src/config share while a configuration is built; not for
 * other rooms.
 */
#ifndef SHEAF_CONFIG_BUILD_H
#define SHEAF_CONFIG_BUILD_H

#include "config/config.h"

struct conf_build {
	struct config *config;
	struct buf *mistakes; /* the caller's */
	unsigned mistake_count;
	/* Grown while reading, moved into the arena at the end. */
	struct conf_agency *agencies;
	struct conf_source *sources;
	struct conf_set *sets;
	size_t agency_cap, source_cap, set_cap;
	/* Where [daemon] and [database] begin; line 0: not there. */
	struct conf_place daemon, database;
	/* Lines at which keys were given, 0 where not; one a key of the table:
	 * in the section at hand, in [daemon] and [database], and in each
	 * source (a row a source). */
	unsigned *seen, *single, *source_lines;
	size_t key_count, source_lines_cap;
};

/* One line "file:line: …"; line 0 leaves the number out. */
void conf_mistake(struct conf_build *b, struct conf_place place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* keys.c: the key of that section (the table's own index in *index), or NULL.
 */
const struct conf_key *
conf_key_find(const char *section, const char *name, size_t *index);
/* The known key or section that looks most like `name`, or NULL. */
const char *conf_key_nearest(const char *section, const char *name);
const char *conf_section_nearest(const char *name);
/* How many letters may differ for `name` to be a slip of the pen. */

/* value.c: reads text into the key's field of `object`; 0, or -1 after a
 * mistake. */
int conf_value(struct conf_build *b, const struct conf_key *key, void *object,
    const char *text, struct conf_place place);

/* check_value.c: what a text must be beyond its type (a date, a header, a
 * connection string without password …); adds mistakes.  False when there is
 * no value at all. */
bool conf_check_value(struct conf_build *b, const struct conf_key *key,
    const char *text, struct conf_place place);

/* check.c: what no single key can know; adds mistakes. */
void conf_check(struct conf_build *b);

#endif
