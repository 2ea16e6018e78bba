/* Groups → entries, members, forwards; see resolve/group_entries.h. */
#include "resolve/group_entries.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/date.h"
#include "resolve/weigh.h"

/* With a record all that ever were in its entry. */
static const char get_members[] =
    "select o.record_id, o.entry_id, o.active from sheaf.member o "
    "where o.entry_id in (select m.entry_id from sheaf.member m "
    "where m.record_id = any($1::bigint[]))";
static const char get_entries[] =
    "select e.entry_id, e.made_at, e.state, e.records from sheaf.entry e "
    "where e.entry_id = any($1::uuid[])";
static const char get_names[] =
    "select r.record_id, r.source_id, r.identifier from sheaf.record r "
    "where r.record_id = any($1::bigint[])";
static const char copy_entries[] =
    "copy sheaf.entry (entry_id, state, records, made_at, changed_at) "
    "from stdin (format binary)";
static const char set_entries[] =
    "update sheaf.entry x set state = u.state, records = u.records, "
    "changed_at = clock_timestamp(), reason = null "
    "from unnest($1::uuid[], $2::text[], $3::integer[]) "
    "as u (entry_id, state, records) where x.entry_id = u.entry_id";
static const char copy_members[] =
    "copy sheaf.member (record_id, entry_id, active) "
    "from stdin (format binary)";
static const char put_members[] =
    "insert into sheaf.member (record_id, entry_id, active) "
    "select u.record_id, u.entry_id, u.active "
    "from unnest($1::bigint[], $2::uuid[], $3::boolean[]) "
    "as u (record_id, entry_id, active) "
    "on conflict (record_id) do update set entry_id = excluded.entry_id, "
    "active = excluded.active";
static const char put_forwards[] =
    "insert into sheaf.forward (from_entry, to_entry, why) "
    "select u.from_entry, u.to_entry, u.why "
    "from unnest($1::uuid[], $2::uuid[], $3::text[]) "
    "as u (from_entry, to_entry, why) "
    "on conflict (from_entry, to_entry) do update set why = excluded.why, "
    "at = clock_timestamp()";
/* Which records of one source are in one entry. */
static const char drop_own[] =
    "delete from sheaf.own_duplicate where entry_id = any($1::uuid[])";
static const char put_own[] =
    "insert into sheaf.own_duplicate (entry_id, source_id, records) "
    "select m.entry_id, r.source_id, count(*) from sheaf.member m "
    "join sheaf.record r on r.record_id = m.record_id "
    "where m.entry_id = any($1::uuid[]) and m.active "
    "group by m.entry_id, r.source_id having count(*) > 1";
static const char put_uncomposed[] = "select sheaf.recompose($1::uuid[])";

struct plan {
	struct group *g;
	struct arena arena;
	struct entries_record *records;
	size_t record_count, record_cap;
	bool *had_member; /* of each record */
	struct entries_entry *entries;
	size_t entry_count, entry_cap;
	int32_t *was_active; /* of each entry: sheaf.entry.records */
	struct idmap by_record, by_entry; /* by number; by a hash of the id */
	uint8_t (*ids)[ENTRY_ID_BYTES]; /* of all entries, new ones behind */
};

static uint64_t
id_hash(const uint8_t *id)
{
	return profile_hash(HASH_RECORD, id, ENTRY_ID_BYTES) | 1;
}

static size_t
add_entry(struct plan *p, const uint8_t *id)
{
	uint32_t *at =
	    idmap_add(&p->by_entry, id_hash(id), (uint32_t)p->entry_count);

	if (*at < p->entry_count) {
		BUG_ON(memcmp(p->entries[*at].id, id, ENTRY_ID_BYTES) != 0);
		return *at;
	}
	GROW(p->entries, p->entry_cap, p->entry_count + 1);
	memset(&p->entries[p->entry_count], 0, sizeof(*p->entries));
	memcpy(p->entries[p->entry_count].id, id, ENTRY_ID_BYTES);
	return p->entry_count++;
}

static struct entries_record *
add_record(struct plan *p, int64_t record_id)
{
	uint32_t *at = idmap_add(
	    &p->by_record, (uint64_t)record_id, (uint32_t)p->record_count);
	struct entries_record *r;

	if (*at < p->record_count)
		return &p->records[*at];
	GROW(p->records, p->record_cap, p->record_count + 1);
	r = &p->records[p->record_count++];
	memset(r, 0, sizeof(*r));
	r->record_id = (uint64_t)record_id;
	r->entry = r->group = ENTRIES_NONE;
	return r;
}

static void
put_ids(struct db_params *q, const struct plan *p)
{
	db_array_begin(q, DB_INT8);
	for (size_t i = 0; i < p->record_count; i++)
		db_put_i64(q, (int64_t)p->records[i].record_id);
	db_array_end(q);
}

static int
read_members(struct plan *p, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	size_t n;

	db_params_init(&q);
	put_ids(&q, p);
	r = db_work(p->g->work->db, get_members, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		size_t entry = add_entry(p, db_bytes(r, i, 1, &n));
		struct entries_record *x = add_record(p, db_i64(r, i, 0));

		x->entry = entry;
		x->was_active = db_bool(r, i, 2);
	}
	db_result_free(r);
	return 0;
}

static enum entry_state
state_of(const char *name)
{
	for (int s = 0; s < ENTRY_STATES; s++) {
		if (!strcmp(entry_state_name((enum entry_state)s), name))
			return (enum entry_state)s;
	}
	return ENTRY_GONE;
}

static int
read_entries(struct plan *p, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	size_t n;

	p->was_active =
	    arena_calloc(&p->arena, p->entry_count + 1, sizeof(int32_t));
	if (p->entry_count == 0)
		return 0;
	db_params_init(&q);
	db_array_begin(&q, DB_UUID);
	for (size_t i = 0; i < p->entry_count; i++)
		db_put_uuid(&q, p->entries[i].id);
	db_array_end(&q);
	r = db_work(p->g->work->db, get_entries, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		size_t at = add_entry(p, db_bytes(r, i, 0, &n));

		p->entries[at].made_at = db_time(r, i, 1);
		p->entries[at].state = state_of(db_text(r, i, 2));
		p->was_active[at] = db_i32(r, i, 3);
	}
	db_result_free(r);
	return 0;
}

/* Keys break ties alone, and there are none where a record is by itself. */
static int
read_names(struct plan *p, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int rc = 0;

	if (p->entry_count == 0 && p->g->count == p->record_count) {
		/* Nothing was there before: no entry is wanted by two. */
		for (size_t i = 0; i < p->record_count; i++)
			p->records[i].key = p->records[i].record_id;
		return 0;
	}
	db_params_init(&q);
	put_ids(&q, p);
	r = db_work(p->g->work->db, get_names, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; rc == 0 && i < db_rows(r); i++) {
		const char *name = db_text(r, i, 2);
		const struct work_source *s =
		    work_source(p->g->work, db_i32(r, i, 1), e);

		if (s == NULL)
			rc = -1;
		else
			add_record(p, db_i64(r, i, 0))->key =
			    profile_hash_both(HASH_RECORD, s->key,
				profile_hash(HASH_RECORD, name, strlen(name)));
	}
	db_result_free(r);
	return rc;
}

/* RFC 9562, 5.7: version 7, by the time of day, so that new ones are together
 * at the end of indexes. */
static int
make_ids(struct plan *p, size_t made, struct err *e)
{
	size_t bytes = made * ENTRY_ID_BYTES;
	uint64_t ms = (uint64_t)date_now_us() / 1000;

	p->ids = arena_alloc(
	    &p->arena, (p->entry_count + made + 1) * sizeof(*p->ids));
	for (size_t i = 0; i < p->entry_count; i++)
		memcpy(p->ids[i], p->entries[i].id, ENTRY_ID_BYTES);
	for (size_t at = 0; at < bytes;) {
		ssize_t n = getrandom(
		    (char *)p->ids[p->entry_count] + at, bytes - at, 0);

		if (n < 0)
			return err_sys(e, "getrandom");
		at += (size_t)n;
	}
	for (size_t i = 0; i < made; i++) {
		uint8_t *id = p->ids[p->entry_count + i];

		for (int k = 0; k < 6; k++)
			id[k] = (uint8_t)(ms >> (40 - 8 * k));
		id[6] = (uint8_t)((id[6] & 0x0f) | 0x70);
		id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	}
	return 0;
}

/* --- writing --- */
static int
write_new_entries(
    struct plan *p, const struct entries_result *out, struct err *e)
{
	int64_t now = date_now_us();
	struct db_params q;

	if (out->made == 0)
		return 0;
	db_copy_init(&q);
	for (size_t i = p->entry_count; i < p->entry_count + out->made; i++) {
		db_copy_row(&q, 5);
		db_put_uuid(&q, p->ids[i]);
		db_put_text(&q, entry_state_name(out->state[i]));
		db_put_i32(&q, (int32_t)out->active[i]);
		db_put_time(&q, now);
		db_put_time(&q, now);
	}
	return db_work_copy(p->g->work->db, copy_entries, &q, e);
}

static bool
entry_differs(const struct plan *p, const struct entries_result *out, size_t i)
{
	return out->state[i] != p->entries[i].state ||
	       out->active[i] != (size_t)p->was_active[i];
}

static int
write_old_entries(
    struct plan *p, const struct entries_result *out, struct err *e)
{
	struct db_params q;
	size_t n = 0;

	for (size_t i = 0; i < p->entry_count; i++)
		n += entry_differs(p, out, i);
	if (n == 0)
		return 0;
	db_params_init(&q);
#define COLUMN(type, put)                                                      \
	db_array_begin(&q, (type));                                            \
	for (size_t i = 0; i < p->entry_count; i++) {                          \
		if (entry_differs(p, out, i))                                  \
			put;                                                   \
	}                                                                      \
	db_array_end(&q)
	COLUMN(DB_UUID, db_put_uuid(&q, p->ids[i]));
	COLUMN(DB_TEXT, db_put_text(&q, entry_state_name(out->state[i])));
	COLUMN(DB_INT4, db_put_i32(&q, (int32_t)out->active[i]));
#undef COLUMN
	return db_work_do(p->g->work->db, set_entries, &q, e);
}

static bool
member_differs(const struct plan *p, const struct entries_result *out, size_t i)
{
	const struct entries_record *r = &p->records[i];

	return out->record_entry[i] != ENTRIES_NONE &&
	       (out->record_entry[i] != r->entry ||
		   r->was_active != (r->group != ENTRIES_NONE));
}

static int
copy_new_members(
    struct plan *p, const struct entries_result *out, struct err *e)
{
	struct db_params q;

	db_copy_init(&q);
	for (size_t i = 0; i < p->record_count; i++) {
		if (!member_differs(p, out, i))
			continue;
		db_copy_row(&q, 3);
		db_put_i64(&q, (int64_t)p->records[i].record_id);
		db_put_uuid(&q, p->ids[out->record_entry[i]]);
		db_put_bool(&q, true);
	}
	return db_work_copy(p->g->work->db, copy_members, &q, e);
}

static int
write_members(struct plan *p, const struct entries_result *out, struct err *e)
{
	struct db_params q;
	size_t n = 0;

	for (size_t i = 0; i < p->record_count; i++)
		n += member_differs(p, out, i);
	if (n == 0)
		return 0;
	if (p->entry_count == 0)
		return copy_new_members(p, out, e);
	db_params_init(&q);
#define COLUMN(type, put)                                                      \
	db_array_begin(&q, (type));                                            \
	for (size_t i = 0; i < p->record_count; i++) {                         \
		const struct entries_record *r = &p->records[i];               \
		(void)r;                                                       \
		if (member_differs(p, out, i))                                 \
			put;                                                   \
	}                                                                      \
	db_array_end(&q)
	COLUMN(DB_INT8, db_put_i64(&q, (int64_t)r->record_id));
	COLUMN(DB_UUID, db_put_uuid(&q, p->ids[out->record_entry[i]]));
	COLUMN(DB_BOOL, db_put_bool(&q, r->group != ENTRIES_NONE));
#undef COLUMN
	return db_work_do(p->g->work->db, put_members, &q, e);
}

static int
write_forwards(struct plan *p, const struct entries_result *out, struct err *e)
{
	struct db_params q;

	if (out->forward_count == 0)
		return 0;
	db_params_init(&q);
#define COLUMN(type, put)                                                      \
	db_array_begin(&q, (type));                                            \
	for (size_t i = 0; i < out->forward_count; i++) {                      \
		const struct entries_forward *f = &out->forwards[i];           \
		put;                                                           \
	}                                                                      \
	db_array_end(&q)
	COLUMN(DB_UUID, db_put_uuid(&q, p->ids[f->from]));
	COLUMN(DB_UUID, db_put_uuid(&q, p->ids[f->to]));
	COLUMN(DB_TEXT, db_put_text(&q, f->is_merge ? "merged" : "split"));
#undef COLUMN
	return db_work_do(p->g->work->db, put_forwards, &q, e);
}

/* Entries that are new, have or had other records, or one that says something
 * else. */
static bool *
find_touched(struct plan *p, const struct entries_result *out)
{
	size_t n = p->entry_count + out->made;
	bool *touched = arena_calloc(&p->arena, n + 1, sizeof(*touched));

	for (size_t i = 0; i < n; i++)
		touched[i] = i >= p->entry_count || entry_differs(p, out, i);
	for (size_t i = 0; i < p->record_count; i++) {
		bool told = i < p->g->count && p->g->records[i].is_told;

		if (!told && !member_differs(p, out, i))
			continue;
		if (out->record_entry[i] != ENTRIES_NONE)
			touched[out->record_entry[i]] = true;
		if (p->records[i].entry != ENTRIES_NONE)
			touched[p->records[i].entry] = true;
	}
	return touched;
}

/* A statement about those of the first n entries. */
static int
write_about(
    struct plan *p, const char *sql, const bool *which, size_t n, struct err *e)
{
	struct db_params q;
	bool any = false;

	db_params_init(&q);
	db_array_begin(&q, DB_UUID);
	for (size_t i = 0; i < n; i++) {
		if (which[i])
			db_put_uuid(&q, p->ids[i]);
		any |= which[i];
	}
	db_array_end(&q);
	if (any)
		return db_work_do(p->g->work->db, sql, &q, e);
	db_params_release(&q);
	return 0;
}

/* Entries of one record are the most by far, and have none. */
static int
write_own(struct plan *p, const struct entries_result *out, const bool *touched,
    struct err *e)
{
	size_t n = p->entry_count + out->made;
	bool *which = arena_calloc(&p->arena, n + 1, sizeof(*which));

	for (size_t i = 0; i < p->entry_count; i++)
		which[i] = touched[i] && p->was_active[i] > 1;
	if (write_about(p, drop_own, which, p->entry_count, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		which[i] = touched[i] && out->active[i] > 1;
	return write_about(p, put_own, which, n, e);
}

static int
write_touched(struct plan *p, const struct entries_result *out, struct err *e)
{
	bool *touched = find_touched(p, out);

	if (write_own(p, out, touched, e) < 0)
		return -1;
	return write_about(
	    p, put_uncomposed, touched, p->entry_count + out->made, e);
}

static void
count(struct plan *p, const struct entries_result *out)
{
	struct group_change *c = &p->g->change;

	c->records += p->record_count;
	c->entries += out->made;
	for (size_t i = 0; i < out->forward_count; i++) {
		if (out->forwards[i].is_merge)
			c->joined++;
		else
			c->split++;
	}
}

int
group_entries(
    struct group *g, const size_t *groups, size_t group_count, struct err *e)
{
	struct plan p = {.g = g};
	struct entries_result out;
	struct entries_input in;
	int rc = -1;

	arena_init(&p.arena, 0);
	for (size_t i = 0; i < g->count; i++)
		add_record(&p, g->records[i].record_id)->group = groups[i];
	if (read_members(&p, e) < 0 || read_entries(&p, e) < 0 ||
	    read_names(&p, e) < 0)
		goto out;
	in = (struct entries_input){
	    p.records, p.record_count, p.entries, p.entry_count, group_count};
	entries_assign(&out, &in);
	if (g->work->weighing != NULL)
		rc = weigh_changes(g, &in, &out, e);
	else if (make_ids(&p, out.made, e) == 0 &&
		 write_new_entries(&p, &out, e) == 0 &&
		 write_old_entries(&p, &out, e) == 0 &&
		 write_members(&p, &out, e) == 0 &&
		 write_forwards(&p, &out, e) == 0 &&
		 write_touched(&p, &out, e) == 0) {
		count(&p, &out);
		rc = 0;
	}
	entries_release(&out);
out:
	free(p.records);
	free(p.entries);
	idmap_release(&p.by_record);
	idmap_release(&p.by_entry);
	arena_release(&p.arena);
	return rc;
}
