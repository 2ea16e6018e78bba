/* The vocabularies of the configuration, for registry.kind and its like. */
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/priv.h"

void
vocabulary_on_set(struct store *s, const struct msg_vocabulary_set *m, int fd)
{
	struct db_params p;
	char *text;

	if (!db_is_up(s->db))
		return; /* everything is said again after STORE_READY */
	if (m->bytes > LIMIT_RULES_BYTES) {
		log_error(NULL, "the vocabularies have %llu bytes: refused",
		    (unsigned long long)m->bytes);
		return;
	}
	text = xcalloc(1, (size_t)m->bytes + 1);
	if (pread(fd, text, (size_t)m->bytes, 0) == (ssize_t)m->bytes) {
		db_params_init(&p);
		db_put_text(&p, text);
		db_send(s->db, CONN_META, SQL_VOCABULARY_SET, &p, NULL, NULL);
	} else
		log_error(NULL, "the vocabularies cannot be read: %m");
	free(text);
}
