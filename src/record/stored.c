/* Stored records, read again; see record/stored.h. */
#include "record/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "record/fields.h"
#include "record/json.h"

/* --- the page --- */
/* A block has at most a mebibyte of slices, or one record. */
#define BODY_MOST (2 * LIMIT_RECORD_BYTES + 2 * LIMIT_XML_MARKUP_BYTES)

void
stored_page_init(struct stored_page *p)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->body, BODY_MOST);
	arena_init(&p->arena, 0);
}

void
stored_page_release(struct stored_page *p)
{
	buf_release(&p->body);
	arena_release(&p->arena);
	free(p->records);
	free(p->blocks);
	free(p->outside);
}

static bool
begins_block(const struct stored_page *p, const struct stored_row *row)
{
	return p->block_count == 0 ||
	       p->blocks[p->block_count - 1].id != row->block;
}

static bool
is_other(const struct stored_page *p, const struct stored_row *row)
{
	return strcmp(row->context, p->context) != 0 ||
	       (row->record_id != 0 && p->format != NULL &&
		   strcmp(row->format, p->format) != 0);
}

static bool
can_be_read(const struct stored_page *p, const struct context *around)
{
	return around->form == CONTEXT_FEED ||
	       (around->form == CONTEXT_PLAIN && !p->of_feed);
}

static void
begin_block(struct stored_page *p, const struct stored_row *row)
{
	if (p->block_count == 0) {
		p->context = arena_strdup(&p->arena, row->context);
		context_open(&p->around, &p->body);
	}
	GROW(p->blocks, p->block_cap, p->block_count + 1);
	p->blocks[p->block_count++] = (struct stored_block){.id = row->block};
	p->data = row->data;
	p->data_len = row->data_len;
}

static void
add_outside(struct stored_page *p, const struct stored_row *row)
{
	struct stored_outside *o;

	GROW(p->outside, p->outside_cap, p->outside_count + 1);
	o = &p->outside[p->outside_count++];
	o->record_id = row->record_id;
	o->identifier = row->identifier != NULL
			    ? arena_strdup(&p->arena, row->identifier)
			    : NULL;
	o->why = arena_printf(&p->arena,
	    "record %lld is not within its block %lld: its bytes in the "
	    "database are damaged; a full harvest reads it anew",
	    (long long)row->record_id, (long long)row->block);
}

static void
add_record(struct stored_page *p, const struct stored_row *row)
{
	size_t offset = (size_t)row->offset, raw = (size_t)row->raw_length,
	       doc = (size_t)row->doc_length;
	struct stored_record *r;

	if (p->data == NULL || offset > p->data_len ||
	    raw > p->data_len - offset || doc > p->data_len - offset - raw) {
		add_outside(p, row);
		return;
	}
	if (p->format == NULL)
		p->format = arena_strdup(&p->arena, row->format);
	GROW(p->records, p->record_cap, p->record_count + 1);
	r = &p->records[p->record_count++];
	*r = (struct stored_record){
	    .record_id = row->record_id,
	    .block = (uint32_t)p->block_count - 1,
	    .raw_offset = (int32_t)offset,
	    .at = p->body.len,
	    .length = raw,
	    .doc_length = doc,
	};
	if (row->identifier != NULL)
		r->identifier = arena_strdup(&p->arena, row->identifier);
	if (doc > 0)
		r->doc = memcpy(
		    arena_alloc(&p->arena, doc), p->data + offset + raw, doc);
	buf_add(&p->body, p->data + offset, raw);
}

bool
stored_page_take(struct stored_page *p, const struct stored_row *row)
{
	struct context around;

	if (begins_block(p, row)) {
		context_read(&around, &p->arena, row->context);
		if (!can_be_read(p, &around)) {
			p->last = row->block;
			return true;
		}
		if (p->block_count > 0 && is_other(p, row))
			return false;
		p->around = around;
		begin_block(p, row);
	}
	p->last = row->block;
	if (row->record_id != 0)
		add_record(p, row);
	return true;
}

int
stored_page_end(struct stored_page *p, struct err *e)
{
	context_close(&p->around, &p->body);
	if (p->format == NULL)
		p->format = "";
	if (p->body.full)
		return err_set(e, ERR_LIMIT, 0,
		    "the records of block %lld have more than %zu bytes",
		    (long long)p->blocks[0].id, p->body.max);
	return 0;
}

int
stored_page_seal(const struct stored_page *p, struct err *e)
{
	const int seals =
	    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd =
	    memfd_create("stored records", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	ssize_t n = 0;

	while (fd >= 0 && done < p->body.len &&
	       ((n = write(fd, p->body.data + done, p->body.len - done)) > 0 ||
		   errno == EINTR))
		done += n > 0 ? (size_t)n : 0;
	if (fd >= 0 && done == p->body.len && lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, seals) == 0)
		return fd;
	err_sys(e, "no room for a page of stored records");
	if (fd >= 0)
		close(fd);
	return -1;
}

int
stored_find(struct stored_page *p, uint64_t offset, uint64_t length,
    uint32_t *index, struct err *e)
{
	size_t low = 0, high = p->record_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->records[mid].at < offset)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == p->record_count || p->records[low].at != offset ||
	    p->records[low].length != length || p->records[low].is_read)
		return err_set(e, ERR_PROTO, 0,
		    "the parser names a stored record that was not handed to "
		    "it");
	p->records[low].is_read = true;
	p->read_count++;
	*index = (uint32_t)low;
	return 0;
}

int
stored_check(const struct stored_page *p, struct err *e)
{
	if (p->read_count == p->record_count)
		return 0;
	return err_set(e, ERR_PROTO, 0,
	    "of %zu stored records the parser named %zu", p->record_count,
	    p->read_count);
}

/* --- the same --- */
/* Warnings about bytes of the page, not about what they say. */
static const char *const byte_warnings[] = {"bytes-repaired", "xml-mended"};
enum { BYTE_WARNINGS = sizeof(byte_warnings) / sizeof(*byte_warnings) };

static bool
is_about_bytes(const struct rec_warning *w)
{
	for (size_t i = 0; i < BYTE_WARNINGS; i++)
		if (w->code != NULL && strcmp(w->code, byte_warnings[i]) == 0)
			return true;
	return false;
}

static bool
may_have_byte_warnings(const void *doc, size_t n)
{
	for (size_t i = 0; i < BYTE_WARNINGS; i++)
		if (memmem(doc, n, byte_warnings[i],
			strlen(byte_warnings[i])) != NULL)
			return true;
	return false;
}

static bool
has_code(const struct record *r, const char *code)
{
	for (size_t i = 0; i < r->warnings.count; i++)
		if (r->warnings.items[i].code != NULL &&
		    strcmp(r->warnings.items[i].code, code) == 0)
			return true;
	return false;
}

void
stored_drop_byte_warnings(struct record *r, struct arena *a)
{
	struct record bare = {0};

	for (size_t i = 0; i < r->warnings.count; i++) {
		const struct rec_warning *from = &r->warnings.items[i];
		struct rec_warning *w;

		if (!is_about_bytes(from) &&
		    (w = record_add(a, &bare.warnings)) != NULL)
			*w = *from;
	}
	r->warnings.items = bare.warnings.items;
	r->warnings.count = bare.warnings.count;
	r->warnings.cap = bare.warnings.cap;
}

/* Takes those warnings out of `was` that `now` shall have as well, into
 * `moved`: how many. */
static size_t
take_warnings(struct record *was, const struct record *now,
    struct rec_warning moved[LIMIT_WARNINGS])
{
	size_t kept = 0, n = 0;

	for (size_t i = 0; i < was->warnings.count; i++) {
		const struct rec_warning w = was->warnings.items[i];

		if (n < LIMIT_WARNINGS && is_about_bytes(&w) &&
		    !has_code(now, w.code))
			moved[n++] = w;
		else
			was->warnings.items[kept++] = w;
	}
	was->warnings.count = kept;
	return n;
}

int
stored_compare(struct buf *kept, const void *was, size_t was_len,
    const void *now, size_t now_len, struct arena *scratch, struct err *e)
{
	struct rec_warning moved[LIMIT_WARNINGS];
	struct record before = {0}, after = {0};
	struct err ignored;
	size_t n;

	buf_clear(kept);
	if (was_len == 0 || now_len == 0)
		return was_len != now_len;
	if (was_len == now_len && memcmp(was, now, now_len) == 0)
		return 0;
	if (!may_have_byte_warnings(was, was_len))
		return 1;
	if (record_decode_doc(&after, scratch, now, now_len, e) < 0)
		return -1;
	if (record_decode_doc(&before, scratch, was, was_len, &ignored) < 0)
		return 1;
	n = take_warnings(&before, &after, moved);
	record_encode_doc(kept, &before);
	if (kept->len == now_len && memcmp(kept->data, now, now_len) == 0) {
		buf_clear(kept);
		return 0;
	}
	buf_clear(kept);
	for (size_t i = 0; i < n && after.warnings.count < LIMIT_WARNINGS;
	     i++) {
		struct rec_warning *w = record_add(scratch, &after.warnings);

		if (w != NULL)
			*w = moved[i];
	}
	if (n > 0 && record_encode_doc(kept, &after) < 0)
		return err_set(e, ERR_LIMIT, 0,
		    "the record's content is over %zu bytes", kept->max);
	return 1;
}

/* --- how they differ --- */
/* The value of one field as JSON: what stands behind its key. */
static const char *
value(struct buf *out, const struct field *f, const struct record *r)
{
	struct json j;

	buf_clear(out);
	json_init(&j, out);
	json_open(&j, '{');
	json_shape_field(&j, f, r);
	json_close(&j, '}');
	if (out->full || out->len <= 2)
		return "";
	out->data[out->len - 1] = '\0';
	return out->data + strlen("{\"\":") + strlen(f->name);
}

void
stored_differences(const struct record *was, const struct record *now,
    stored_differs_fn *differs, void *arg)
{
	struct buf before, after;

	buf_init(&before, 8 * LIMIT_DOC_BYTES);
	buf_init(&after, 8 * LIMIT_DOC_BYTES);
	for (unsigned i = 0; i < shape_record.count; i++) {
		const struct field *f = &shape_record.fields[i];
		const char *a, *b;

		if (f->tag == 0) /* of the header */
			continue;
		a = value(&before, f, was);
		b = value(&after, f, now);
		if (strcmp(a, b) != 0)
			differs(arg, f->name, a, b);
	}
	buf_release(&before);
	buf_release(&after);
}
