/*
 * The table of what a source has (record/known.h), made once a run, when its
 * first pages brought little that is new and more of them are to come.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "record/known.h"
#include "store/priv.h"

enum {
	KNOWN_PAGE = 50, /* records of a page that says something */
	KNOWN_RECORDS = 1 << 18 /* of a source: a table of 4 MiB at most */
};
#define KNOWN_BYTES_ALL (24 * MIB)

struct known_request {
	struct request base;
	uint64_t run_id;
};

static int
make_table(const uint8_t *keys, size_t count, size_t n)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	size_t bytes = n * sizeof(uint64_t);
	int fd = memfd_create("known", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint64_t *slots;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)bytes) < 0 ||
	    (slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 0)) == MAP_FAILED) {
		close(fd);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		known_add(slots, n, keys + i * KNOWN_KEY_BYTES);
	munmap(slots, bytes);
	if (fcntl(fd, F_ADD_SEALS, seals) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
on_keys(void *arg, const struct db_result *res)
{
	struct known_request *q = arg;
	struct store *s = q->base.store;
	struct run *r = run_find(s, q->run_id);
	struct msg m = {.type = MSG_RUN_KNOWN};
	const uint8_t *keys;
	size_t bytes, n;
	int fd;

	if (r == NULL || db_is_null(res, 0, 0))
		return;
	keys = db_bytes(res, 0, 0, &bytes);
	n = known_slots(bytes / KNOWN_KEY_BYTES);
	if (s->known_bytes + n * sizeof(uint64_t) > KNOWN_BYTES_ALL)
		return;
	fd = make_table(keys, bytes / KNOWN_KEY_BYTES, n);
	if (fd < 0)
		return; /* everything is read, then */
	r->known_bytes = n * sizeof(uint64_t);
	s->known_bytes += r->known_bytes;
	m.run_known.run_id = r->id;
	if (s->chan != NULL)
		chan_send(s->chan, &m, &fd, 1);
	close(fd);
}

static void
on_done(void *arg, const struct db_error *e)
{
	struct known_request *q = arg;

	if (e != NULL)
		log_debug(NULL, "no table of what is known: %s", e->err.text);
	request_free(&q->base);
}

void
known_consider(const struct page *p)
{
	const struct page_counts *c = &p->counts;
	struct store *s = p->store;
	struct run *r = p->run;
	struct known_request *q;
	struct db_params params;
	/* What keep leaves out is not among the active. */
	int64_t to_come =
	    p->advertised >= 0 ? p->advertised : (int64_t)r->active;

	if (r->known_asked || r->gone || c->received < KNOWN_PAGE ||
	    2 * (c->unchanged + c->still) < c->received || r->rejudges ||
	    r->active > KNOWN_RECORDS || to_come < 2 * (int64_t)c->received)
		return;
	r->known_asked = true;
	q = request_new(s, sizeof(*q));
	q->run_id = r->id;
	db_params_init(&params);
	db_put_i32(&params, (int32_t)r->source_id);
	db_put_i64(&params, KNOWN_RECORDS);
	db_put_bool(&params, r->is_full);
	db_send(s->db, CONN_QUICK, SQL_KNOWN, &params, on_keys, q);
	db_sync(s->db, CONN_QUICK, on_done, q);
}
