/* What an endpoint's lists are worth: a page, the token that should lead on,
 * the dates, and the answers to wrong requests. */
#include "control/doctor_exam.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

static void
check_page(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	char size[32];

	str_bytes(size, sizeof(size), a->body_bytes);
	exam_say(x, DOCTOR_OK, "records",
	    "%llu on the first page (%llu deleted), %s, in %u ms",
	    (unsigned long long)f->records, (unsigned long long)f->deleted,
	    size, a->total_ms);
	if (f->list_size >= 0)
		exam_say(x, DOCTOR_OK, "records",
		    "%lld in all, says the server", (long long)f->list_size);
	if (f->rejected > 0)
		exam_say(x, DOCTOR_ADVICE, "records",
		    "%llu cannot be read, the first: %s",
		    (unsigned long long)f->rejected,
		    a->rejects.count > 0 ? a->rejects.items[0].reason : "?");
	if (f->recovered)
		exam_say(x, DOCTOR_NOTE, "bytes",
		    "%llu %s needed to read the page; tell the agency: %s",
		    (unsigned long long)f->repairs,
		    f->repairs == 1 ? "repair was" : "repairs were",
		    f->warnings.count > 0 ? f->warnings.items[0].text
					  : "bytes that XML forbids");
	if (a->total_ms > DOCTOR_SLOW_MS)
		exam_say(
		    x, DOCTOR_NOTE, "speed", "a page takes %u ms", a->total_ms);
	exam_previews(x, a);
}

/* Follows the token, twice: it must go on, and give the same page again. */
static void
check_resumption(struct exam *x, const struct doctor_answer *first)
{
	struct doctor_answer a, b;
	const char *why;

	if (!first->facts.has_token || first->facts.token == NULL ||
	    *first->facts.token == '\0') {
		exam_say(
		    x, DOCTOR_OK, "resumption", "the whole list is one page");
		return;
	}
	if (!exam_ask(x, &a, "ListRecords", "resumptionToken",
		first->facts.token, NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = exam_trouble(x, &a);
	if (why == NULL && *exam_error(&a) != '\0')
		why = exam_error(&a);
	if (why != NULL) {
		exam_say(x, DOCTOR_PROBLEM, "resumption",
		    "its token is not accepted: %s", why);
		exam_advise(
		    x, "window", "month", "lists of one page need no token");
	} else if (memcmp(a.facts.ids_hash, first->facts.ids_hash,
		       HASH128_BYTES) == 0) {
		exam_say(x, DOCTOR_PROBLEM, "resumption",
		    "the token gives the first page again");
		exam_advise(x, "window", "month", "tokens do not go on");
	} else if (exam_ask(x, &b, "ListRecords", "resumptionToken",
		       first->facts.token, NULL)) {
		bool same = memcmp(a.facts.ids_hash, b.facts.ids_hash,
				HASH128_BYTES) == 0;
		exam_say(x, same ? DOCTOR_OK : DOCTOR_NOTE, "resumption",
		    same ? "the token goes on, and gives the same page again"
			 : "the token goes on, but only once: a harvest that "
			   "is interrupted begins its window again");
		doctor_answer_release(&b);
	}
	doctor_answer_release(&a);
}

/* Asks from the last datestamp of the page on: is `from` obeyed, and in the
 * granularity that Identify promised? */
static void
check_granularity(struct exam *x, const struct doctor_answer *first)
{
	struct doctor_answer a;
	char from[DATE_TEXT_BYTES];
	enum granularity g;
	int64_t at;

	if (first->facts.max_datestamp == NULL ||
	    date_parse(first->facts.max_datestamp, &at, &g) != 0)
		return;
	if (g == GRANULARITY_SECOND && x->granularity == GRANULARITY_DAY)
		exam_say(x, DOCTOR_NOTE, "dates",
		    "datestamps have seconds though Identify says days");
	if (g == GRANULARITY_DAY && x->granularity == GRANULARITY_SECOND)
		exam_say(x, DOCTOR_NOTE, "dates",
		    "datestamps are days though Identify says seconds");
	date_format(from, at, x->granularity);
	x->question.from = arena_strdup(&x->report->arena, from);
	if (exam_ask(x, &a, "ListRecords", "metadataPrefix", x->format, "from",
		from, NULL)) {
		if (strcmp(exam_error(&a), "badArgument") == 0)
			exam_say(x, DOCTOR_NOTE, "dates",
			    "from=%s is refused; a harvest falls back to days",
			    from);
		else if (exam_trouble(x, &a) != NULL)
			exam_say(x, DOCTOR_PROBLEM, "dates", "from=%s: %s",
			    from, exam_trouble(x, &a));
		else if (a.facts.outside_window > 0)
			exam_say(x, DOCTOR_PROBLEM, "dates",
			    "from=%s gives %llu of %llu records that are "
			    "older: every harvest is a full one",
			    from, (unsigned long long)a.facts.outside_window,
			    (unsigned long long)a.facts.records);
		else
			exam_say(
			    x, DOCTOR_OK, "dates", "from=%s is obeyed", from);
	}
	x->question.from = "";
	doctor_answer_release(&a);
}

void
exam_errors(struct exam *x)
{
	struct doctor_answer a;

	if (exam_ask(
		x, &a, "ListRecords", "resumptionToken", "no-such-token", NULL))
		exam_say(x,
		    strcmp(exam_error(&a), "badResumptionToken") == 0
			? DOCTOR_OK
			: DOCTOR_NOTE,
		    "errors", "a wrong token is answered by %s (status %u)",
		    *exam_error(&a) != '\0' ? exam_error(&a)
					    : "no OAI-PMH error",
		    a.status);
	doctor_answer_release(&a);
	if (exam_ask(x, &a, "Sheaf", NULL))
		exam_say(x,
		    strcmp(exam_error(&a), "badVerb") == 0 ? DOCTOR_OK
							   : DOCTOR_NOTE,
		    "errors", "a wrong verb is answered by %s (status %u)",
		    *exam_error(&a) != '\0' ? exam_error(&a)
					    : "no OAI-PMH error",
		    a.status);
	doctor_answer_release(&a);
}

void
exam_lists(struct exam *x)
{
	struct doctor_answer a;
	const char *why;
	const char *set = x->source->sets != NULL && x->source->sets[0] != NULL
			      ? x->source->sets[0]
			      : "";

	x->question.set = set;
	if (!exam_ask(x, &a, "ListRecords", "metadataPrefix", x->format, "set",
		set, NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = exam_trouble(x, &a);
	if (why != NULL) {
		exam_say(x, DOCTOR_PROBLEM, "records", "ListRecords: %s", why);
		exam_advise(
		    x, "verb_mode", "identifiers", "ListRecords does not work");
	} else if (*exam_error(&a) != '\0') {
		exam_say(x, DOCTOR_PROBLEM, "records", "ListRecords: %s (%s)",
		    exam_error(&a), a.facts.errors.items[0].text);
	} else {
		check_page(x, &a);
		check_resumption(x, &a);
		x->question.set = "";
		check_granularity(x, &a);
	}
	x->question.set = "";
	doctor_answer_release(&a);
}
