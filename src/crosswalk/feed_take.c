/* What single elements of an item become. */
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "crosswalk/feed_date.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/people.h"
#include "crosswalk/text.h"

void
take_feed_title(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text = feed_line(x, n);
	struct rec_text *t;

	(void)rule;
	if (text == NULL)
		return;
	for (size_t i = 0, most = SEARCHED(x, titles, text); i < most; i++)
		if (strcmp(x->r->titles.items[i].text, text) == 0)
			return;
	if ((t = ADD(x, titles)) == NULL)
		return;
	t->text = text;
	t->lang = feed_lang(x, n);
	t->lang_basis = t->lang ? "declared" : NULL;
	t->role = x->r->titles.count == 1 ? "main" : "alternative";
}

/* role "first": content, which goes before summaries; "fallback": only where
 * there is nothing else. */
void
take_feed_abstract(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text, *src = feed_attr(n, "src");
	struct rec_text t = {0};

	if (src != NULL && n->len == 0 && *n->ns == '\0') {
		const char *url = feed_url(x, n, src);

		if (url != NULL)
			add_link(x, url, "full-text");
		return;
	}
	if (rule->role && strcmp(rule->role, "fallback") == 0 &&
	    x->r->abstracts.count > 0)
		return;
	text = feed_paragraphs(x, n);
	if (text == NULL)
		return;
	for (size_t i = 0, most = SEARCHED(x, abstracts, text); i < most; i++)
		if (strcmp(x->r->abstracts.items[i].text, text) == 0)
			return;
	if (ADD(x, abstracts) == NULL)
		return;
	t.text = text;
	t.lang = feed_lang(x, n);
	t.lang_basis = t.lang ? "declared" : NULL;
	if (rule->role && strcmp(rule->role, "first") == 0) {
		memmove(x->r->abstracts.items + 1, x->r->abstracts.items,
		    (x->r->abstracts.count - 1) * sizeof(t));
		x->r->abstracts.items[0] = t;
	} else
		x->r->abstracts.items[x->r->abstracts.count - 1] = t;
}

void
feed_add_agent(
    struct crosswalk *x, const char *name, const char *role, const char *term)
{
	struct rec_agent *a;

	if (name == NULL || *name == '\0')
		return;
	for (size_t i = 0, most = SEARCHED(x, agents, name); i < most; i++)
		if (strcmp(x->r->agents.items[i].name, name) == 0 &&
		    strcmp(x->r->agents.items[i].role, role) == 0)
			return;
	if ((a = ADD(x, agents)) == NULL)
		return;
	a->name = name;
	a->role = role;
	a->role_term = term;
	a->kind = strcmp(role, "publisher") == 0 ? "organisation"
						 : agent_kind_of(name);
}

void
take_feed_agent(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *term = feed_attr(n, "role");

	if (strcmp(n->ns, "itunes") == 0 && x->r->agents.count > 0)
		return;
	feed_add_agent(x, feed_person(x, n), rule->role,
	    strcmp(n->ns, "media") == 0 ? term : NULL);
}

/* The date of that role that has a value, or NULL. */
static struct rec_date *
find_date(struct crosswalk *x, const char *role)
{
	for (size_t i = 0; !IS_FULL(x, dates) && i < x->r->dates.count; i++) {
		struct rec_date *d = &x->r->dates.items[i];

		if (d->role != NULL && strcmp(d->role, role) == 0 &&
		    d->value != NULL)
			return d;
	}
	return NULL;
}

/* Of several of one role the last counts, unless it says less. */
void
take_feed_date(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text = text_line(x->a, n->text, n->len);
	struct rec_date *d = find_date(x, rule->role);
	bool is_read;
	struct when w;

	if (*text == '\0' || text_is_placeholder(text))
		return;
	is_read = feed_date_read(&w, text);
	if (d != NULL && (!is_read || strlen(w.value) < strlen(d->value)))
		return;
	if (d == NULL && (d = ADD(x, dates)) == NULL)
		return;
	*d = (struct rec_date){.role = rule->role};
	if (!is_read) {
		d->text = text;
		record_warn(x->r, x->a, "date-unknown",
		    "date: %.100s is not understood", text);
		return;
	}
	d->value = arena_strdup(x->a, w.value);
	d->precision = w.precision;
	if (w.until[0] != '\0')
		d->until = arena_strdup(x->a, w.until);
	if (w.offset[0] != '\0' && strcmp(w.offset, "+00:00") != 0)
		d->offset = arena_strdup(x->a, w.offset);
	if (strcmp(w.value, text) != 0)
		d->text = text;
	if (w.is_ambiguous)
		record_warn(x->r, x->a, "date-ambiguous",
		    "date: day and month of %.60s could be either way; the "
		    "year was kept",
		    text);
}

void
take_feed_category(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *scheme = feed_attr(n, "scheme"), *label;
	const char *term = feed_attr(n, "term");
	struct rec_subject *s;

	(void)rule;
	if (scheme == NULL)
		scheme = feed_attr(n, "domain");
	label = feed_attr(n, "label");
	if (term == NULL)
		term = feed_attr(n, "text");
	term = term ? text_line(x->a, term, strlen(term)) : feed_line(x, n);
	label = label ? text_line(x->a, label, strlen(label)) : NULL;
	if (term == NULL || *term == '\0')
		term = label;
	if (term == NULL || *term == '\0' || feed_take_profile(x, scheme, term))
		return;
	if ((s = ADD(x, subjects)) == NULL)
		return;
	s->text = label != NULL && *label != '\0' ? label : term;
	if (s->text != term)
		s->code = term;
	if (scheme != NULL && *scheme != '\0')
		s->scheme = text_line(x->a, scheme, strlen(scheme));
	s->lang = feed_lang(x, n);
}

void
take_feed_keywords(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text = feed_line(x, n);

	(void)rule;
	while (text != NULL && *text != '\0') {
		size_t k = strcspn(text, ",");
		const char *word = text_line(x->a, text, k);
		struct rec_subject *s = *word != '\0' ? ADD(x, subjects) : NULL;

		if (s != NULL)
			s->text = word;
		text += k + (text[k] != '\0');
	}
}

void
take_feed_rights(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text = feed_line(x, n), *url = feed_attr(n, "href");
	struct rec_rights *r;

	(void)rule;
	if (url == NULL)
		url = feed_attr_ns(n, "rdf", "resource");
	if (url == NULL && text != NULL && url_is_http(text))
		url = text;
	url = feed_url(x, n, url);
	if ((text == NULL && url == NULL) || (r = ADD(x, rights)) == NULL)
		return;
	r->url = url;
	if (text != NULL && (url == NULL || !url_is_http(text)))
		r->text = text;
}

void
take_feed_link(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	(void)rule;
	feed_take_link(x, n);
}

void
take_feed_enclosure(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	(void)rule;
	feed_take_enclosure(x, n);
}

/* An address that is the element's text: wfw:commentRss, comments. */
void
take_feed_address(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *href = feed_attr(n, "href");
	const char *url = feed_url(x, n, href ? href : n->text);

	if (url != NULL)
		add_link(x, url, rule->role);
}

/* Where the item was taken from: RSS's source, Atom's source. */
void
take_feed_source(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const struct feed_node *title = feed_child(n, "", "title"), *c;
	const char *text = title ? feed_line(x, title) : feed_line(x, n);
	const char *url = feed_url(x, n, feed_attr(n, "url"));
	struct rec_relation *r;

	(void)rule;
	for (c = n->child; c != NULL && url == NULL; c = c->next)
		if (strcmp(c->name, "link") == 0)
			url = feed_url(x, c,
			    feed_attr(c, "href") ? feed_attr(c, "href")
						 : c->text);
	if (x->r->container.title == NULL)
		x->r->container.title = text;
	if (url == NULL || (r = ADD(x, relations)) == NULL)
		return;
	r->type = "part-of";
	r->scheme = "url";
	r->value = url;
	r->text = text;
}

void
take_feed_prism(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	struct rec_container *c = &x->r->container;
	const struct {
		const char *name;
		const char **field;
	} fields[] = {{"publicationname", &c->title}, {"issn", &c->issn},
	    {"isbn", &c->isbn}, {"volume", &c->volume}, {"number", &c->issue},
	    {"startingpage", &c->pages}, {"pagerange", &c->pages}};

	(void)rule;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strcmp(n->name, fields[i].name) == 0)
			*fields[i].field = feed_line(x, n);
}

/* Dublin Core goes the way of oai_dc. */
void
feed_as_dc(struct crosswalk *x, const struct feed_node *n, const char *local)
{
	struct taken v = {.text = n->text,
	    .len = n->len,
	    .lang = n->lang,
	    .resource = feed_attr_ns(n, "rdf", "resource")};

	if (n->is_cut)
		record_warn(x->r, x->a, "value-cut",
		    "%s: a value was cut at %zu bytes", local,
		    LIMIT_VALUE_BYTES);
	crosswalk_as_dc(x, local, &v);
}

void
take_feed_dc(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	feed_as_dc(x, n, rule->role);
}

/* Points and boxes are kept as they are written. */
void
take_feed_place(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n)
{
	const char *text = feed_line(x, n), **slot;

	(void)rule;
	if (text == NULL)
		return;
	if (strcmp(n->name, "location") == 0 ||
	    strcmp(n->name, "featurename") == 0)
		feed_as_dc(x, n, "coverage");
	else if ((slot = ADD(x, coverage)) != NULL)
		*slot = text;
}
