/* What identifies an item: guid or id, else its link without what only
 * tracks, else a digest of the item. */
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

void
feed_identify(struct crosswalk *x, const struct feed_node *n)
{
	const struct feed_node *id = feed_child(n, "", "guid");
	const char *given, *link, *permalink, *about;
	struct record *r = x->r;
	char hex[2 * DIGEST_BYTES + 1];
	uint8_t bytes[DIGEST_BYTES];
	struct found_id f;
	struct digest d;

	if (id == NULL)
		id = feed_child(n, "", "id");
	given = id ? text_line(x->a, id->text, id->len) : "";
	permalink = id ? feed_attr(id, "ispermalink") : NULL;
	about = feed_attr_ns(n, "rdf", "about");
	/* A permanent link is one when it is not said otherwise. */
	if (id != NULL && strcmp(id->name, "guid") == 0 && landing(r) == NULL &&
	    url_is_http(given) &&
	    (permalink == NULL || strcasecmp(permalink, "false") != 0) &&
	    (link = feed_url(x, id, given)) != NULL)
		add_link(x, link, "landing");
	if (landing(r) == NULL && about != NULL && url_is_http(about) &&
	    (link = feed_url(x, n, about)) != NULL)
		add_link(x, link, "landing");
	link = landing(r);
	if (*given != '\0' && strlen(given) <= LIMIT_IDENTIFIER_BYTES) {
		r->identifier = given;
		r->identifier_basis = "guid";
		identifier_find(&f, x->a, given);
		if (f.scheme != NULL && !f.is_bad &&
		    strcmp(f.scheme, "url") != 0)
			feed_as_dc(x, id, "identifier");
	} else if (link != NULL && strlen(link) <= LIMIT_IDENTIFIER_BYTES) {
		r->identifier = feed_untracked(x->a, link);
		r->identifier_basis = "link";
	} else {
		digest_init(&d);
		hash_node(&d, n, 0);
		digest_end(&d, bytes);
		digest_hex(hex, bytes);
		r->identifier = arena_printf(x->a, "sha256:%s", hex);
		r->identifier_basis = "hash";
	}
}
