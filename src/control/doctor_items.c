/* A feed's items: how clean they are, which fields they fill, how they are
 * told apart; and what the agency could mend, in plain words. */
#include "control/doctor_exam.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

enum { KINDS = 24 /* of warnings */, WHOLE = 100 /* percent */ };

/* What to tell the agency of each kind of warning. */
static const struct {
	const char *code, *advice;
} advices[] = {
    {"xml-mended", "the XML is not well-formed; in texts & and < must be "
		   "written &amp; and &lt;, and every tag be closed"},
    {"bytes-repaired",
	"there are bytes that the encoding does not have; write UTF-8, and "
	"declare it"},
    {"encoding-unknown", "the declared encoding does not exist; write UTF-8"},
    {"junk-before-root",
	"something stands before the feed; the first bytes must be <?xml"},
    {"truncated", "the feed stops before its end"},
    {"unbound-prefix", "a prefix is used without its xmlns declaration"},
    {"date-unknown", "a date is not understood; RSS wants Tue, 03 Jun 2025 "
		     "09:39:21 GMT, Atom 2025-06-03T09:39:21Z"},
    {"date-ambiguous", "a date can be read in two ways; write the month's "
		       "name, or year-month-day"},
    {"language-unknown", "a language is not understood; write a code such as "
			 "fr or pt-BR"},
    {"country-unknown", "a country is not understood; write its ISO 3166 code "
			"of three letters, such as KEN"},
    {"kind-unknown", "a kind is not known; sheaf.conf(5) lists them"},
    {"profile-unknown", "a category of urn:sheaf: is not of the profile"},
    {"trl-unknown", "a technology readiness level is a number from 1 to 9"},
    {"identifier-bad", "an identifier's check digit is wrong"},
    {"value-cut", "a text is too long, and is cut"},
    {"too-many-values", "a field has too many values; the rest is left out"},
};

struct tally {
	const char *code, *text; /* text of the first one */
	int64_t items;
	bool is_page; /* of the feed as a whole */
};

static void
count(struct tally *t, size_t *n, const struct rec_warning *w, bool is_page)
{
	size_t i = 0;

	while (i < *n && strcmp(t[i].code, w->code) != 0)
		i++;
	if (i == KINDS)
		return;
	if (i == *n)
		t[(*n)++] = (struct tally){.code = w->code, .text = w->text};
	t[i].items += !is_page;
	t[i].is_page |= is_page;
}

static const char *
advice(const char *code)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (strcmp(advices[i].code, code) == 0)
			return advices[i].advice;
	return "worth a look";
}

static void
check_clean(struct exam *x, const struct doctor_answer *a)
{
	struct tally t[KINDS];
	size_t n = 0;
	char where[32];

	for (size_t i = 0; i < a->facts.warnings.count; i++)
		count(t, &n, &a->facts.warnings.items[i], true);
	for (size_t i = 0; i < a->records.count; i++)
		for (size_t k = 0; k < a->records.items[i].warnings.count; k++)
			count(t, &n, &a->records.items[i].warnings.items[k],
			    false);
	if (n == 0 && !a->facts.recovered)
		exam_say(x, DOCTOR_OK, "clean",
		    "nothing had to be repaired or guessed");
	for (size_t i = 0; i < n; i++) {
		snprintf(where, sizeof(where), "%lld item%s",
		    (long long)t[i].items, t[i].items == 1 ? "" : "s");
		exam_say(x, DOCTOR_NOTE, "clean", "%s (%s): %s. The first: %s",
		    t[i].code,
		    t[i].items > 0		   ? where
		    : a->facts.body == BODY_STATIC ? "the file"
						   : "the feed",
		    advice(t[i].code), t[i].text);
		exam_figure(x, "warnings",
		    arena_strdup(&x->report->arena, t[i].code),
		    t[i].items > 0 ? t[i].items : 1);
	}
	if (a->facts.rejected > 0)
		exam_say(x, DOCTOR_ADVICE, "clean",
		    "%llu items cannot be read, the first: %s",
		    (unsigned long long)a->facts.rejected,
		    a->rejects.count > 0 ? a->rejects.items[0].reason : "?");
}

/* --- fields --- */
static bool
has_title(const struct record *r)
{
	return r->titles.count > 0;
}

static bool
has_text(const struct record *r)
{
	return r->abstracts.count > 0;
}

static bool
has_link(const struct record *r)
{
	return r->links.count > 0;
}

static bool
has_date(const struct record *r)
{
	for (size_t i = 0; i < r->dates.count; i++)
		if (r->dates.items[i].value != NULL)
			return true;
	return false;
}

static bool
has_agent(const struct record *r)
{
	for (size_t i = 0; i < r->agents.count; i++)
		if (strcmp(r->agents.items[i].role, "publisher") != 0)
			return true;
	return false;
}

static bool
has_subject(const struct record *r)
{
	return r->subjects.count > 0;
}

static bool
has_language(const struct record *r)
{
	return r->languages.count > 0;
}

static bool
has_kind(const struct record *r)
{
	return r->kind.code != NULL && r->kind.basis != NULL &&
	       strcmp(r->kind.basis, "default") != 0;
}

static bool
has_sector(const struct record *r)
{
	return r->sectors.count > 0;
}

static bool
has_sdg(const struct record *r)
{
	return r->sdgs.count > 0;
}

static bool
has_country(const struct record *r)
{
	return r->countries.count > 0;
}

static bool
has_rights(const struct record *r)
{
	return r->rights.count > 0;
}

static bool
has_guid(const struct record *r)
{
	return r->identifier_basis != NULL &&
	       strcmp(r->identifier_basis, "guid") == 0;
}

/* `advice` where some item lacks it; NULL: it may be missing. */
static const struct field {
	const char *name;
	bool (*is_filled)(const struct record *r);
	const char *advice; /* of a feed */
	const char *dc_advice; /* of a static repository */
} fields[] = {
    {"title", has_title, "give each item a title", "add dc:title"},
    {"text", has_text, "give each item a description or summary",
	"add dc:description"},
    {"link", has_link, "give each item a link to its page",
	"add the address of its page as dc:identifier"},
    {"date", has_date, "give each item a date (pubDate; updated and published)",
	"add dc:date"},
    {"guid", has_guid, "give each item a guid or id that never changes", NULL},
    {"author", has_agent, NULL, NULL},
    {"language", has_language, "say the language (language; xml:lang)",
	"add dc:language"},
    {"subject", has_subject, NULL, NULL},
    {"kind", has_kind,
	"say what the items are, by categories of the scheme urn:sheaf:kind",
	"say what the records are by sets such as kind:technology-offer, or "
	"by dc:type"},
    {"sector", has_sector, NULL, NULL},
    {"sdg", has_sdg, NULL, NULL},
    {"country", has_country, NULL, NULL},
    {"rights", has_rights, NULL, NULL},
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

/* RSS 1.0 knows no guid: its items are named by rdf:about, which is their
 * link. */
static bool
has_guids(const struct page_facts *f)
{
	if (f->body == BODY_STATIC)
		return false;
	return f->format == NULL || (strcmp(f->format, "rss-1.0") != 0 &&
					strcmp(f->format, "rss-0.90") != 0);
}

/* n[f] of the items have the field f. */
static void
check_missing(struct exam *x, const struct page_facts *facts,
    const size_t n[FIELDS], size_t live)
{
	bool is_static = facts->body == BODY_STATIC;

	for (size_t f = 0; f < FIELDS; f++) {
		const char *advice =
		    is_static ? fields[f].dc_advice : fields[f].advice;

		if (n[f] < live && advice != NULL &&
		    (fields[f].is_filled != has_guid || has_guids(facts)))
			exam_say(x, DOCTOR_NOTE, "fields",
			    "%zu of %zu items have no %s; the agency could %s",
			    live - n[f], live, fields[f].name, advice);
	}
}

static void
check_fields(struct exam *x, const struct doctor_answer *a, size_t live)
{
	bool is_static = a->facts.body == BODY_STATIC;
	struct buf filled, empty;
	size_t n[FIELDS] = {0};

	buf_init(&filled, 4 * KIB);
	buf_init(&empty, 4 * KIB);
	for (size_t f = 0; f < FIELDS; f++) {
		if (is_static && fields[f].is_filled == has_guid)
			continue;
		for (size_t i = 0; i < a->records.count; i++)
			n[f] += !a->records.items[i].deleted &&
				fields[f].is_filled(&a->records.items[i]);
		exam_figure(x, "fields", fields[f].name,
		    (int64_t)(n[f] * WHOLE / live));
		if (n[f] > 0)
			buf_printf(&filled, "%s%s %zu %%",
			    filled.len > 0 ? ", " : "", fields[f].name,
			    n[f] * WHOLE / live);
		else
			buf_printf(&empty, "%s%s", empty.len > 0 ? ", " : "",
			    fields[f].name);
	}
	exam_say(x, DOCTOR_OK, "fields", "%s%s%s%s", buf_str(&filled),
	    empty.len > 0 ? " (none: " : "", buf_str(&empty),
	    empty.len > 0 ? ")" : "");
	if (filled.len == 0 && is_static)
		exam_say(x, DOCTOR_ADVICE, "fields",
		    "nothing of the format %s is understood, so that its "
		    "records would be stored without content: choose another "
		    "format, or write a crosswalk, see sheaf-crosswalk(5)",
		    a->facts.format != NULL ? a->facts.format : "(none)");
	else
		check_missing(x, &a->facts, n, live);
	buf_release(&filled);
	buf_release(&empty);
}

/* --- identity --- */
static void
check_identity(struct exam *x, const struct doctor_answer *a)
{
	const struct facts_feed *f = &a->facts.feed;
	uint64_t live = a->facts.records - a->facts.deleted;

	exam_figure(
	    x, "identity", "without_guid", (int64_t)f->items_without_id);
	exam_figure(x, "identity", "guids_repeated", (int64_t)f->ids_repeated);
	exam_figure(
	    x, "identity", "links_repeated", (int64_t)f->links_repeated);
	if (f->ids_repeated > 0)
		exam_say(x, DOCTOR_ADVICE, "identity",
		    "%llu guids stand on several items each; Sheaf tells such "
		    "a feed's items apart by their %s, and the agency could "
		    "give each item one of its own",
		    (unsigned long long)f->ids_repeated,
		    f->links_repeated > 0 ? "content" : "links");
	else if (f->items_without_id == 0)
		exam_say(x, DOCTOR_OK, "identity",
		    "every item has a guid or id of its own");
	if (!has_guids(&a->facts) && f->items_without_id > 0)
		exam_say(x, DOCTOR_OK, "identity",
		    "its items are known by their links, as is usual in RSS "
		    "1.0");
	else if (f->items_without_id > 0)
		exam_say(x,
		    f->items_with_link < live ? DOCTOR_ADVICE : DOCTOR_NOTE,
		    "identity",
		    "%llu of %llu items have no guid: they are known by their "
		    "links%s",
		    (unsigned long long)f->items_without_id,
		    (unsigned long long)live,
		    f->items_with_link < live
			? ", or where they have none by their content, so that "
			  "a change makes a new record"
			: "");
}

void
exam_items(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	size_t live = 0;

	for (size_t i = 0; i < a->records.count; i++)
		live += !a->records.items[i].deleted;
	exam_figure(x, "items", "live", (int64_t)(f->records - f->deleted));
	exam_figure(x, "items", "deleted", (int64_t)f->deleted);
	exam_figure(x, "items", "rejected", (int64_t)f->rejected);
	exam_say(x, f->records > 0 ? DOCTOR_OK : DOCTOR_NOTE, "items",
	    "%llu items%s", (unsigned long long)(f->records - f->deleted),
	    f->records == 0 ? ": nothing to harvest now" : "");
	if (f->deleted > 0)
		exam_say(x, DOCTOR_OK, "items",
		    "%llu tombstones (RFC 6721): what they name is deleted",
		    (unsigned long long)f->deleted);
	if (a->records.count < f->records)
		exam_say(x, DOCTOR_NOTE, "items",
		    "what follows is of the first %zu", a->records.count);
	check_clean(x, a);
	if (live == 0)
		return;
	check_fields(x, a, live);
	if (f->body == BODY_FEED)
		check_identity(x, a);
}
