/* The moving window over the body: reading, transcoding, repair, offsets.
 * What the bytes mean is not its business. */
#include "parse/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "parse/transcode.h"

enum { CHUNK = 128 * 1024, SAMPLE = 64 * 1024 };

/* read or pread, at pos; what the head of a pipe holds comes from there. */
static ssize_t
read_some(struct window *w, void *p, size_t n)
{
	ssize_t got;

	if (w->is_pipe && w->pos < w->head_len) {
		size_t left = w->head_len - (size_t)w->pos;

		got = (ssize_t)(left < n ? left : n);
		memcpy(p, w->head + w->pos, (size_t)got);
		return got;
	}
	do
		got = w->is_pipe ? read(w->fd, p, n)
				 : pread(w->fd, p, n, (off_t)w->pos);
	while (got < 0 && errno == EINTR);
	return got;
}

static ssize_t
read_head(struct window *w)
{
	ssize_t n = pread(w->fd, w->head, sizeof(w->head), 0);

	if (n >= 0 || errno != ESPIPE)
		return n;
	w->is_pipe = true;
	for (size_t have = 0; have < sizeof(w->head); have += (size_t)n) {
		n = read(w->fd, w->head + have, sizeof(w->head) - have);
		if (n < 0)
			return -1;
		if (n == 0)
			return (ssize_t)have;
	}
	return sizeof(w->head);
}

static int
open_head(struct window *w, int fd, struct err *e)
{
	ssize_t n;

	memset(w, 0, sizeof(*w));
	w->fd = fd;
	w->line = w->column = 1;
	n = read_head(w);
	if (n < 0)
		return err_sys(e, "reading the page");
	w->head_len = (size_t)n;
	return 0;
}

int
window_open_feed(
    struct window *w, int fd, const char *content_type, struct err *e)
{
	uint8_t *sample;
	ssize_t n;

	if (open_head(w, fd, e) < 0)
		return -1;
	sample = xmalloc(SAMPLE);
	n = w->is_pipe ? -1 : pread(fd, sample, SAMPLE, 0);
	if (n < 0)
		feed_encoding_guess(
		    &w->guess, w->head, w->head_len, content_type);
	else
		feed_encoding_guess(&w->guess, sample, (size_t)n, content_type);
	free(sample);
	w->pos = w->in_base = w->guess.bom_bytes;
	w->delta = w->guess.bom_bytes;
	return 0;
}

int
window_open(struct window *w, int fd, const char *content_type, struct err *e)
{
	if (open_head(w, fd, e) < 0)
		return -1;
	encoding_guess(&w->guess, w->head, w->head_len, content_type);
	w->pos = w->guess.bom_bytes;
	w->in_base = w->guess.bom_bytes;
	w->delta = w->guess.bom_bytes;
	return 0;
}

void
window_release(struct window *w)
{
	free(w->data);
	free(w->list);
	free(w->scratch);
	memset(w, 0, sizeof(*w));
}

static void
make_room(struct window *w, size_t need)
{
	size_t used = w->raw_end - w->start;

	if (w->cap - w->raw_end >= need)
		return;
	if (w->start > 0) {
		memmove(w->data, w->data + w->start, used);
		w->end -= w->start;
		w->raw_end -= w->start;
		w->start = 0;
	}
	if (w->cap - w->raw_end < need) {
		size_t cap =
		    w->cap * 2 > used + need ? w->cap * 2 : used + need;

		/* realloc() would copy what was never filled, too, and a
		 * child pays for each page of memory that it touches; but a
		 * full window is not to be there twice. */
		if (used > w->cap / 2)
			w->data = xreallocarray(w->data, cap, 1);
		else {
			char *data = xmalloc(cap);

			if (used > 0)
				memcpy(data, w->data, used);
			free(w->data);
			w->data = data;
		}
		w->cap = cap;
	}
}

static ssize_t
read_at(struct window *w, void *p, size_t n, struct err *e)
{
	ssize_t got = read_some(w, p, n);

	if (got < 0)
		return err_sys(e, "reading the page at byte %llu",
		    (unsigned long long)w->pos);
	w->pos += (uint64_t)got;
	return got;
}

static int64_t
last_delta(const struct window *w)
{
	return w->list_count > w->list_first ? w->list[w->list_count - 1].delta
					     : w->delta;
}

/* Notes that `in` bytes of the body became the last `out` bytes of the
 * window. */
static void
note_repair(struct window *w, size_t in, size_t out)
{
	uint64_t end = w->out_base + (w->end - w->start);
	int64_t delta = last_delta(w) + (int64_t)in - (int64_t)out;

	w->repairs++;
	if (w->list_count - w->list_first >= LIMIT_REPAIRS_MAPPED) {
		/* Too many at once: the last one stands for all. */
		w->list[w->list_count - 1].end = end;
		w->list[w->list_count - 1].delta = delta;
		return;
	}
	if (w->list_first > 0 && w->list_count == w->list_cap) {
		memmove(w->list, w->list + w->list_first,
		    (w->list_count - w->list_first) * sizeof(*w->list));
		w->list_count -= w->list_first;
		w->list_first = 0;
	}
	GROW(w->list, w->list_cap, w->list_count + 1);
	w->list[w->list_count++] = (struct window_repair){
	    .start = end - out, .end = end, .delta = delta};
}

static void
append(struct window *w, const void *p, size_t n)
{
	if (n == 0)
		return;
	make_room(w, n);
	memcpy(w->data + w->end, p, n);
	w->end += n;
	w->raw_end = w->end;
}

/* Takes what is at data[end..raw_end) out and puts it back repaired. */
static void
repair(struct window *w)
{
	size_t n = w->raw_end - w->end, i = 0;
	uint8_t *p;

	if (w->scratch_len < n) {
		free(w->scratch);
		w->scratch = xmalloc(n);
		w->scratch_len = n;
	}
	p = w->scratch;
	memcpy(p, w->data + w->end, n);
	w->raw_end = w->end;
	while (i < n) {
		/* A little at a time: looking at all that is left after each
		 * of many repairs would be quadratic. */
		size_t look = n - i < 1024 ? n - i : 1024, clean;
		unsigned bad;

		clean = window_clean_prefix(p + i, look, &bad);
		append(w, p + i, clean);
		i += clean;
		if (bad == 0) {
			if (look < n - i + clean)
				continue;
			if (i == n || !w->is_eof)
				break;
			bad = (unsigned)(n - i); /* cut by the end */
		}
		if (p[i] < 0x20)
			append(w, " ", 1);
		else
			append(w, "\xef\xbf\xbd", 3);
		note_repair(w, bad, p[i] < 0x20 ? 1 : 3);
		i += bad;
	}
	make_room(w, n - i);
	memcpy(w->data + w->end, p + i, n - i);
	w->raw_end = w->end + (n - i);
}

static int
fill_utf8(struct window *w, struct err *e)
{
	unsigned bad;
	size_t room;
	ssize_t got;

	/* The end of a small body needs no second window. */
	if (w->cap - w->raw_end < CHUNK / 4)
		make_room(w, CHUNK);
	room = w->cap - w->raw_end < CHUNK ? w->cap - w->raw_end : CHUNK;
	got = read_at(w, w->data + w->raw_end, room, e);
	if (got < 0)
		return -1;
	if (got == 0)
		w->is_eof = true;
	w->raw_end += (size_t)got;
	w->end += window_clean_prefix(
	    (const uint8_t *)w->data + w->end, w->raw_end - w->end, &bad);
	if (bad > 0 || (w->is_eof && w->end < w->raw_end))
		repair(w);
	return 0;
}

static bool
is_allowed(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0xfffe && cp != 0xffff
			  : cp == '\t' || cp == '\n' || cp == '\r';
}

static int
fill_transcoded(struct window *w, struct err *e)
{
	uint8_t raw[CHUNK / 4];
	bool is_bad;
	size_t n, i = 0;
	ssize_t got;

	memcpy(raw, w->carry, w->carry_len);
	got = read_at(w, raw + w->carry_len, sizeof(raw) - w->carry_len, e);
	if (got < 0)
		return -1;
	if (got == 0)
		w->is_eof = true;
	n = (size_t)got + w->carry_len;
	make_room(w, 3 * sizeof(raw));
	while (i < n) {
		uint32_t cp;
		unsigned used = encoding_next(
		    w->guess.encoding, raw + i, n - i, &cp, &is_bad);

		if (used == 0)
			break;
		if (!is_allowed(cp)) {
			cp = cp < 0x20 ? ' ' : 0xfffd;
			is_bad = true;
		}
		w->repairs += is_bad;
		w->end += utf8_encode(w->data + w->end, cp);
		i += used;
	}
	w->raw_end = w->end;
	w->carry_len = n - i;
	memcpy(w->carry, raw + i, n - i);
	if (w->is_eof && n > i) {
		append(w, "\xef\xbf\xbd", 3);
		w->repairs++;
	}
	return 0;
}

/* All of the body at once, since some encodings have states; in pieces that
 * begin with a tag where the bytes show tags, so that places are known. */
static int
fill_other(struct window *w, struct err *e)
{
	struct transcoder *t = transcoder_open(w->guess.other);
	uint8_t *raw = xmalloc(LIMIT_RECORD_BYTES + 1);
	size_t n = 0, bad = 0;
	ssize_t got = 1;
	struct buf out;

	while (got > 0 && n <= LIMIT_RECORD_BYTES) {
		got = read_at(w, raw + n, LIMIT_RECORD_BYTES + 1 - n, e);
		n += got > 0 ? (size_t)got : 0;
	}
	w->is_eof = true;
	if (got >= 0 && (n > LIMIT_RECORD_BYTES || t == NULL))
		got = err_set(e, ERR_LIMIT, 0,
		    "a page in %s of more than %zu bytes", w->guess.other,
		    LIMIT_RECORD_BYTES);
	buf_init(&out, 6 * LIMIT_RECORD_BYTES);
	for (size_t i = 0, k; got >= 0 && i < n; i += k) {
		const uint8_t *lt = transcoder_is_ascii(t) && n - i > 1
					? memchr(raw + i + 1, '<', n - i - 1)
					: NULL;

		k = lt ? (size_t)(lt - raw) - i : n - i;
		buf_clear(&out);
		bad += transcode(t, raw + i, k, &out);
		append(w, out.data, out.len);
		note_repair(w, k, out.len);
		w->repairs--; /* it is none */
	}
	w->repairs += bad;
	buf_release(&out);
	transcoder_close(t);
	free(raw);
	return got < 0 ? -1 : 0;
}

int
window_fill(struct window *w, struct err *e)
{
	size_t before = w->end - w->start;

	while (!w->is_eof && w->end - w->start == before)
		if ((w->guess.encoding == ENCODING_UTF8 ? fill_utf8(w, e)
			: w->guess.encoding == ENCODING_OTHER
			    ? fill_other(w, e)
			    : fill_transcoded(w, e)) < 0)
			return -1;
	return w->end - w->start > before;
}

/* How many bytes of a transcoded body made these n bytes: each of its units
 * became one character. */
static uint64_t
body_bytes(const struct window *w, size_t n)
{
	const uint8_t *p = (const uint8_t *)w->data + w->start;
	uint64_t chars = 0, astral = 0;

	for (size_t i = 0; i < n; i++) {
		chars += (p[i] & 0xc0) != 0x80;
		astral += p[i] >= 0xf0;
	}
	if (w->guess.encoding == ENCODING_UTF16LE ||
	    w->guess.encoding == ENCODING_UTF16BE)
		return 2 * (chars + astral);
	return chars;
}

/* Offsets come from the list of repairs. */
static bool
is_listed(const struct window *w)
{
	return w->guess.encoding == ENCODING_UTF8 ||
	       w->guess.encoding == ENCODING_OTHER;
}

static uint64_t
count_lines(const char *p, size_t n)
{
	uint64_t lines = 0;

	while (n >= 128) {
		unsigned part = 0;

		for (unsigned i = 0; i < 128; i++)
			part += p[i] == '\n';
		lines += part;
		p += 128;
		n -= 128;
	}
	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

void
window_drop(struct window *w, size_t n)
{
	if (!is_listed(w))
		w->in_base += body_bytes(w, n);
	window_place(w, n, &w->line, &w->column);
	w->start += n;
	w->out_base += n;
	while (w->list_first < w->list_count &&
	       w->list[w->list_first].end <= w->out_base)
		w->delta = w->list[w->list_first++].delta;
	if (w->list_first == w->list_count)
		w->list_first = w->list_count = 0;
	if (w->start == w->end && w->raw_end == w->end)
		w->start = w->end = w->raw_end = 0;
}

/* The first repair that ends after `out`. */
static size_t
find_repair(const struct window *w, uint64_t out)
{
	size_t low = w->list_first, high = w->list_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->list[mid].end <= out)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Within what has no exact place, as in half a character at the end, it is
 * guessed, but never beyond the body. */
uint64_t
window_offset(const struct window *w, size_t at)
{
	uint64_t out = w->out_base + at;
	size_t i;

	if (!is_listed(w)) {
		out = w->in_base + body_bytes(w, at);
	} else {
		i = find_repair(w, out);
		out += (uint64_t)(i > w->list_first ? w->list[i - 1].delta
						    : w->delta);
	}
	return out < w->pos ? out : w->pos;
}

bool
window_is_changed(const struct window *w, size_t from, size_t to)
{
	size_t i;

	if (w->guess.encoding != ENCODING_UTF8)
		return true;
	i = find_repair(w, w->out_base + from);
	return i < w->list_count && w->list[i].start < w->out_base + to;
}

void
window_place(
    const struct window *w, size_t at, uint64_t *line, uint64_t *column)
{
	const char *p = w->data + w->start;
	const char *nl = at > 0 ? memrchr(p, '\n', at) : NULL;

	*column = nl ? (uint64_t)(p + at - nl) : w->column + at;
	*line = w->line + count_lines(p, at);
}
