/* The one place that asks libxml2 for encodings. */
#include "parse/transcode.h"

#include <libxml/encoding.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "parse/window.h"

struct transcoder {
	xmlCharEncodingHandlerPtr handler;
	bool is_ascii;
};

bool
transcoder_known(const char *name)
{
	struct transcoder *t = transcoder_open(name);

	transcoder_close(t);
	return t != NULL;
}

static xmlBufferPtr
buffer(void)
{
	xmlBufferPtr b = xmlBufferCreateSize(4096);

	BUG_ON(b == NULL);
	return b;
}

static void
find_out(struct transcoder *t, const char *name)
{
	static const char probe[] = "<?xml a='1'>";
	xmlBufferPtr in = buffer(), out = buffer();

	xmlBufferAdd(in, (const xmlChar *)probe, sizeof(probe) - 1);
	if (xmlCharEncInFunc(t->handler, out, in) >= 0)
		t->is_ascii =
		    strcmp((const char *)xmlBufferContent(out), probe) == 0 &&
		    strncasecmp(name, "iso-2022", 8) != 0 &&
		    strncasecmp(name, "hz", 2) != 0 &&
		    strncasecmp(name, "utf-7", 5) != 0;
	xmlBufferFree(in);
	xmlBufferFree(out);
}

static void
ignore(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error;
}

struct transcoder *
transcoder_open(const char *name)
{
	struct transcoder *t;
	xmlCharEncodingHandlerPtr handler;

	xmlSetStructuredErrorFunc(NULL, ignore);
	handler = xmlFindCharEncodingHandler(name);
	if (handler == NULL)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->handler = handler;
	find_out(t, name);
	return t;
}

void
transcoder_close(struct transcoder *t)
{
	if (t == NULL)
		return;
	xmlCharEncCloseFunc(t->handler);
	free(t);
}

bool
transcoder_is_ascii(const struct transcoder *t)
{
	return t->is_ascii;
}

/* What came out, made fit for XML. */
static size_t
add_clean(struct buf *out, const uint8_t *p, size_t n)
{
	size_t repairs = 0;

	while (n > 0) {
		unsigned bad;
		size_t clean = window_clean_prefix(p, n, &bad);

		buf_add(out, p, clean);
		p += clean;
		n -= clean;
		if (n == 0)
			break;
		if (bad == 0)
			bad = (unsigned)n;
		buf_adds(out, *p < 0x20 ? " " : "\xef\xbf\xbd");
		repairs++;
		p += bad;
		n -= bad;
	}
	return repairs;
}

size_t
transcode(struct transcoder *t, const uint8_t *p, size_t n, struct buf *out)
{
	xmlBufferPtr in, done;
	size_t repairs = 0;
	bool plain = t->is_ascii;

	for (size_t i = 0; plain && i < n; i++)
		plain = p[i] < 0x80;
	if (plain)
		return add_clean(out, p, n);
	in = buffer();
	done = buffer();
	xmlBufferAdd(in, p, (int)n);
	while (xmlBufferLength(in) > 0) {
		int before = xmlBufferLength(in);
		int rc = xmlCharEncInFunc(t->handler, done, in);

		repairs += add_clean(
		    out, xmlBufferContent(done), (size_t)xmlBufferLength(done));
		xmlBufferEmpty(done);
		if (xmlBufferLength(in) < before && rc >= 0)
			continue;
		if (xmlBufferLength(in) == 0)
			break;
		xmlBufferShrink(in, 1);
		buf_adds(out, "\xef\xbf\xbd");
		repairs++;
	}
	xmlBufferFree(in);
	xmlBufferFree(done);
	return repairs;
}
