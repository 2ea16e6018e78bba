/* An answer: read, equal to the last one, a page that leads to the feed, or a
 * failure and what follows from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/url.h"
#include "sched/feed_priv.h"
#include "sched/answer.h"

/* What cannot be read seldom becomes readable. */
enum { READ_TRIES = 2 };

static enum harvest_verdict
equal(struct feed_run *r)
{
	feed_keep_validators(r);
	r->same = true;
	feed_done(r);
	return HARVEST_DROP;
}

static bool
is_equal_body(const struct feed_run *r)
{
	return r->page.comparable &&
	       strcmp(kv_get(&r->quirks, "body"), r->page.body) == 0;
}

/* What came with the answer: kept when it turns out to be good. */
static void
note_answer(struct feed_run *r, const struct harvest_fetched *f)
{
	struct feed_page *p = &r->page;

	p->etag = xstrdup(f->etag);
	p->last_modified = xstrdup(f->last_modified);
	p->fresh_ms = feed_fresh_ms(f->cache_control, f->expires, f->now_us);
	p->retry_after_ms = answer_retry_after_ms(f, r->source);
	if (f->body_bytes > 0)
		for (size_t i = 0; i < HASH128_BYTES; i++)
			snprintf(p->body + 2 * i, 3, "%02x", f->body_hash[i]);
}

/* What was found is no feed any more: the web page may name another one, at
 * once where the address is of an earlier run.  False where url is no web
 * page. */
static bool
lose_found(struct feed_run *r)
{
	if (r->place.way != FEED_WAY_FEED ||
	    kv_get(&r->quirks, "feed_url")[0] == '\0')
		return false;
	kv_set(&r->quirks, "feed_url", NULL);
	if (r->discovered)
		feed_over(r);
	else
		feed_go(r, FEED_WAY_FEED, NULL);
	return true;
}

static void judge_status(struct feed_run *r, const struct page_facts *f);

enum harvest_verdict
feed_answer(struct feed_run *r, const struct harvest_fetched *f)
{
	struct feed_page *p = &r->page;

	if (f->err_class != ERR_NONE) {
		feed_say(r, f->err_class, 0, "%s", f->err_text);
		/* Certificates, limits, policies and our own files are the
		 * same a minute later. */
		if (f->err_class == ERR_NET ||
		    (f->err_class == ERR_SYSTEM && !r->source->file[0]))
			feed_failed(r, r->policy.tries, -1);
		else if (!lose_found(r))
			feed_over(r);
		return HARVEST_RETRY;
	}
	note_answer(r, f);
	if (f->status == 304 && p->conditional)
		return equal(r);
	if (f->status < 400 && f->body_bytes > 0 && is_equal_body(r))
		return equal(r);
	if (f->body_bytes > 0 && f->status != 304)
		return HARVEST_PARSE;
	if (f->status >= 400) {
		judge_status(r, NULL);
		return HARVEST_RETRY;
	}
	feed_say(r, ERR_HTTP, (int)f->status, "HTTP %u with an empty body%s",
	    f->status,
	    f->status == 304   ? " (to a request without conditions)"
	    : f->status == 202 ? " (a bot challenge answers like that)"
			       : "");
	feed_failed(r, READ_TRIES, -1);
	return HARVEST_RETRY;
}

static void
judge_status(struct feed_run *r, const struct page_facts *f)
{
	unsigned status = r->page.status;
	char what[201];

	status_words(what, sizeof(what), status, f);
	feed_say(r, ERR_HTTP, (int)status, "%s", what);
	if (status_passes(status)) {
		feed_failed(r, r->policy.tries, r->page.retry_after_ms);
		return;
	}
	if (status == 401 || status == 403 || status == 407 || status == 451)
		err_prefix(&r->last_err, "the server refuses us");
	if (lose_found(r))
		return;
	if (status == 410 && r->place.way == FEED_WAY_FEED) {
		err_prefix(&r->last_err,
		    "the server says that it is gone for good; the source is "
		    "paused");
		r->pause = true;
	}
	/* Behind the last page of a feed with numbered pages many answer so. */
	if (r->place.way == FEED_WAY_NUMBER && status == 404) {
		err_clear(&r->last_err);
		feed_rest_done(r);
		feed_done(r);
		return;
	}
	feed_over(r);
}

static bool
may_follow(const struct feed_run *r, const char *to)
{
	return strlen(to) <= LIMIT_FEED_URL_BYTES && url_is_http(to) &&
	       strcmp(to, r->source->url) != 0;
}

/* A web page that names its feed is followed once; what it leads to must be
 * one. */
static bool
discover(struct feed_run *r, const struct page_facts *f)
{
	if (r->place.way != FEED_WAY_FEED || r->discovered ||
	    kv_get(&r->quirks, "feed_url")[0] != '\0')
		return false;
	for (size_t i = 0; i < f->offers.count; i++) {
		const char *to = f->offers.items[i].url;

		if (!may_follow(r, to))
			continue;
		kv_set(&r->quirks, "feed_url", to);
		kv_set(&r->quirks, "feed_of", r->source->url);
		r->discovered = true;
		feed_go(r, FEED_WAY_FEED, NULL);
		return true;
	}
	return false;
}

static enum harvest_verdict
not_a_feed(struct feed_run *r, const struct page_facts *f)
{
	struct buf b;

	if (discover(r, f))
		return HARVEST_ABORT;
	buf_init(&b, 4 * KIB);
	body_words(&b, f);
	feed_say(r, ERR_XML, 0, "the answer is %.200s, not a feed%s",
	    buf_str(&b),
	    kv_get(&r->quirks, "feed_url")[0] != '\0'
		? " (this address was found in the web page that url names)"
		: "");
	buf_release(&b);
	if (!lose_found(r))
		feed_failed(r, READ_TRIES, -1);
	return HARVEST_ABORT;
}

/* Items that share an id would overwrite each other: they are known by their
 * links from here on, or, where those are shared too, by their content. */
static bool
turn_identity(struct feed_run *r, const struct facts_feed *f)
{
	const char *basis = kv_get(&r->quirks, "identity");
	const char *next;

	if (basis[0] == '\0' && f->ids_repeated > 0)
		next = f->links_repeated > 0 ? "digest" : "link";
	else if (strcmp(basis, "link") == 0 && f->links_repeated > 0)
		next = "digest";
	else
		return false;
	/* What is there becomes known by its links; of content only a digest
	 * would be comparable, and it is not kept. */
	kv_set(&r->quirks, "rekey",
	    strcmp(next, "link") == 0 && (r->active > 0 || r->committed > 0)
		? "1"
		: NULL);
	kv_set(&r->quirks, "identity", next);
	kv_set(&r->quirks, "identity_why", "repeat");
	r->attempt = 0;
	r->wait_ms = 0;
	return true;
}

static char *
copy_url(const char *url)
{
	return url != NULL && strlen(url) <= LIMIT_FEED_URL_BYTES ? xstrdup(url)
								  : NULL;
}

static void
keep_facts(struct feed_run *r, const struct page_facts *f)
{
	const struct facts_feed *d = &f->feed;

	kv_set_clean(&r->facts, "repository", d->title);
	kv_set_clean(&r->facts, "format", f->format);
	kv_set_clean(&r->facts, "homepage", d->link);
	kv_set_clean(&r->facts, "description", d->description);
	kv_set_clean(&r->facts, "updated", d->updated);
	kv_set_clean(&r->facts, "hub", d->hub);
	feed_keep_wishes(r, d);
}

enum harvest_verdict
feed_judge(struct feed_run *r, const struct page_facts *f)
{
	struct feed_page *p = &r->page;
	bool is_first = r->place.way == FEED_WAY_FEED;

	if (p->status >= 400) {
		judge_status(r, f);
		return HARVEST_ABORT;
	}
	if (feed_is_static(r))
		return static_judge(r, f);
	if (f->body != BODY_FEED)
		return not_a_feed(r, f);
	if (f->err_class != ERR_NONE) {
		feed_say(r, f->err_class, 0, "%.300s",
		    f->err_text != NULL ? f->err_text
					: "the feed cannot be read");
		feed_failed(r, READ_TRIES, -1);
		return HARVEST_ABORT;
	}
	if (turn_identity(r, &f->feed))
		return HARVEST_ABORT;
	if (is_first) {
		r->complete = f->feed.complete;
		keep_facts(r, f);
	}
	if (f->rejected > 0)
		r->complete = false;
	p->records = f->records;
	p->next = copy_url(f->feed.next);
	p->archive = copy_url(f->feed.prev_archive);
	return HARVEST_COMMIT;
}
