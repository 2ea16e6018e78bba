#include "sched/format.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"

/* From the one that says most.  A format is known by its prefix or by what its
 * namespace begins with, behind the scheme; `unless` is offered where it is
 * made of Dublin Core. */
static const struct row {
	const char *prefixes, *ns, *unless, *why;
} rows[] = {
    {"xoai", "www.lyncode.com/xoai", NULL,
	"DSpace's own form, with all that it has"},
    {"dim", "www.dspace.org/xmlns/dspace/dim", NULL,
	"DSpace's own fields, each with its qualifier"},
    {"oai_datacite", "schema.datacite.org/oai/", NULL,
	"DataCite's form, which has what Dublin Core leaves out"},
    {"datacite datacite4 datacite3", "datacite.org/schema/kernel", NULL,
	"DataCite's form, which has what Dublin Core leaves out"},
    {"oai_openaire", "namespace.openaire.eu/schema/oaire", NULL,
	"OpenAIRE's form, which has what Dublin Core leaves out"},
    {"marcxml marc21 marc", "www.loc.gov/MARC21/slim", "rfc1807",
	"the form that library systems keep their records in"},
    {"mods", "www.loc.gov/mods/", "rfc1807",
	"a library's form, with roles and parts"},
    {"qdc oai_qdc", "dspace.org/qualifieddc", NULL,
	"Dublin Core with qualifiers"},
    {"dcterms oai_dcterms", "purl.org/dc/terms", NULL,
	"Dublin Core with qualifiers"},
    {"oai_dc", "www.openarchives.org/OAI/2.0/oai_dc/", NULL,
	"what every repository has"},
    {"mets", "www.loc.gov/METS", NULL, "what there is beside oai_dc"},
    {"lom oai_lom", "ltsc.ieee.org/xsd/LOM", NULL,
	"what there is beside oai_dc"},
    {"edm", "www.europeana.eu/schemas/edm", NULL,
	"what there is beside oai_dc"},
    {"uketd_dc", "naca.central.cranfield.ac.uk/ethos-oai", NULL,
	"what there is beside oai_dc"},
    {"etdms oai_etdms", "www.ndltd.org/standards/metadata/etdms", NULL,
	"what there is beside oai_dc"},
    {"rdf", "www.openarchives.org/OAI/2.0/rdf/", NULL,
	"what there is beside oai_dc"},
    {"didl", "urn:mpeg:mpeg21:2002:02-DIDL-NS", NULL,
	"what there is beside oai_dc"},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

bool
format_in(const char *words, const char *word)
{
	size_t n = strlen(word), len;

	for (const char *p = words; *p != '\0'; p += len) {
		p += strspn(p, " ");
		len = strcspn(p, " ");
		if (n > 0 && len == n && strncasecmp(p, word, n) == 0)
			return true;
	}
	return false;
}

/* One that cannot be told among others, or in a request, is not chosen. */
static bool
may_be_chosen(const char *prefix)
{
	size_t n = strcspn(prefix, " \t\r\n");

	return n > 0 && prefix[n] == '\0' && n <= LIMIT_PREFIX_BYTES;
}

static const char *
behind_scheme(const char *uri)
{
	const char *p = strstr(uri, "://");

	return p != NULL ? p + 3 : uri;
}

static bool
offers(const struct page_facts *f, const char *prefix)
{
	for (size_t i = 0; prefix != NULL && i < f->formats.count; i++)
		if (strcasecmp(f->formats.items[i].prefix, prefix) == 0)
			return true;
	return false;
}

static unsigned
rank(const struct page_facts *f, const struct facts_format *o)
{
	for (unsigned i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (!format_in(r->prefixes, o->prefix) &&
		    (o->ns == NULL ||
			!str_case_starts(behind_scheme(o->ns), r->ns)))
			continue;
		if (!offers(f, r->unless))
			return i;
	}
	return ROWS;
}

struct format_choice
format_best(const struct page_facts *f, const char *refused)
{
	struct format_choice c = {
	    NULL, "the only kind that is offered", ROWS + 1};
	const struct facts_format *first = NULL;

	for (size_t i = 0; i < f->formats.count; i++) {
		const struct facts_format *o = &f->formats.items[i];
		unsigned at;

		if (o->prefix == NULL || !may_be_chosen(o->prefix))
			continue;
		at = rank(f, o);
		if (first == NULL)
			first = o;
		if (at >= c.rank || format_in(refused, o->prefix))
			continue;
		c.format = o;
		c.rank = at;
		if (at < ROWS)
			c.why = rows[at].why;
	}
	if (c.format == NULL)
		c.format = first;
	return c;
}

unsigned
format_rank(const struct page_facts *f, const char *prefix)
{
	for (size_t i = 0; i < f->formats.count; i++)
		if (strcmp(f->formats.items[i].prefix, prefix) == 0)
			return rank(f, &f->formats.items[i]);
	return ROWS + 1;
}
