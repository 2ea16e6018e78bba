/* A feed's run as text, and back; what is known from poll to poll. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "sched/feed_priv.h"

/* Keys of the state itself; all others are quirks as they stand. */
#define OWN "run_"

int64_t
feed_number(const struct kv *kv, const char *key)
{
	int64_t n = 0;

	if (str_to_i64(kv_get(kv, key), INT64_MIN + 1, INT64_MAX, &n) != 0)
		return 0;
	return n;
}

void
feed_set_number(struct kv *kv, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	kv_set(kv, key, value != 0 ? text : NULL);
}

static void
set_validator(struct kv *kv, const char *key, const char *value)
{
	/* One that is cut would be another one. */
	kv_set(kv, key,
	    value != NULL && strlen(value) <= LIMIT_VALIDATOR_BYTES ? value
								    : NULL);
}

/* RFC 9110 15.4.5: a 304 brings them anew; where it does not, the old ones
 * stand. */
void
feed_keep_validators(struct feed_run *r)
{
	const struct feed_page *p = &r->page;
	struct kv *q = &r->quirks;
	bool is_304 = p->status == 304;

	if (!is_304 || p->etag[0] != '\0')
		set_validator(q, "etag", p->etag);
	if (!is_304 || p->last_modified[0] != '\0')
		set_validator(q, "last_modified", p->last_modified);
	if (!is_304) {
		kv_set(q, "body", p->body);
		kv_set(q, "asked", feed_address(r));
		kv_set(q, "asked_format", r->source->format);
	}
	feed_set_number(q, "fresh", p->fresh_ms);
}

/* The place is that of the page which is being committed: a run that is opened
 * again asks for it once more, and then what is behind it. */
void
feed_state_write(const struct feed_run *r, struct buf *out)
{
	const struct feed_place *at = &r->place;
	char number[24];

	buf_clear(out);
	kv_write(&r->quirks, out);
	snprintf(number, sizeof(number), "%" PRIu64, at->followed);
	kv_line(out, OWN "followed", number);
	kv_line(out, OWN "way", feed_way_names[at->way]);
	kv_line(out, OWN "url", at->url);
	kv_line(out, OWN "first", r->first ? "1" : "");
	kv_line(out, OWN "gap", r->gap ? "1" : "");
}

static bool
take_way(struct feed_run *r, const char *name, const char *url)
{
	for (int i = FEED_WAY_PAGE; i < FEED_WAY_COUNT; i++) {
		if (strcmp(name, feed_way_names[i]) != 0 || url[0] == '\0')
			continue;
		feed_go(r, (enum feed_way)i, xstrdup(url));
		return true;
	}
	return false;
}

void
feed_state_read(struct feed_run *r, const char *text)
{
	static const char *const own[] = {
	    OWN "followed", OWN "way", OWN "url", OWN "first", OWN "gap"};
	struct kv *q = &r->quirks;

	if (text[0] == '\0')
		return;
	r->resumed = true;
	kv_release(q);
	kv_read(q, text);
	if (take_way(r, kv_get(q, OWN "way"), kv_get(q, OWN "url")))
		r->behind = true;
	r->place.followed = (uint64_t)feed_number(q, OWN "followed");
	r->first |= kv_get(q, OWN "first")[0] != '\0';
	r->gap = kv_get(q, OWN "gap")[0] != '\0';
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		kv_set(q, own[i], NULL);
}
