/* What Sheaf would store of a record: for programs as it is, for people what
 * they would look at first.  Not here: how it is printed (cmd_check.c). */
#include <string.h>

#include "base/limits.h"
#include "control/doctor_exam.h"

enum { NAMES = 3, CODES = 6 }; /* of a list, for people */

static void
add(struct arena *a, struct doctor_preview *p, const char *label,
    const char *value)
{
	struct doctor_field *f;

	if (value == NULL || value[0] == '\0')
		return;
	f = record_add(a, &p->fields);
	if (f != NULL)
		*f = (struct doctor_field){label, arena_strdup(a, value)};
}

/* "a; b; c; …": the i-th of `count` is given by value_at. */
static void
add_list(struct arena *a, struct doctor_preview *p, const char *label,
    size_t count, const char *(*value_at)(const struct record *r, size_t i),
    const struct record *r)
{
	struct buf b;

	buf_init(&b, LIMIT_DOC_BYTES);
	for (size_t i = 0; i < count && i <= NAMES; i++) {
		const char *value = i < NAMES ? value_at(r, i) : "…";
		if (value != NULL)
			buf_printf(&b, "%s%s", b.len > 0 ? "; " : "", value);
	}
	add(a, p, label, buf_str(&b));
	buf_release(&b);
}

static const char *
agent_at(const struct record *r, size_t i)
{
	return r->agents.items[i].name;
}

static const char *
subject_at(const struct record *r, size_t i)
{
	return r->subjects.items[i].text;
}

static const char *
language_at(const struct record *r, size_t i)
{
	return r->languages.items[i].code;
}

/* "KEN (target); AUT (origin)": what a country is to a record matters as much
 * as which it is. */
static void
add_codes(struct arena *a, struct doctor_preview *p, const char *label,
    const struct rec_code *codes, size_t count)
{
	struct buf b;

	buf_init(&b, LIMIT_DOC_BYTES);
	for (size_t i = 0; i < count && i < CODES; i++) {
		buf_printf(&b, "%s%s", i > 0 ? "; " : "", codes[i].code);
		if (codes[i].role != NULL)
			buf_printf(&b, " (%s)", codes[i].role);
	}
	if (count > CODES)
		buf_adds(&b, "; …");
	add(a, p, label, buf_str(&b));
	buf_release(&b);
}

static const char *
warning_at(const struct record *r, size_t i)
{
	return r->warnings.items[i].text;
}

static void
add_fields(struct arena *a, struct doctor_preview *p, const struct record *r)
{
	struct record_summary s;

	record_summarise(&s, r, a);
	add(a, p, "identifier", r->identifier);
	add(a, p, "datestamp", r->datestamp);
	add(a, p, "title", s.title);
	add_list(a, p, "agents", r->agents.count, agent_at, r);
	add(a, p, "issued", s.issued);
	add(a, p, "kind", s.kind);
	add(a, p, "url", s.url);
	add(a, p, "abstract",
	    r->abstracts.count > 0 ? r->abstracts.items[0].text : NULL);
	add_list(a, p, "subjects", r->subjects.count, subject_at, r);
	add_list(a, p, "languages", r->languages.count, language_at, r);
	add_codes(a, p, "countries", r->countries.items, r->countries.count);
	add_codes(a, p, "sectors", r->sectors.items, r->sectors.count);
	add_codes(a, p, "SDGs", r->sdgs.items, r->sdgs.count);
	add(a, p, "status", r->status);
	add(a, p, "licence", s.licence);
	add_list(a, p, "warnings", r->warnings.count, warning_at, r);
}

void
exam_preview(struct exam *x, const struct record *r)
{
	struct arena *a = &x->report->arena;
	struct doctor_preview *p = record_add(a, &x->report->previews);
	struct buf b;

	if (p == NULL)
		return;
	buf_init(&b, LIMIT_DOC_BYTES);
	record_json(&b, r, 0);
	p->json = arena_strdup(a, buf_str(&b));
	buf_release(&b);
	add_fields(a, p, r);
}
