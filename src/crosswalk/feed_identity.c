/* What identifies an item: guid or id, else its link without what only
 * tracks, else a digest of the item; or from the second or the third on. */
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/url.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/text.h"

static const char *
landing(const struct record *r)
{
	for (size_t i = 0; i < r->links.count; i++)
		if (strcmp(r->links.items[i].role, "landing") == 0)
			return r->links.items[i].url;
	return NULL;
}

static const struct feed_node *
find_id(const struct feed_node *n)
{
	const struct feed_node *id = feed_child(n, "", "guid");

	return id != NULL ? id : feed_child(n, "", "id");
}

void
feed_take_id(struct crosswalk *x, const struct feed_node *n)
{
	const struct feed_node *id = find_id(n);
	const char *permalink = id ? feed_attr(id, "ispermalink") : NULL;
	const char *given = id ? text_line(x->a, id->text, id->len) : "";
	const char *about = feed_attr_ns(n, "rdf", "about"), *link;
	struct found_id f;

	/* A permanent link is one when it is not said otherwise. */
	if (id != NULL && strcmp(id->name, "guid") == 0 &&
	    landing(x->r) == NULL && url_is_http(given) &&
	    (permalink == NULL || strcasecmp(permalink, "false") != 0) &&
	    (link = feed_url(x, id, given)) != NULL)
		add_link(x, link, "landing");
	if (landing(x->r) == NULL && about != NULL && url_is_http(about) &&
	    (link = feed_url(x, n, about)) != NULL)
		add_link(x, link, "landing");
	if (*given == '\0' || strlen(given) > LIMIT_IDENTIFIER_BYTES)
		return;
	identifier_find(&f, x->a, given);
	if (f.scheme != NULL && !f.is_bad && strcmp(f.scheme, "url") != 0)
		feed_as_dc(x, id, "identifier");
}

static void
hash_node(struct digest *d, const struct feed_node *n, unsigned depth)
{
	digest_add(d, n->name, strlen(n->name) + 1);
	for (size_t i = 0; i < n->attr_count; i++)
		digest_add(d, n->attrs[i].value, strlen(n->attrs[i].value) + 1);
	digest_add(d, n->text, n->len);
	for (n = depth < LIMIT_XML_DEPTH ? n->child : NULL; n; n = n->next)
		hash_node(d, n, depth + 1);
}

static void
hash_text(struct digest *d, const char *s)
{
	if (s != NULL)
		digest_add(d, s, strlen(s));
	digest_add(d, "", 1);
}

/* Of what a reader would know the item by: titles, when it was published, its
 * text; not of what changes by itself, as counters of comments and links with
 * a session in them.  Of everything, where there is none of these. */
static void
hash_item(struct digest *d, const struct record *r, const struct feed_node *n)
{
	if (r->titles.count == 0 && r->abstracts.count == 0) {
		hash_node(d, n, 0);
		return;
	}
	for (size_t i = 0; i < r->titles.count; i++)
		hash_text(d, r->titles.items[i].text);
	for (size_t i = 0; i < r->dates.count; i++) {
		const struct rec_date *date = &r->dates.items[i];

		/* what Dublin Core calls a date has no role at first */
		if (date->role == NULL || strcmp(date->role, "modified") != 0)
			hash_text(d, date->value ? date->value : date->text);
	}
	if (r->abstracts.count > 0)
		hash_text(d, r->abstracts.items[0].text);
}

static const char *
usable(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) <= LIMIT_IDENTIFIER_BYTES
		   ? s
		   : NULL;
}

void
feed_identify(
    struct crosswalk *x, const struct feed_node *n, struct feed_identity *id)
{
	const struct feed_node *element = find_id(n);
	const char *basis = x->config.identity ? x->config.identity : "";
	char hex[2 * DIGEST_BYTES + 1];
	struct record *r = x->r;
	struct record_summary s;
	struct digest d;

	record_summarise(&s, r, x->a);
	id->link = usable(s.url);
	id->title = s.title ? hash64(s.title, strlen(s.title)) : 0;
	id->given = element
			? usable(text_line(x->a, element->text, element->len))
			: NULL;
	if (id->given == NULL || *basis == 'd') {
		digest_init(&d);
		hash_item(&d, r, n);
		digest_end(&d, id->digest);
	}
	if (id->given != NULL && (*basis == '\0' || *basis == 'g')) {
		r->identifier = id->given;
		r->identifier_basis = "guid";
	} else if (id->link != NULL && *basis != 'd') {
		r->identifier = id->link;
		r->identifier_basis = "link";
	} else {
		digest_hex(hex, id->digest);
		r->identifier = arena_printf(x->a, "sha256:%s", hex);
		r->identifier_basis = "hash";
	}
}
