/*
 * What is read behind the feed itself: pages and archives (RFC 5005), numbered
 * pages, and what an earlier run left unread.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "sched/feed_priv.h"

/* Runs that go on with a rest. */
enum { REST_TRIES = 3 };

static void
set_rest(struct feed_run *r, int64_t tries)
{
	bool on = tries <= REST_TRIES;

	kv_set(&r->quirks, "rest", on ? r->place.url : NULL);
	kv_set(
	    &r->quirks, "rest_way", on ? feed_way_names[r->place.way] : NULL);
	feed_set_number(
	    &r->quirks, "rest_followed", on ? (int64_t)r->place.followed : 0);
	feed_set_number(&r->quirks, "rest_tries", on ? tries : 0);
}

static bool
is_rest(const struct feed_run *r)
{
	return r->place.url != NULL &&
	       strcmp(kv_get(&r->quirks, "rest"), r->place.url) == 0;
}

void
feed_keep_rest(struct feed_run *r, bool failed)
{
	int64_t tries = is_rest(r) ? feed_number(&r->quirks, "rest_tries") : 0;

	if (r->place.way != FEED_WAY_FEED && r->place.url != NULL)
		set_rest(r, tries + failed);
}

void
feed_rest_done(struct feed_run *r)
{
	if (is_rest(r))
		set_rest(r, REST_TRIES + 1);
}

void
feed_take_rest(struct feed_run *r)
{
	const char *rest = kv_get(&r->quirks, "rest");
	enum feed_way way = FEED_WAY_PAGE;

	if (rest[0] == '\0' || !r->place.done)
		return;
	while (way + 1 < FEED_WAY_COUNT &&
	       strcmp(kv_get(&r->quirks, "rest_way"), feed_way_names[way]) != 0)
		way++;
	r->place.done = false;
	r->place.followed = (uint64_t)feed_number(&r->quirks, "rest_followed");
	r->first = true;
	feed_go(r, way, xstrdup(rest));
}

static void
give_up(struct feed_run *r)
{
	r->rest_err = r->last_err;
	feed_done(r);
}

static uint64_t
hash_of(const char *url)
{
	return hash64(url, strlen(url));
}

/* What comes behind this page, or nothing. */
static void
follow(struct feed_run *r, enum feed_way way, const char *url)
{
	if (seen_has(&r->seen, hash_of(url))) {
		feed_say(r, ERR_PROTO, 0,
		    "its pages lead in a circle, back to %.120s", url);
		give_up(r);
		return;
	}
	if (r->place.followed >= LIMIT_FEED_PAGES) {
		feed_say(r, ERR_LIMIT, 0,
		    "it has more than %zu pages, and no more are followed",
		    LIMIT_FEED_PAGES);
		give_up(r);
		return;
	}
	r->place.followed++;
	feed_go(r, way, xstrdup(url));
}

/* ?page=2 and so on; the first page has no number. */
static char *
numbered(const struct feed_run *r, uint64_t page)
{
	const char *base = feed_address(r), *hash = strchr(base, '#');
	size_t n = hash != NULL ? (size_t)(hash - base) : strlen(base);
	struct buf b;

	buf_init(&b, LIMIT_URL_BYTES);
	buf_add(&b, base, n);
	buf_printf(&b, "%c%s=%llu", memchr(base, '?', n) != NULL ? '&' : '?',
	    r->source->page_param, (unsigned long long)page);
	return buf_detach(&b);
}

/* Numbers are counted up until a page is empty or brings nothing new; many
 * servers give the first page again behind the last. */
static bool
may_number(const struct feed_run *r, bool brought)
{
	return r->source->page_param[0] != '\0' && r->page.records > 0 &&
	       (r->place.way == FEED_WAY_FEED ||
		   (r->place.way == FEED_WAY_NUMBER && brought));
}

void
feed_go_on(struct feed_run *r, bool brought)
{
	const struct feed_page *p = &r->page;
	bool more = r->first || r->gap || (r->complete && p->next != NULL);
	char *url;

	/* A gap is closed by the first item that was there before. */
	if (!r->first && !r->complete && r->known > 0)
		more = false;
	feed_rest_done(r);
	seen_add(&r->seen,
	    hash_of(r->place.url != NULL ? r->place.url : feed_address(r)));
	if (!more) {
		feed_done(r);
	} else if (p->next != NULL) {
		follow(r, FEED_WAY_PAGE, p->next);
	} else if (p->archive != NULL) {
		follow(r, FEED_WAY_ARCHIVE, p->archive);
	} else if (may_number(r, brought)) {
		url = numbered(
		    r, r->place.followed + (uint64_t)r->source->page_first);
		follow(r, FEED_WAY_NUMBER, url);
		free(url);
	} else {
		feed_done(r);
	}
}
