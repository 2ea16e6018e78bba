/*
 * All clusters and entries; see resolve/clusters_run.h.
 *
 * What connects records (pairs, operators' words, entries that they have) is
 * joined in memory, 16 bytes a record; whole components then go to
 * group_write(), a few thousand records at a time, by their first records.
 * sheaf.resolving remembers the first record of the last component.
 */
#include "resolve/clusters_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "resolve/parameters.h"
#include "resolve/version.h"

/* Records with a profile, and those that have an entry to lose. */
static const char get_records[] =
    "select p.record_id from sheaf.profile p "
    "where p.record_id > $1::bigint order by p.record_id limit $2::bigint";
static const char get_lost[] =
    "select m.record_id from sheaf.member m where m.active "
    "and (select p.record_id from sheaf.profile p "
    "where p.record_id = m.record_id) is null order by m.record_id";
#define PAIRS(table)                                                           \
	"select m.a, m.b from " table " m "                                    \
	"where (m.a, m.b) > ($1::bigint, $2::bigint) "                         \
	"and m.score >= $3::float8 and m.verdict <> 'related' "                \
	"order by m.a, m.b limit $4::bigint"
static const char get_pairs[] = PAIRS("sheaf.match");
static const char get_proposed[] = PAIRS("sheaf.proposed_match");
#undef PAIRS
static const char get_links[] =
    "select l.a, l.b from sheaf.link l where l.is_same";
static const char get_entries[] =
    "select m.entry_id, m.record_id from sheaf.member m "
    "where (m.entry_id, m.record_id) > ($1::uuid, $2::bigint) "
    "order by m.entry_id, m.record_id limit $3::bigint";

enum { STEP_MS = 1000, ROWS = 20000 };

enum at { AT_RECORDS, AT_LOST, AT_PAIRS, AT_LINKS, AT_ENTRIES, AT_WRITING };

struct clusters_run {
	struct work *work;
	enum at at;
	int64_t *records; /* by rising number */
	uint32_t *parents;
	bool *is_lost; /* it has no profile */
	size_t count, cap;
	int64_t after_a, after_b; /* where reading goes on */
	uint8_t after_entry[16];
	uint8_t entry[16]; /* of the last row */
	size_t entry_record; /* a record of it; SIZE_MAX: none yet */
	uint32_t *order; /* indexes by component */
	size_t next; /* in order */
	struct known known;
	struct group group;
};

struct clusters_run *
clusters_run_new(struct work *w)
{
	struct clusters_run *c = xcalloc(1, sizeof(*c));

	c->work = w;
	c->entry_record = SIZE_MAX;
	known_init(&c->known, w);
	group_init(&c->group, w, &c->known);
	return c;
}

void
clusters_run_free(struct clusters_run *c)
{
	if (c == NULL)
		return;
	free(c->records);
	free(c->parents);
	free(c->is_lost);
	free(c->order);
	known_release(&c->known);
	group_release(&c->group);
	free(c);
}

const struct group_change *
clusters_run_change(const struct clusters_run *c)
{
	return &c->group.change;
}

/* --- components --- */
static size_t
index_of(const struct clusters_run *c, int64_t record)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c->records[mid] == record)
			return mid;
		if (c->records[mid] < record)
			low = mid + 1;
		else
			high = mid;
	}
	return SIZE_MAX;
}

static uint32_t
root(struct clusters_run *c, uint32_t i)
{
	while (c->parents[i] != i) {
		c->parents[i] = c->parents[c->parents[i]];
		i = c->parents[i];
	}
	return i;
}

/* The root is the record with the least number. */
static void
join(struct clusters_run *c, size_t a, size_t b)
{
	uint32_t x, y;

	if (a == SIZE_MAX || b == SIZE_MAX)
		return;
	x = root(c, (uint32_t)a);
	y = root(c, (uint32_t)b);
	if (x < y)
		c->parents[y] = x;
	else
		c->parents[x] = y;
}

static void
add_record(struct clusters_run *c, int64_t record)
{
	GROW(c->records, c->cap, c->count + 1);
	c->records[c->count++] = record;
}

/* --- reading, some thousand rows at a time; 1: no more --- */
static int
read_records(struct clusters_run *c, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int n;

	db_params_init(&q);
	db_put_i64(&q, c->after_a);
	db_put_i64(&q, ROWS);
	r = db_work(c->work->db, get_records, &q, e);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	for (int i = 0; i < n; i++)
		add_record(c, db_i64(r, i, 0));
	if (n > 0)
		c->after_a = db_i64(r, n - 1, 0);
	db_result_free(r);
	return n < ROWS;
}

/* Those without a profile go in between. */
static int
read_lost(struct clusters_run *c, struct err *e)
{
	struct db_result *r = db_work(c->work->db, get_lost, NULL, e);
	size_t had = c->count, to, lost;

	if (r == NULL)
		return -1;
	lost = (size_t)db_rows(r);
	for (size_t i = 0; i < lost; i++)
		add_record(c, 0);
	c->is_lost = xcalloc(c->count + 1, sizeof(*c->is_lost));
	c->parents = xcalloc(c->count + 1, sizeof(*c->parents));
	to = c->count;
	while (lost > 0) {
		int64_t record = db_i64(r, (int)lost - 1, 0);

		to--;
		c->is_lost[to] = had == 0 || c->records[had - 1] < record;
		c->records[to] = c->is_lost[to] ? record : c->records[had - 1];
		if (c->is_lost[to])
			lost--;
		else
			had--;
	}
	for (size_t i = 0; i < c->count; i++)
		c->parents[i] = (uint32_t)i;
	db_result_free(r);
	c->after_a = c->after_b = 0;
	return 1;
}

static int
read_pairs(struct clusters_run *c, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int n;

	db_params_init(&q);
	db_put_i64(&q, c->after_a);
	db_put_i64(&q, c->after_b);
	db_put_f64(&q, PARAMETER.merge);
	db_put_i64(&q, ROWS);
	r = db_work(
	    c->work->db, work_table(c->work, get_pairs, get_proposed), &q, e);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	for (int i = 0; i < n; i++)
		join(c, index_of(c, db_i64(r, i, 0)),
		    index_of(c, db_i64(r, i, 1)));
	if (n > 0) {
		c->after_a = db_i64(r, n - 1, 0);
		c->after_b = db_i64(r, n - 1, 1);
	}
	db_result_free(r);
	return n < ROWS;
}

static int
read_links(struct clusters_run *c, struct err *e)
{
	struct db_result *r = db_work(c->work->db, get_links, NULL, e);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		join(c, index_of(c, db_i64(r, i, 0)),
		    index_of(c, db_i64(r, i, 1)));
	db_result_free(r);
	c->after_b = INT64_MIN;
	return 1;
}

static int
read_entries(struct clusters_run *c, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int n;

	db_params_init(&q);
	db_put_uuid(&q, c->after_entry);
	db_put_i64(&q, c->after_b);
	db_put_i64(&q, ROWS);
	r = db_work(c->work->db, get_entries, &q, e);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	for (int i = 0; i < n; i++) {
		size_t bytes, at = index_of(c, db_i64(r, i, 1));
		const void *entry = db_bytes(r, i, 0, &bytes);

		if (memcmp(entry, c->entry, sizeof(c->entry)) != 0) {
			memcpy(c->entry, entry, sizeof(c->entry));
			c->entry_record = SIZE_MAX;
		}
		join(c, c->entry_record, at);
		if (at != SIZE_MAX)
			c->entry_record = at;
	}
	if (n > 0) {
		memcpy(c->after_entry, c->entry, sizeof(c->after_entry));
		c->after_b = db_i64(r, n - 1, 1);
	}
	db_result_free(r);
	return n < ROWS;
}

/* --- writing --- */
static void
put_in_order(struct clusters_run *c)
{
	uint32_t *starts = xcalloc(c->count + 1, sizeof(*starts));

	c->order = xcalloc(c->count + 1, sizeof(*c->order));
	for (size_t i = 0; i < c->count; i++)
		starts[root(c, (uint32_t)i) + 1]++;
	for (size_t i = 0; i < c->count; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < c->count; i++)
		c->order[starts[root(c, (uint32_t)i)]++] = (uint32_t)i;
	free(starts);
	c->next = 0;
	while (c->next < c->count && c->records[root(c, c->order[c->next])] <=
					 c->work->state.position)
		c->next++;
}

static void
take_component(struct clusters_run *c)
{
	uint32_t first = root(c, c->order[c->next]);

	for (; c->next < c->count && root(c, c->order[c->next]) == first;
	     c->next++) {
		uint32_t i = c->order[c->next];

		group_add(&c->group, c->records[i], !c->is_lost[i]);
	}
	c->work->state.position = c->records[first];
}

static int
write_some(struct clusters_run *c, struct err *e)
{
	struct work *w = c->work;
	int rc;

	group_clear(&c->group);
	known_clear(&c->known);
	while (c->next < c->count && c->group.count < LIMIT_RESOLVE_GROUPED)
		take_component(c);
	if (work_begin(w, e) < 0)
		return -1;
	rc = work_names(w, e);
	if (rc == 0)
		rc = group_write(&c->group, e);
	if (rc == 0)
		rc = work_save(w, e);
	if (rc < 0) {
		work_rollback(w);
		return -1;
	}
	w->records += c->group.count;
	return work_commit(w, e);
}

static int
finish(struct clusters_run *c, struct err *e)
{
	struct work *w = c->work;

	w->state.phase = PHASE_IDLE;
	w->state.version = 0;
	w->state.position = 0;
	if (work_begin(w, e) < 0)
		return -1;
	if ((w->weighing == NULL && version_apply(w, w->version, e) < 0) ||
	    work_save(w, e) < 0) {
		work_rollback(w);
		return -1;
	}
	return work_commit(w, e) < 0 ? -1 : 1;
}

/* 1: this part is done. */
static int
part(struct clusters_run *c, struct err *e)
{
	switch (c->at) {
	case AT_RECORDS:
		return read_records(c, e);
	case AT_LOST:
		return read_lost(c, e);
	case AT_PAIRS:
		return read_pairs(c, e);
	case AT_LINKS:
		return read_links(c, e);
	case AT_ENTRIES:
		return read_entries(c, e);
	case AT_WRITING:
		break;
	}
	if (c->order == NULL)
		put_in_order(c);
	if (c->next == c->count)
		return 1;
	return write_some(c, e);
}

int
clusters_run_step(struct clusters_run *c, struct err *e)
{
	int64_t until = date_monotonic_ms() + STEP_MS;

	while (date_monotonic_ms() < until) {
		int rc = part(c, e);

		if (rc < 0)
			return -1;
		if (rc > 0 && c->at == AT_WRITING)
			return finish(c, e);
		if (rc > 0)
			c->at++;
	}
	return 0;
}
