/* An item's elements through the table, and what follows from all of them:
 * identity, datestamp, what the feed says for all. */
#include "crosswalk/feed.h"

#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "crosswalk/feed_date.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

/* Sorted by name. */
static const struct feed_rule rules[] = {
    {"abstract", "", take_feed_abstract, NULL},
    {"abstract", "dcterms", take_feed_abstract, NULL},
    {"author", "", take_feed_agent, "author"},
    {"author", "dc", take_feed_agent, "author"},
    {"author", "itunes", take_feed_agent, "author"},
    {"body", "", take_feed_abstract, "first"},
    {"body", "xhtml", take_feed_abstract, "first"},
    {"box", "georss", take_feed_place, NULL},
    {"category", "", take_feed_category, NULL},
    {"category", "itunes", take_feed_category, NULL},
    {"category", "media", take_feed_category, NULL},
    {"commentrss", "wfw", take_feed_address, "feed"},
    {"comments", "", take_feed_address, "related"},
    {"content", "", take_feed_abstract, "first"},
    {"content", "media", take_feed_enclosure, NULL},
    {"contributor", "", take_feed_agent, "contributor"},
    {"contributor", "dc", take_feed_agent, "contributor"},
    {"copyright", "", take_feed_rights, NULL},
    {"copyright", "media", take_feed_rights, NULL},
    {"created", "", take_feed_date, "created"},
    {"created", "dcterms", take_feed_date, "created"},
    {"creator", "dc", take_feed_agent, "author"},
    {"creator", "dcterms", take_feed_agent, "author"},
    {"credit", "media", take_feed_agent, "contributor"},
    {"date", "dc", take_feed_date, "issued"},
    {"description", "", take_feed_abstract, NULL},
    {"description", "dc", take_feed_abstract, NULL},
    {"description", "dcterms", take_feed_abstract, NULL},
    {"description", "googleplay", take_feed_abstract, "fallback"},
    {"description", "media", take_feed_abstract, "fallback"},
    {"description", "xcal", take_feed_abstract, "fallback"},
    {"div", "xhtml", take_feed_abstract, "first"},
    {"doi", "prism", take_feed_dc, "identifier"},
    {"dtend", "xcal", take_feed_date, "end"},
    {"dtstart", "xcal", take_feed_date, "start"},
    {"enclosure", "", take_feed_enclosure, NULL},
    {"encoded", "content", take_feed_abstract, "first"},
    {"enddate", "ev", take_feed_date, "end"},
    {"expirationdate", "", take_feed_date, "valid-until"},
    {"featurename", "georss", take_feed_place, NULL},
    {"fullitem", "", take_feed_abstract, "first"},
    {"image", "itunes", take_feed_enclosure, NULL},
    {"in-reply-to", "thr", take_feed_address, "related"},
    {"isbn", "prism", take_feed_prism, NULL},
    {"issn", "prism", take_feed_prism, NULL},
    {"issued", "", take_feed_date, "issued"},
    {"issued", "dcterms", take_feed_date, "issued"},
    {"keyword", "prism", take_feed_keywords, NULL},
    {"keywords", "itunes", take_feed_keywords, NULL},
    {"keywords", "media", take_feed_keywords, NULL},
    {"language", "", take_feed_dc, "language"},
    {"license", "", take_feed_rights, NULL},
    {"license", "cc", take_feed_rights, NULL},
    {"license", "creativecommons", take_feed_rights, NULL},
    {"license", "dcterms", take_feed_rights, NULL},
    {"license", "media", take_feed_rights, NULL},
    {"line", "georss", take_feed_place, NULL},
    {"link", "", take_feed_link, NULL},
    {"link", "itunes", take_feed_link, NULL},
    {"location", "ev", take_feed_place, NULL},
    {"location", "xcal", take_feed_place, NULL},
    {"modified", "", take_feed_date, "modified"},
    {"modified", "dcterms", take_feed_date, "modified"},
    {"number", "prism", take_feed_prism, NULL},
    {"organizer", "ev", take_feed_agent, "contributor"},
    {"organizer", "xcal", take_feed_agent, "contributor"},
    {"origlink", "feedburner", take_feed_address, "landing"},
    {"pagerange", "prism", take_feed_prism, NULL},
    {"point", "georss", take_feed_place, NULL},
    {"polygon", "georss", take_feed_place, NULL},
    {"pos", "gml", take_feed_place, NULL},
    {"pubdate", "", take_feed_date, "issued"},
    {"publicationdate", "prism", take_feed_date, "issued"},
    {"publicationname", "prism", take_feed_prism, NULL},
    {"published", "", take_feed_date, "issued"},
    {"publisher", "dc", take_feed_agent, "publisher"},
    {"rights", "", take_feed_rights, NULL},
    {"rights", "dc", take_feed_rights, NULL},
    {"source", "", take_feed_source, NULL},
    {"startdate", "ev", take_feed_date, "start"},
    {"startingpage", "prism", take_feed_prism, NULL},
    {"subject", "dc", take_feed_category, NULL},
    {"subtitle", "itunes", take_feed_abstract, "fallback"},
    {"summary", "", take_feed_abstract, NULL},
    {"summary", "itunes", take_feed_abstract, "fallback"},
    {"thumbnail", "media", take_feed_enclosure, NULL},
    {"title", "", take_feed_title, NULL},
    {"title", "dc", take_feed_title, NULL},
    {"title", "dcterms", take_feed_title, NULL},
    {"type", "ev", take_feed_dc, "type"},
    {"updated", "", take_feed_date, "modified"},
    {"volume", "prism", take_feed_prism, NULL},
};

static const struct feed_rule *
find_rule(const struct feed_node *n)
{
	size_t low = 0, high = sizeof(rules) / sizeof(*rules);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(rules[mid].name, n->name);

		if (order == 0)
			order = strcmp(rules[mid].ns, n->ns);
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
take_children(struct crosswalk *x, const struct feed_node *n, unsigned depth)
{
	for (const struct feed_node *c = n->child; c != NULL; c = c->next) {
		const struct feed_rule *rule = find_rule(c);

		if (rule != NULL)
			rule->take(x, rule, c);
		else if (strcmp(c->ns, "dc") == 0 ||
			 strcmp(c->ns, "dcterms") == 0)
			feed_as_dc(x, c, c->local);
		/* media:group, gml in georss:where, categories of podcasts */
		if (depth < 4 && c->child != NULL &&
		    (strcmp(c->ns, "media") == 0 ||
			strcmp(c->ns, "itunes") == 0 ||
			strcmp(c->ns, "georss") == 0 ||
			strcmp(c->ns, "gml") == 0))
			take_children(x, c, depth + 1);
	}
	if (depth == 0 && x->r->titles.count == 0) {
		const struct feed_node *t = feed_child(n, "media", "title");

		if (t == NULL)
			t = feed_child(n, "itunes", "title");
		if (t != NULL)
			take_feed_title(x, NULL, t);
	}
}

/* CDF says by attributes what others say by elements. */
static void
take_cdf(struct crosswalk *x, const struct feed_node *n)
{
	static const struct feed_rule modified = {
	    "lastmod", "", take_feed_date, "modified"};
	const char *href = feed_attr(n, "href");
	const char *lastmod = feed_attr(n, "lastmod");
	const char *url = href ? feed_url(x, n, href) : NULL;
	struct feed_node copy = *n;

	if (url != NULL)
		add_link(x, url, "landing");
	if (lastmod != NULL) {
		copy.text = lastmod;
		copy.len = strlen(lastmod);
		take_feed_date(x, &modified, &copy);
	}
}

/* The feed's words, where the item has none of its own. */
static void
settle(struct crosswalk *x, const struct feed_node *n)
{
	struct record *r = x->r;
	bool has_publisher = false, has_author = false;
	struct rec_date *d;

	for (size_t i = 0; i < r->agents.count; i++) {
		const char *role = r->agents.items[i].role;

		has_publisher |= strcmp(role, "publisher") == 0;
		has_author |= strcmp(role, "author") == 0;
	}
	if (!has_author && x->feed.author != NULL)
		feed_add_agent(x, x->feed.author, "author", NULL);
	if (!has_publisher && x->feed.publisher != NULL)
		feed_add_agent(x, x->feed.publisher, "publisher", NULL);
	if (r->rights.count == 0 && x->feed.rights != NULL) {
		struct rec_rights *rights = ADD(x, rights);

		if (rights != NULL)
			rights->text = x->feed.rights;
		settle_rights(x);
	}
	/* What the feed declares goes before what was detected. */
	if (r->languages.count == 0 ||
	    strcmp(r->languages.items[0].basis, "detected") == 0) {
		const char *lang = feed_lang(x, n);
		struct rec_code *l;

		if (lang == NULL)
			lang = x->feed.lang;
		if (lang != NULL && r->languages.count > 0)
			r->languages.count = 0;
		if (lang != NULL && (l = ADD(x, languages)) != NULL) {
			*l = (struct rec_code){.code = lang};
			l->basis = "declared";
		}
	}
	for (int want = 0; want < 2 && r->datestamp == NULL; want++)
		for (size_t i = 0; i < r->dates.count; i++) {
			d = &r->dates.items[i];
			if (d->value != NULL && d->role != NULL &&
			    strcmp(d->role, want ? "issued" : "modified") == 0)
				r->datestamp = d->value;
		}
}

/* What links would have named the entry by: its link, else an id that is
 * one. */
static const char *
tombstone_link(struct crosswalk *x, const struct feed_node *n, const char *ref)
{
	const struct feed_node *link = feed_child(n, "", "link");
	const char *url =
	    link ? feed_url(x, link, feed_attr(link, "href")) : NULL;

	if (url == NULL && ref != NULL && url_is_http(ref))
		url = ref;
	return url ? url_untracked(x->a, url) : NULL;
}

/* RFC 6721. */
static void
tombstone(struct crosswalk *x, const struct feed_node *n)
{
	const char *ref = feed_attr(n, "ref"), *when = feed_attr(n, "when");
	const char *link;
	struct when w;

	x->r->deleted = true;
	x->r->identifier_basis = "guid";
	x->r->identifier = ref ? text_line(x->a, ref, strlen(ref)) : NULL;
	if (x->config.identity != NULL && *x->config.identity == 'l' &&
	    (link = tombstone_link(x, n, x->r->identifier)) != NULL) {
		x->r->identifier_basis = "link";
		x->r->identifier = link;
	}
	when = when ? text_line(x->a, when, strlen(when)) : "";
	if (feed_date_read(&w, when))
		x->r->datestamp = arena_strdup(x->a, w.value);
}

static void
feed_item(void *arg, const struct feed_node *n, struct record *r,
    struct feed_identity *id, struct arena *a)
{
	struct crosswalk *x = arg;

	crosswalk_ops.begin(x, r, a);
	if (strcmp(n->name, "deleted-entry") == 0) {
		tombstone(x, n);
		return;
	}
	take_children(x, n, 0);
	take_cdf(x, n);
	feed_take_id(x, n);
	crosswalk_settle(x);
	settle(x, n);
	crosswalk_finish(x);
	feed_identify(x, n, id);
}

const struct feed_ops crosswalk_feed_ops = {
    .channel = feed_channel,
    .item = feed_item,
};
