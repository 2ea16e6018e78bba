/* Dublin Core: the table, and the way of an element through it.  What a value
 * becomes is in the take_*.c files. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/url.h"
#include "crosswalk/internal.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

/* Sorted by element.  Elements of dc (1.1) and refinements of dcterms in one:
 * no name means two things. */
static const struct dc_rule rules[] = {
    {"abstract", take_abstract, NULL},
    {"accessRights", take_rights, NULL},
    {"alternative", take_title, "alternative"},
    {"available", take_date, "available"},
    {"bibliographicCitation", take_source, NULL},
    {"contributor", take_agent, "contributor"},
    {"coverage", take_coverage, NULL},
    {"created", take_date, "created"},
    {"creator", take_agent, "author"},
    {"date", take_date, NULL},
    {"dateAccepted", take_date, "accepted"},
    {"dateCopyrighted", take_date, NULL},
    {"dateSubmitted", take_date, "deposited"},
    {"description", take_abstract, NULL},
    {"hasFormat", take_relation, "version-of"},
    {"hasPart", take_relation, "has-part"},
    {"hasVersion", take_relation, "version-of"},
    {"identifier", take_identifier, NULL},
    {"isFormatOf", take_relation, "version-of"},
    {"isPartOf", take_source, "part-of"},
    {"isReferencedBy", take_relation, "related"},
    {"isReplacedBy", take_relation, "related"},
    {"isRequiredBy", take_relation, "related"},
    {"isVersionOf", take_relation, "version-of"},
    {"issued", take_date, "issued"},
    {"language", take_language, NULL},
    {"license", take_rights, NULL},
    {"mediator", take_agent, "contributor"},
    {"modified", take_date, "modified"},
    {"publisher", take_agent, "publisher"},
    {"references", take_relation, "references"},
    {"relation", take_relation, NULL},
    {"replaces", take_relation, "replaces"},
    {"requires", take_relation, "related"},
    {"rights", take_rights, NULL},
    {"rightsHolder", take_rights, NULL},
    {"source", take_source, NULL},
    {"spatial", take_coverage, NULL},
    {"subject", take_subject, NULL},
    {"temporal", take_coverage, NULL},
    {"title", take_title, NULL},
    {"type", take_type, NULL},
};

static bool
is_dc(const struct crosswalk *x, const char *ns, const char *prefix)
{
	static const char purl[] = "purl.org/dc/";
	const char *p = strstr(ns, "://");

	if (p != NULL && strncasecmp(p + 3, purl, sizeof(purl) - 1) == 0) {
		p += 3 + sizeof(purl) - 1;
		return strncmp(p, "elements/", 9) == 0 ||
		       strncmp(p, "terms", 5) == 0;
	}
	if (*ns == '\0' &&
	    (strcmp(prefix, "dc") == 0 || strcmp(prefix, "dcterms") == 0))
		return true; /* never declared */
	return x->is_plain_ok &&
	       (*ns == '\0' || strstr(ns, "openarchives.org/OAI/") != NULL);
}

/* The first title and abstract of what is not Dublin Core (MARC, MODS,
 * DataCite, arXiv, DIF, ISO 19139, DDI): no crosswalk, but enough to show the
 * record. */
static const void *
obvious(const struct crosswalk *x, const char *name)
{
	static const struct dc_rule title = {"title", take_title, NULL};
	static const struct dc_rule abstract = {
	    "abstract", take_abstract, NULL};
	static const struct dc_rule marc = {"245a", take_marc_title, NULL};
	static const char *const titles[] = {
	    "title", "Title", "Entry_Title", "titl", "article-title"};

	if (x->r->abstracts.count == 0 && strcmp(name, "abstract") == 0)
		return &abstract;
	if (x->r->titles.count > 0)
		return NULL;
	if (strcmp(name, marc.element) == 0)
		return &marc;
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		if (strcmp(name, titles[i]) == 0)
			return &title;
	return NULL;
}

static const void *
wants(void *arg, const char *ns, const char *prefix, const char *name)
{
	struct crosswalk *x = arg;
	size_t low = 0, high = sizeof(rules) / sizeof(*rules);

	if (ns != x->last_ns || *ns == '\0') {
		x->last_ns = ns;
		x->last_is_dc = is_dc(x, ns, prefix);
	}
	if (!x->last_is_dc)
		return obvious(x, name);
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(rules[mid].element, name);

		if (order == 0)
			return &rules[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void
begin(void *arg, struct record *r, struct arena *a)
{
	struct crosswalk *x = arg;

	x->r = r;
	x->a = a;
	x->last_ns = NULL;
	x->is_kind_vague = false;
	x->label = NULL;
}

static void
take(void *arg, const void *key, const struct meta_element *e)
{
	struct crosswalk *x = arg;
	const struct dc_rule *rule = key;

	if (e->is_cut)
		record_warn(x->r, x->a, "value-cut",
		    "%s: a value was cut at %zu bytes", e->name,
		    LIMIT_VALUE_BYTES);
	rule->take(x, rule, e);
}

/* A citation of the thing itself in dc:source is no container. */
static void
settle_container(struct record *r)
{
	const char *title = r->container.title, *main;
	size_t n;

	if (title == NULL || r->titles.count == 0)
		return;
	main = r->titles.items[0].text;
	n = strlen(main);
	if (n >= 20 && strlen(title) >= n + 20 && strstr(title, main) != NULL)
		r->container.title = NULL;
}

static void
end(void *arg)
{
	struct crosswalk *x = arg;
	struct record *r = x->r;

	settle_dates(x);
	settle_container(r);
	settle_codes(x);
	if (r->kind.code == NULL && x->config.kind != NULL &&
	    *x->config.kind != '\0') {
		r->kind.code = x->config.kind;
		r->kind.basis = "default";
	}
	if (r->kind.code != NULL)
		r->family = vocab_family(r->kind.code);
	if (r->rights.count == 0 && x->config.licence != NULL &&
	    *x->config.licence != '\0') {
		struct rec_rights *rights = ADD(x, rights);
		bool is_url = url_is_http(x->config.licence);

		if (rights != NULL) {
			rights->url = is_url ? x->config.licence : NULL;
			rights->text = is_url ? NULL : x->config.licence;
		}
	}
}

const struct crosswalk_ops crosswalk_ops = {
    .begin = begin,
    .wants = wants,
    .element = take,
    .end = end,
};

struct crosswalk *
crosswalk_new(const struct crosswalk_config *config)
{
	static const char *const plain[] = {
	    "", "oai_dc", "dc", "qdc", "oai_qdc"};
	struct crosswalk *x = xcalloc(1, sizeof(*x));
	const char *format = config->format ? config->format : "";

	x->config = *config;
	x->no_code = xcalloc(NO_CODE_SLOTS, sizeof(*x->no_code));
	buf_init(&x->html, 2 * LIMIT_VALUE_BYTES);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		x->is_plain_ok |= strcmp(format, plain[i]) == 0;
	return x;
}

void
crosswalk_free(struct crosswalk *x)
{
	if (x == NULL)
		return;
	buf_release(&x->html);
	free(x->no_code);
	free(x);
}

void *
or_warn(struct crosswalk *x, void *item, const char *list)
{
	if (item == NULL)
		record_warn(x->r, x->a, "too-many-values",
		    "%s: more than %zu values; the rest was left out", list,
		    LIMIT_VALUES_PER_FIELD);
	return item;
}

/* The element's text without HTML: its own memory or x->html. */
static const char *
plain_text(struct crosswalk *x, const struct meta_element *e, size_t *n)
{
	*n = e->len;
	if (x->config.html_text == NULL ||
	    (memchr(e->text, '<', e->len) == NULL &&
		memchr(e->text, '&', e->len) == NULL))
		return e->text;
	buf_clear(&x->html);
	if (x->config.html_text(&x->html, e->text, e->len) < 0)
		return e->text;
	/* Escaped twice (Zenodo's oai_dc): "&lt;i&gt;…" gave tags. */
	if (memmem(e->text, e->len, "&lt;/", 5) != NULL) {
		const char *once =
		    arena_strndup(x->a, x->html.data, x->html.len);
		size_t len = x->html.len;

		buf_clear(&x->html);
		if (x->config.html_text(&x->html, once, len) < 0) {
			*n = len;
			return once;
		}
	}
	*n = x->html.len;
	return buf_str(&x->html);
}

const char *
element_line(struct crosswalk *x, const struct meta_element *e)
{
	size_t n;
	const char *s = plain_text(x, e, &n);

	s = text_line(x->a, s, n);
	if (*s == '\0' && e->resource != NULL)
		s = text_line(x->a, e->resource, strlen(e->resource));
	return text_is_placeholder(s) ? NULL : s;
}

const char *
element_paragraphs(struct crosswalk *x, const struct meta_element *e)
{
	size_t n;
	const char *s = plain_text(x, e, &n);

	s = text_paragraphs(x->a, s, n);
	return text_is_placeholder(s) ? NULL : s;
}

const char *
element_lang(struct crosswalk *x, const struct meta_element *e)
{
	return e->lang && *e->lang ? vocab_language(x->a, e->lang) : NULL;
}
