/* What further polls tell of a feed: whether it says that nothing has changed,
 * whether its items keep their guids, and whether older ones can be had. */
#include "control/doctor_exam.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

enum { COMPARED = 200 /* items, against all of the other answer */ };

static bool
has_identifier(const struct doctor_answer *a, const char *identifier)
{
	for (size_t i = 0; i < a->records.count; i++)
		if (strcmp(a->records.items[i].identifier, identifier) == 0)
			return true;
	return false;
}

static const char *
link_of(struct exam *x, const struct record *r)
{
	struct record_summary s;

	record_summarise(&s, r, &x->report->arena);
	return s.url;
}

static bool
has_url(struct exam *x, const struct doctor_answer *a, const char *url)
{
	const char *other;

	for (size_t i = 0; i < a->records.count && i < COMPARED; i++) {
		other = link_of(x, &a->records.items[i]);
		if (other != NULL && strcmp(other, url) == 0)
			return true;
	}
	return false;
}

/* Items of the second answer that the first had under another guid. */
static size_t
renamed(struct exam *x, const struct doctor_answer *first,
    const struct doctor_answer *second)
{
	size_t n = 0;

	for (size_t i = 0; i < second->records.count && i < COMPARED; i++) {
		const struct record *r = &second->records.items[i];
		const char *url = link_of(x, r);

		n += !has_identifier(first, r->identifier) && url != NULL &&
		     has_url(x, first, url);
	}
	return n;
}

static void
compare(struct exam *x, const struct doctor_answer *first,
    const struct doctor_answer *second, const char *validators)
{
	bool same_bytes =
	    memcmp(first->body_hash, second->body_hash, HASH128_BYTES) == 0;
	bool same_items =
	    same_bytes || memcmp(first->facts.ids_hash, second->facts.ids_hash,
			      HASH128_BYTES) == 0;
	size_t n = same_items ? 0 : renamed(x, first, second);

	exam_figure(x, "poll", "same_bytes", same_bytes);
	exam_say(x, DOCTOR_NOTE, "polling", "%s; %s", validators,
	    same_bytes
		? "equal answers are known by their bytes, but cost a transfer"
		: "and two answers in a row differ in their bytes, so each "
		  "poll is read anew; the agency could write the date of the "
		  "last item in place of now");
	if (n > 0)
		exam_say(x, DOCTOR_ADVICE, "identity",
		    "%zu items had other guids when they were asked for again: "
		    "Sheaf knows such a feed's items by their links; the "
		    "agency could give them guids that never change",
		    n);
}

void
exam_poll(struct exam *x, const struct doctor_answer *first)
{
	bool has_etag = first->etag[0] != '\0';
	bool has_date = first->last_modified[0] != '\0';
	struct doctor_answer a;
	const char *why, *names = has_etag && has_date ? "ETag, Last-Modified"
				  : has_etag	       ? "ETag"
						       : "Last-Modified";

	x->question.etag = first->etag;
	x->question.last_modified = first->last_modified;
	if (exam_get(x, &a, x->address)) {
		why = a.status == 304 ? NULL : exam_document_trouble(x, &a);
		exam_figure(x, "poll", "not_modified", a.status == 304);
		if (a.status == 304)
			exam_say(x, DOCTOR_OK, "polling",
			    "asked again, it says that nothing has changed "
			    "(304, by %s)",
			    names);
		else if (why != NULL)
			exam_say(x, DOCTOR_PROBLEM, "polling",
			    "asked again, it fails: %s", why);
		else if (has_etag || has_date)
			compare(x, first, &a,
			    arena_printf(&x->report->arena,
				"it sends %s and never says that nothing has "
				"changed (304)",
				names));
		else
			compare(x, first, &a,
			    "it sends neither ETag nor Last-Modified");
	}
	x->question.etag = x->question.last_modified = "";
	doctor_answer_release(&a);
}

/* --- older items --- */
/* True when the address leads to other items of the feed. */
static bool
leads_on(struct exam *x, const struct doctor_answer *first, const char *url,
    struct doctor_answer *a, const char **why)
{
	*why = NULL;
	if (!exam_get(x, a, url))
		return false;
	*why = exam_document_trouble(x, a);
	if (*why == NULL && a->facts.records == 0)
		*why = "it has no items";
	else if (*why == NULL && memcmp(a->facts.ids_hash,
				     first->facts.ids_hash, HASH128_BYTES) == 0)
		*why = "it has the same items again";
	return *why == NULL;
}

static void
check_link(struct exam *x, const struct doctor_answer *first, const char *rel,
    const char *url)
{
	struct doctor_answer a;
	const char *why;

	if (leads_on(x, first, url, &a, &why))
		exam_say(x, DOCTOR_OK, "older items",
		    "%s leads to %llu more (RFC 5005): all are harvested at "
		    "first, and after a gap",
		    rel, (unsigned long long)a.facts.records);
	else if (why != NULL)
		exam_say(x, DOCTOR_ADVICE, "older items",
		    "%s does not lead to older ones: %s", rel, why);
	doctor_answer_release(&a);
}

/* How the usual software counts its pages. */
static const struct numbering {
	const char *software, *param;
	unsigned first;
} numberings[] = {{"wordpress", "paged", 2}, {"drupal", "page", 1}};

static const struct numbering *
numbering_of(const struct facts_feed *f)
{
	for (size_t i = 0; i < sizeof(numberings) / sizeof(*numberings); i++)
		if (f->generator != NULL &&
		    strcasestr(f->generator, numberings[i].software) != NULL)
			return &numberings[i];
	return NULL;
}

/* Feeds without links to older items often have pages all the same. */
static bool
check_numbers(struct exam *x, const struct doctor_answer *first)
{
	const struct numbering *guess = numbering_of(&first->facts.feed);
	bool configured = x->source->page_param[0] != '\0', good;
	struct numbering n = {"", x->source->page_param, x->source->page_first};
	struct doctor_answer a;
	const char *why;
	char number[16];

	if (!configured && guess == NULL)
		return false;
	if (!configured)
		n = *guess;
	buf_clear(&x->url);
	buf_printf(&x->url, "%s%c%s=%u", x->address,
	    strchr(x->address, '?') != NULL ? '&' : '?', n.param, n.first);
	good = leads_on(x, first, buf_str(&x->url), &a, &why);
	if (good) {
		exam_say(x, DOCTOR_OK, "older items",
		    "%s=%u leads to %llu more", n.param, n.first,
		    (unsigned long long)a.facts.records);
		snprintf(number, sizeof(number), "%u", n.first);
		exam_advise(x, "page_param", n.param,
		    "older items are on pages of their own");
		if (n.first != 2)
			exam_advise(x, "page_first", number,
			    "the number of the second page");
	} else if (configured && why != NULL) {
		exam_say(x, DOCTOR_ADVICE, "older items",
		    "page_param = %s does not lead to older ones: %s", n.param,
		    why);
	}
	doctor_answer_release(&a);
	return good || configured;
}

void
exam_older(struct exam *x, const struct doctor_answer *first)
{
	const struct facts_feed *f = &first->facts.feed;

	if (f->complete)
		exam_say(x, DOCTOR_OK, "older items",
		    "it is a complete list (fh:complete): what it no longer "
		    "has is removed after grace");
	if (f->next != NULL)
		check_link(x, first, "its next page", f->next);
	else if (f->prev_archive != NULL)
		check_link(x, first, "its archive", f->prev_archive);
	else if (!check_numbers(x, first) && !f->complete)
		exam_say(x, DOCTOR_NOTE, "older items",
		    "it links to none: what left it before the first harvest, "
		    "or between two polls, is not seen (RFC 5005 archives "
		    "would show it)");
}
