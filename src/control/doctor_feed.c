/*
 * The examination of a feed: whether it is one, what it says of itself, and
 * what is advised.  Its items are in doctor_items.c, its rhythm in
 * doctor_rhythm.c, what a second poll tells in doctor_poll.c.
 */
#include "control/doctor_exam.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "sched/answer.h"

enum {
	OFFERS_NAMED = 4,
	PLAIN_BYTES = 100000, /* a body that is worth compressing */
};

const char *
exam_document_trouble(struct exam *x, const struct doctor_answer *a)
{
	bool is_static = x->question.protocol == PROTOCOL_OAI_STATIC;
	const char *wanted = is_static ? "static repository" : "feed";
	enum body_class body = is_static ? BODY_STATIC : BODY_FEED;
	struct arena *m = &x->report->arena;
	struct buf what;
	const char *text;

	if (a->err_class != ERR_NONE)
		return arena_printf(
		    m, "%s: %s", err_class_name(a->err_class), a->err_text);
	if (a->body_bytes == 0)
		return arena_printf(
		    m, "status %u and an empty answer", a->status);
	/* One that is cut was one. */
	if (a->status < 400 && a->facts.err_class != ERR_NONE &&
	    (a->facts.body == body || a->facts.body == BODY_TRUNCATED))
		return arena_printf(
		    m, "the %s cannot be read: %s", wanted, a->facts.err_text);
	if (a->status < 400 && a->facts.body == body)
		return NULL;
	buf_init(&what, 4 * KIB);
	body_words(&what, &a->facts);
	text = arena_printf(m, "status %u, and the answer is %s%s%s", a->status,
	    buf_str(&what),
	    a->facts.body == BODY_OAI	   ? ": set protocol = oai-pmh"
	    : a->facts.body == BODY_STATIC ? ": set protocol = oai-static"
	    : a->status >= 400		   ? ""
					   : ", not a ",
	    a->facts.body == BODY_OAI || a->facts.body == BODY_STATIC ||
		    a->status >= 400
		? ""
		: wanted);
	buf_release(&what);
	return text;
}

/* A web page that names its feeds: the first is followed, as a harvest would,
 * and once.  True when *out has the answer. */
static bool
follow_page(
    struct exam *x, const struct doctor_answer *page, struct doctor_answer *out)
{
	const struct facts_offer *o = page->facts.offers.items;
	struct buf b;

	x->address = arena_strdup(&x->report->arena, o[0].url);
	exam_say(x, DOCTOR_ADVICE, "discovery",
	    "the address is a web page; it names its feed: %s", x->address);
	exam_advise(x, "url", x->address, "the feed that the page names");
	buf_init(&b, LIMIT_DOC_BYTES);
	for (size_t i = 1; i < page->facts.offers.count && i <= OFFERS_NAMED;
	     i++)
		buf_printf(&b, "%s%s%s%s%s", i > 1 ? ", " : "", o[i].url,
		    o[i].title != NULL ? " (" : "",
		    o[i].title != NULL ? o[i].title : "",
		    o[i].title != NULL ? ")" : "");
	if (b.len > 0)
		exam_say(x, DOCTOR_NOTE, "discovery", "it names others: %s%s",
		    buf_str(&b),
		    page->facts.offers.count > OFFERS_NAMED + 1 ? ", …" : "");
	buf_release(&b);
	return exam_get(x, out, x->address);
}

void
exam_way(struct exam *x, const struct doctor_answer *a)
{
	char size[32], wire[32];

	exam_tls(x, a->url);
	if (a->moved_url != NULL && a->moved_url[0] != '\0') {
		exam_say(x, DOCTOR_ADVICE, "address",
		    "it has moved for good to %s", a->moved_url);
		exam_advise(x, "url", a->moved_url, "it answered 301 or 308");
	} else if (a->redirects > 0) {
		exam_say(x, DOCTOR_NOTE, "address",
		    "%u redirects for now, to %s; the address that you gave "
		    "is kept",
		    a->redirects, a->url);
	}
	str_bytes(size, sizeof(size), a->body_bytes);
	str_bytes(wire, sizeof(wire), a->wire_bytes);
	if (a->wire_bytes < a->body_bytes)
		exam_say(x, DOCTOR_OK, "speed",
		    "%s (%s compressed) in %u ms, connected in %u ms", size,
		    wire, a->total_ms, a->connect_ms);
	else
		exam_say(x,
		    a->body_bytes > PLAIN_BYTES ? DOCTOR_NOTE : DOCTOR_OK,
		    "speed", "%s%s in %u ms, connected in %u ms", size,
		    a->body_bytes > PLAIN_BYTES ? " without compression" : "",
		    a->total_ms, a->connect_ms);
	if (a->total_ms > DOCTOR_SLOW_MS)
		exam_say(x, DOCTOR_NOTE, "speed", "that is slow");
}

static void
check_what(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	const struct facts_feed *d = &f->feed;
	bool served = a->server != NULL && a->server[0] != '\0';

	exam_say(x, DOCTOR_OK, "feed", "%s, \"%s\"%s%s%s%s",
	    f->format != NULL ? f->format : "of no known format",
	    d->title != NULL ? d->title : "(no title)",
	    d->generator != NULL ? ", written by " : "",
	    d->generator != NULL ? d->generator : "",
	    served ? ", served by " : "", served ? a->server : "");
	if (d->title == NULL)
		exam_say(x, DOCTOR_ADVICE, "feed",
		    "it has no title; records name no publisher by it");
	exam_say(x, DOCTOR_OK, "feed", "encoding %s, language %s, updated %s",
	    f->encoding != NULL ? f->encoding : "unknown",
	    d->language != NULL ? d->language : "not given",
	    d->updated != NULL ? d->updated : "not given");
	if (d->hub != NULL)
		exam_say(x, DOCTOR_OK, "hub",
		    "it names a WebSub hub, %s; noted with the source", d->hub);
}

/* What the items do not say falls to the source. */
static void
advise_kind(struct exam *x, const struct doctor_answer *a)
{
	size_t live = 0, with_kind = 0, with_start = 0;

	for (size_t i = 0; i < a->records.count; i++) {
		const struct record *r = &a->records.items[i];
		bool has_start = false;

		for (size_t k = 0; k < r->dates.count; k++)
			has_start |=
			    strcmp(r->dates.items[k].role, "start") == 0;
		live += !r->deleted;
		with_kind += !r->deleted && r->kind.code != NULL;
		with_start += !r->deleted && has_start;
	}
	exam_configured(x);
	if (x->source->kind[0] == '\0' && (with_kind < live || live == 0))
		exam_advise(x, "kind",
		    live > 0 && with_start == live ? "event" : "news",
		    "a guess, for items that do not say what they are");
}

static void
examine(struct exam *x, const struct doctor_answer *a)
{
	x->report->identified = true;
	x->report->protocol = PROTOCOL_FEED;
	if (a->facts.feed.title != NULL)
		x->report->title =
		    arena_strdup(&x->report->arena, a->facts.feed.title);
	exam_advise(x, "protocol", "feed", "what answers there");
	if (x->source->allow_private)
		exam_advise(x, "allow_private", "yes",
		    "as asked: the address may be a private one");
	check_what(x, a);
	exam_way(x, a);
	exam_items(x, a);
	exam_poll(x, a);
	exam_rhythm(x, a);
	exam_older(x, a);
	advise_kind(x, a);
	exam_previews(x, a);
}

void
exam_feed(struct exam *x, const struct doctor_answer *first)
{
	struct doctor_answer own = {0}, found = {0};
	const struct doctor_answer *a = first;
	const char *why;
	bool asked = true;

	x->question.protocol = PROTOCOL_FEED;
	x->address = x->source->url;
	if (a == NULL) {
		asked = exam_get(x, &own, x->address);
		a = &own;
	}
	if (asked && a->parsed && a->facts.body != BODY_FEED &&
	    a->status < 400 && a->facts.offers.count > 0) {
		asked = follow_page(x, a, &found);
		a = &found;
	}
	if (asked) {
		why = exam_document_trouble(x, a);
		if (why != NULL)
			exam_say(x, DOCTOR_PROBLEM, "feed", "%s", why);
		else
			examine(x, a);
	}
	doctor_answer_release(&own);
	doctor_answer_release(&found);
}
