/*
 * The counts of a model as bytes, in parts:
 *
 *	byte MODEL_FORMAT
 *	varint records, floor, counts of the whole model, entries of this part
 *	entries, by rising key: varint key less the one before, varint count
 *
 * Varints are those of record/codec.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "record/codec.h"
#include "resolve/model_priv.h"

enum { MODEL_FORMAT = 1 };

uint32_t
model_part_count(const struct model *m)
{
	return (uint32_t)(1 + m->counts.used / MODEL_PART_ENTRIES);
}

static int
compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
sort_keys(struct model *m)
{
	size_t n = 0;

	m->sorted = xcalloc(m->counts.used + 1, sizeof(*m->sorted));
	for (size_t i = 0; i < m->counts.size; i++)
		if (m->counts.slots[i].key != 0)
			m->sorted[n++] = m->counts.slots[i].key;
	qsort(m->sorted, n, sizeof(*m->sorted), compare_keys);
}

int
model_part(struct buf *out, struct model *m, uint32_t part)
{
	size_t from = (size_t)part * MODEL_PART_ENTRIES,
	       to = from + MODEL_PART_ENTRIES;
	uint64_t last = 0;

	buf_clear(out);
	if (part >= model_part_count(m))
		return 0;
	if (to > m->counts.used)
		to = m->counts.used;
	if (!m->sorted)
		sort_keys(m);
	buf_addc(out, MODEL_FORMAT);
	encode_varint(out, m->records);
	encode_varint(out, m->floor);
	encode_varint(out, m->counts.used);
	encode_varint(out, to - from);
	for (size_t i = from; i < to; i++) {
		encode_varint(out, m->sorted[i] - last);
		last = m->sorted[i];
		encode_varint(out, counts_get(&m->counts, last));
	}
	return 1;
}

static int
wrong(struct err *e, uint32_t part, const char *what)
{
	return err_set(
	    e, ERR_PROTO, 0, "part %u of the model: %s", (unsigned)part, what);
}

static int
load_head(struct model *m, uint32_t part, struct cursor *c, uint64_t *n,
    struct err *e)
{
	uint64_t records, floor, all;

	if (c->p == c->end || *c->p++ != MODEL_FORMAT)
		return wrong(e, part, "of no format that is known");
	if (decode_varint(c, &records, e) < 0 ||
	    decode_varint(c, &floor, e) < 0 || decode_varint(c, &all, e) < 0 ||
	    decode_varint(c, n, e) < 0)
		return err_prefix(e, "part %u of the model", (unsigned)part);
	if (floor < 2 || floor > UINT32_MAX)
		return wrong(e, part, "a floor that is none");
	if (all > LIMIT_MODEL_COUNTS)
		return wrong(e, part, "of a model beyond LIMIT_MODEL_COUNTS");
	if (m->has_part &&
	    (records != m->records || floor != m->floor || all != m->expected))
		return wrong(e, part, "not of the same model as the others");
	m->records = records;
	m->floor = (uint32_t)floor;
	m->expected = all;
	m->has_part = true;
	return 0;
}

static int
load_entries(
    struct model *m, uint32_t part, struct cursor *c, uint64_t n, struct err *e)
{
	uint64_t key = 0, step, count;

	for (uint64_t i = 0; i < n; i++) {
		if (decode_varint(c, &step, e) < 0 ||
		    decode_varint(c, &count, e) < 0)
			return err_prefix(
			    e, "part %u of the model", (unsigned)part);
		if (step == 0 || step > UINT64_MAX - key)
			return wrong(e, part, "its keys do not rise");
		key += step;
		if (count < 2 || count > UINT32_MAX)
			return wrong(e, part, "a count that is none");
		if (counts_get(&m->counts, key) != 0)
			return wrong(e, part, "a key that was there before");
		if (m->counts.used >= m->expected ||
		    counts_add(&m->counts, key, (uint32_t)count) < 0)
			return wrong(e, part, "more counts than announced");
	}
	if (c->p != c->end)
		return wrong(e, part, "bytes behind its end");
	return 0;
}

int
model_load_part(
    struct model *m, uint32_t part, const void *data, size_t n, struct err *e)
{
	struct cursor c = {data, (const uint8_t *)data + n};
	uint64_t entries = 0;

	m->is_ready = false;
	free(m->sorted);
	m->sorted = NULL;
	if (n > LIMIT_MODEL_PART)
		return wrong(e, part, "larger than LIMIT_MODEL_PART");
	if (load_head(m, part, &c, &entries, e) < 0)
		return -1;
	if (entries > MODEL_PART_ENTRIES)
		return wrong(e, part, "more entries than a part has");
	return load_entries(m, part, &c, entries, e);
}
