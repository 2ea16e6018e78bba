/*
 * The examination of a static repository: whether the file is one, and what of
 * it does not fit the specification ("Specification for an OAI Static
 * Repository and an OAI Static Repository Gateway", sections 2.1 to 2.4).
 * Its records are examined as a feed's items are, in doctor_items.c.
 */
#include "control/doctor_exam.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "sched/format.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* An identifier that stands twice costs the earlier record. */
static void
check_identifiers(struct exam *x, const struct doctor_answer *a)
{
	size_t n = a->records.count, twice = 0;
	const char **ids = xmalloc((n + 1) * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = a->records.items[i].identifier;
	qsort(ids, n, sizeof(*ids), by_text);
	for (size_t i = 1; i < n; i++)
		twice += strcmp(ids[i - 1], ids[i]) == 0;
	free(ids);
	exam_figure(x, "identity", "repeated", (int64_t)twice);
	if (twice > 0)
		exam_say(x, DOCTOR_ADVICE, "identity",
		    "%zu records have an identifier that another one has, too; "
		    "only the last of them is kept",
		    twice);
	else
		exam_say(x, DOCTOR_OK, "identity",
		    "every record has an identifier of its own");
}

static void
check_format(struct exam *x, const struct page_facts *f)
{
	struct buf names;

	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < f->formats.count; i++)
		if (f->formats.items[i].prefix != NULL)
			buf_printf(&names, "%s%s", names.len > 0 ? ", " : "",
			    f->formats.items[i].prefix);
	if (f->format != NULL)
		exam_say(x, DOCTOR_OK, "formats", "%s; harvested as %s",
		    names.len > 0 ? buf_str(&names) : "none is named",
		    f->format);
	if (f->format != NULL && f->formats.count > 1)
		exam_advise(x, "format", f->format, "one of those in the file");
	buf_release(&names);
}

/* What a gateway would refuse, and Sheaf copes with. */
static void
check_rules(struct exam *x, const struct page_facts *f)
{
	if (f->repository_name == NULL || f->base_url == NULL ||
	    f->admin_email == NULL || f->earliest_datestamp == NULL)
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "it does not say all of repositoryName, baseURL, "
		    "adminEmail and earliestDatestamp");
	if (f->granularity == NULL || strcmp(f->granularity, "YYYY-MM-DD") != 0)
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "its granularity should be YYYY-MM-DD");
	if (f->deleted_record != NULL && strcmp(f->deleted_record, "no") != 0)
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "deletedRecord should be no: what is removed from the file "
		    "is missing, and deleted after grace");
	if (f->has_token && f->token != NULL && f->token[0] != '\0')
		exam_say(x, DOCTOR_PROBLEM, "list",
		    "it ends with a resumptionToken, which a static repository "
		    "cannot have: what is behind it would not be read");
}

static void
examine(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	struct doctor_report *r = x->report;

	r->identified = true;
	r->protocol = PROTOCOL_OAI_STATIC;
	if (f->repository_name != NULL)
		r->title = arena_strdup(&r->arena, f->repository_name);
	exam_advise(x, "protocol", "oai-static", "what is there");
	if (x->source->allow_private)
		exam_advise(x, "allow_private", "yes",
		    "as asked: the address may be a private one");
	exam_say(x, DOCTOR_OK, "Identify", "\"%s\", of the gateway %s",
	    f->repository_name != NULL ? f->repository_name : "(no name)",
	    f->base_url != NULL ? f->base_url : "(none)");
	check_format(x, f);
	check_rules(x, f);
	exam_items(x, a);
	check_identifiers(x, a);
	if (x->source->file[0] == '\0') {
		exam_way(x, a);
		exam_poll(x, a);
	}
	exam_configured(x);
	exam_previews(x, a);
}

/* As a harvest does where no format is configured: the list that says most. */
static bool
ask_for_best(struct exam *x, struct doctor_answer *a)
{
	struct format_choice best = format_best(&a->facts, "");
	const char *had = a->facts.format, *prefix;

	if (!a->parsed || x->source->format[0] != '\0' || best.format == NULL ||
	    best.format->prefix == NULL ||
	    (had != NULL && strcmp(had, best.format->prefix) == 0))
		return true;
	prefix = arena_strdup(&x->report->arena, best.format->prefix);
	doctor_answer_release(a);
	x->question.format = prefix;
	return exam_get(x, a, x->address);
}

void
exam_static(struct exam *x)
{
	struct doctor_answer a;
	const char *why;

	x->question.protocol = PROTOCOL_OAI_STATIC;
	x->address = x->source->url;
	if (exam_get(x, &a, x->address) && ask_for_best(x, &a)) {
		why = exam_document_trouble(x, &a);
		if (why != NULL)
			exam_say(x, DOCTOR_PROBLEM, "repository", "%s", why);
		else
			examine(x, &a);
	}
	doctor_answer_release(&a);
}
