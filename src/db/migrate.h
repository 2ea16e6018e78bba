/* The migration files: finding, ordering and checking them; private to src/db
 * and its tests. */
#ifndef SHEAF_DB_MIGRATE_H
#define SHEAF_DB_MIGRATE_H

#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

struct migration {
	int version;
	char *name; /* file name */
	char *sql;
	char checksum[2 * DIGEST_BYTES + 1];
};
struct migrations {
	struct migration *items;
	size_t count, cap;
};

/* dir/NNNN-*.sql in order; refuses gaps and doubles. */
int migrations_read(struct migrations *m, const char *dir, struct err *e);
void migrations_release(struct migrations *m);
/* A whole file as text; NULL and e. */
char *sql_file_read(const char *dir, const char *name, struct err *e);
/* Names of dir/ *.sql, sorted; NULL-terminated, freed by sql_names_free. */
char **sql_names(const char *dir, struct err *e);
void sql_names_free(char **names);

#endif
