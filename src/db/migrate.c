/* The migration files; see db/migrate.h. */
#include "db/migrate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

char *
sql_file_read(const char *dir, const char *name, struct err *e)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct buf b;
	FILE *f = fopen(path, "re");
	char *room;
	size_t n = 0;

	buf_init(&b, 4 * MIB);
	if (f == NULL) {
		err_sys(e, "%s", path);
		free(path);
		return NULL;
	}
	do {
		room = buf_reserve(&b, 64 * KIB);
		if (room == NULL)
			break;
		n = fread(room, 1, 64 * KIB, f);
		buf_added(&b, n);
	} while (n > 0);
	if (room == NULL || ferror(f) || memchr(b.data, '\0', b.len) != NULL) {
		err_set(e, ERR_SYSTEM, 0, "%s: cannot be read as SQL", path);
		buf_release(&b);
	}
	fclose(f);
	free(path);
	return b.data != NULL ? buf_detach(&b) : NULL;
}

static int
is_sql(const struct dirent *d)
{
	return str_ends(d->d_name, ".sql");
}

char **
sql_names(const char *dir, struct err *e)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_sql, alphasort);
	char **names;

	if (n < 0) {
		err_sys(e, "%s (where Sheaf's SQL should be)", dir);
		return NULL;
	}
	names = xcalloc((size_t)n + 1, sizeof(*names));
	for (int i = 0; i < n; i++) {
		names[i] = xstrdup(list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return names;
}

void
sql_names_free(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

static int
add(struct migrations *m, const char *dir, const char *name, struct err *e)
{
	struct migration *x;
	struct digest d;
	uint8_t sum[DIGEST_BYTES];
	char *sql = sql_file_read(dir, name, e);

	if (sql == NULL)
		return -1;
	GROW(m->items, m->cap, m->count + 1);
	x = &m->items[m->count++];
	x->version = atoi(name);
	x->name = xstrdup(name);
	x->sql = sql;
	digest_init(&d);
	digest_add(&d, sql, strlen(sql));
	digest_end(&d, sum);
	digest_hex(x->checksum, sum);
	if (x->version != (int)m->count)
		return err_set(e, ERR_SYSTEM, 0,
		    "%s/%s: migration %zu was expected here", dir, name,
		    m->count);
	return 0;
}

int
migrations_read(struct migrations *m, const char *dir, struct err *e)
{
	char **names = sql_names(dir, e);
	int rc = 0;

	memset(m, 0, sizeof(*m));
	if (names == NULL)
		return -1;
	for (size_t i = 0; rc == 0 && names[i] != NULL; i++) {
		if (isdigit((unsigned char)names[i][0]))
			rc = add(m, dir, names[i], e);
	}
	sql_names_free(names);
	if (rc == 0 && m->count == 0)
		rc = err_set(e, ERR_SYSTEM, 0, "%s: no migration here", dir);
	return rc;
}

void
migrations_release(struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->items[i].name);
		free(m->items[i].sql);
	}
	free(m->items);
	memset(m, 0, sizeof(*m));
}
