/* The page's trailer as bytes and as JSON.  Not here: what the facts are
 * (parse) and what follows from them (sched). */
#include "record/facts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/limits.h"
#include "record/codec.h"
#include "record/json.h"
#include "record/words.h"

enum { FACTS_VERSION = 1 };

#define HOUR_US INT64_C(3600000000)
#define DAY_US	(24 * HOUR_US)

const char *
body_class_name(enum body_class c)
{
	static const char *const names[BODY_CLASS_COUNT] = {
	    [BODY_UNKNOWN] = "unknown",
	    [BODY_OAI] = "oai-pmh",
	    [BODY_FEED] = "feed",
	    [BODY_HTML] = "html",
	    [BODY_CHALLENGE] = "challenge",
	    [BODY_EMPTY] = "empty",
	    [BODY_TRUNCATED] = "truncated",
	    [BODY_XML] = "xml",
	    [BODY_OTHER] = "other",
	};

	return (unsigned)c < BODY_CLASS_COUNT ? names[c] : "unknown";
}

int
facts_encode(struct buf *out, const struct page_facts *f)
{
	buf_addc(out, FACTS_VERSION);
	encode_shape(out, &shape_facts, f);
	return out->full ? -1 : 0;
}

/* An empty token is a fact of its own, and the encoding leaves out what is
 * empty: has_token says it.  Formats and sets without a name are there as well,
 * and nobody shall stumble over them. */
static void
complete(struct page_facts *f)
{
	if (f->has_token && !f->token)
		f->token = "";
	for (size_t i = 0; i < f->formats.count; i++)
		if (f->formats.items[i].prefix == NULL)
			f->formats.items[i].prefix = "";
	for (size_t i = 0; i < f->sets.count; i++)
		if (f->sets.items[i].spec == NULL)
			f->sets.items[i].spec = "";
}

int
facts_decode(struct page_facts *f, struct arena *a, const void *data, size_t n,
    struct err *e)
{
	struct cursor c;
	char *copy;

	memset(f, 0, sizeof(*f));
	if (n == 0 || n > LIMIT_DOC_BYTES)
		return err_set(e, ERR_PROTO, 0,
		    "facts of a page of %zu bytes: 1 to %zu are allowed", n,
		    LIMIT_DOC_BYTES);
	copy = arena_strndup(a, data, n);
	if (!copy)
		return err_set(e, ERR_LIMIT, 0,
		    "no memory left for a page's facts of %zu bytes", n);
	c.p = (const uint8_t *)copy;
	c.end = c.p + n;
	if (*c.p++ != FACTS_VERSION)
		return err_set(e, ERR_PROTO, 0,
		    "facts of a page of version %u, %u is known",
		    (unsigned char)*copy, FACTS_VERSION);
	if (decode_shape(&c, a, &shape_facts, f, e) < 0)
		return err_prefix(e, "facts of a page");
	if (c.p != c.end)
		return err_set(e, ERR_PROTO, 0,
		    "facts of a page: %td bytes after their end", c.end - c.p);
	complete(f);
	return 0;
}

static void
token_json(struct json *j, const struct page_facts *f)
{
	if (!f->has_token)
		return;
	json_key(j, "resumption_token");
	json_open(j, '{');
	json_field(j, "text", f->token);
	json_field(j, "expires", f->token_expires);
	if (f->cursor >= 0)
		json_field_i64(j, "cursor", f->cursor);
	if (f->list_size >= 0)
		json_field_i64(j, "complete_list_size", f->list_size);
	json_close(j, '}');
}

static void
counts_json(struct json *j, const struct page_facts *f)
{
	json_key(j, "counts");
	json_open(j, '{');
	json_field_i64(j, "records", (int64_t)f->records);
	json_field_i64(j, "deleted", (int64_t)f->deleted);
	json_field_i64(j, "rejected", (int64_t)f->rejected);
	json_close(j, '}');
}

/* What the body was when it was nothing to be read, and why. */
static void
failure_json(struct json *j, const struct page_facts *f)
{
	if (f->body != BODY_OAI && f->body != BODY_FEED) {
		json_field(j, "body", body_class_name(f->body));
		json_field(j, "title", f->title);
		json_shape_list(j, "offers", &shape_facts_offer, &f->offers);
	}
	if (f->err_class == ERR_NONE)
		return;
	json_key(j, "error");
	json_open(j, '{');
	json_field(j, "class", err_class_name(f->err_class));
	json_field(j, "text", f->err_text);
	json_close(j, '}');
}

/* Namespaces and schemas are compared without a slash at their end. */
static bool
same_uri(const char *a, const char *b)
{
	size_t n = strlen(a), m = b != NULL ? strlen(b) : 0;

	while (n > 0 && a[n - 1] == '/')
		n--;
	while (m > 0 && b[m - 1] == '/')
		m--;
	return n > 0 && n == m && strncasecmp(a, b, n) == 0;
}

const struct facts_format *
facts_format_wanted(const struct page_facts *f, const char *want)
{
	const struct facts_format *o = f->formats.items;
	size_t n = f->formats.count;

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].prefix, want[0] ? want : "oai_dc") == 0)
			return &o[i];
	for (size_t i = 0; i < n; i++)
		if (o[i].prefix[0] != '\0' &&
		    (want[0] == '\0' || same_uri(want, o[i].ns) ||
			same_uri(want, o[i].schema) ||
			strcasecmp(want, o[i].prefix) == 0))
			return &o[i];
	return NULL;
}

bool
facts_feed_skips(const struct facts_feed *f, int64_t at_us)
{
	int64_t day = date_floor(at_us, DATE_DAY), days = day / DAY_US;
	unsigned hour = (unsigned)((at_us - day) / HOUR_US);
	/* 1970-01-01 was a Thursday. */
	const char *name = words_weekday[((days + 3) % 7 + 7) % 7];

	for (size_t i = 0; i < f->skip_hours.count; i++)
		if (strtoul(f->skip_hours.items[i], NULL, 10) == hour)
			return true;
	for (size_t i = 0; i < f->skip_days.count; i++)
		if (strcmp(f->skip_days.items[i], name) == 0)
			return true;
	return false;
}

static void
feed_json(struct json *j, const struct page_facts *f)
{
	if (shape_empty(&shape_facts_feed, &f->feed))
		return;
	json_key(j, "feed");
	json_open(j, '{');
	json_shape_fields(j, &shape_facts_feed, &f->feed);
	json_close(j, '}');
}

void
facts_json(struct buf *out, const struct page_facts *f)
{
	struct json j;

	json_init(&j, out);
	json_open(&j, '{');
	json_field(&j, "type", "page");
	json_field(&j, "protocol", f->protocol);
	json_field(&j, "format", f->format);
	json_field(&j, "verb", f->verb);
	json_field(&j, "response_date", f->response_date);
	token_json(&j, f);
	json_shape_list(&j, "errors", &shape_facts_error, &f->errors);
	json_field(&j, "granularity", f->granularity);
	json_field(&j, "earliest_datestamp", f->earliest_datestamp);
	json_field(&j, "deleted_record", f->deleted_record);
	json_field(&j, "repository_name", f->repository_name);
	json_field(&j, "base_url", f->base_url);
	json_shape_list(&j, "sets", &shape_facts_set, &f->sets);
	json_shape_list(&j, "formats", &shape_facts_format, &f->formats);
	counts_json(&j, f);
	feed_json(&j, f);
	failure_json(&j, f);
	json_field(&j, "encoding", f->encoding);
	if (f->recovered) {
		json_key(&j, "recovered");
		json_bool(&j, true);
	}
	json_shape_list(&j, "warnings", &shape_warning, &f->warnings);
	json_close(&j, '}');
}
