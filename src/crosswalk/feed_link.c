/* Links: absolute, each with its role. */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/text.h"

/* What record_check() refuses in a link is left out here already. */
static const char *
safe(const char *url)
{
	static const char *const never[] = {
	    "javascript:", "vbscript:", "data:", "file:", "blob:"};
	size_t n = url ? strspn(url, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
		       : 0;

	if (n == 0 || url[n] != ':' || url[n + 1] == '\0' ||
	    (url[0] | 32) < 'a' || (url[0] | 32) > 'z')
		return NULL;
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (str_case_starts(url, never[i]))
			return NULL;
	return url;
}

const char *
feed_url(struct crosswalk *x, const struct feed_node *n, const char *ref)
{
	const char *bases[] = {
	    n ? n->base : NULL, x->config.base_url, x->feed.base};
	char *s, *out;

	if (ref == NULL)
		return NULL;
	s = str_trim(arena_strdup(x->a, ref));
	if (*s == '\0' || strlen(s) > LIMIT_URL_BYTES)
		return NULL;
	/* Line feeds and spaces inside: what browsers do with them. */
	out = arena_alloc(x->a, 3 * strlen(s) + 1);
	{
		char *o = out;

		for (; *s != '\0'; s++)
			if (*s == ' ') {
				memcpy(o, "%20", 3);
				o += 3;
			} else if ((unsigned char)*s > ' ' && *s != 0x7f)
				*o++ = *s;
		*o = '\0';
	}
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		const char *base = bases[i], *whole;

		if (base == NULL || *base == '\0')
			continue;
		if (i == 0 && !url_is_http(base) && x->config.base_url)
			base = url_resolve(x->a, x->config.base_url, base);
		whole = base ? url_resolve(x->a, base, out) : NULL;
		if (whole != NULL)
			return safe(whole);
	}
	if (str_starts(out, "//"))
		return arena_printf(x->a, "https:%s", out);
	return safe(url_resolve(x->a, NULL, out));
}

static void
add(struct crosswalk *x, const char *url, const char *role, const char *type,
    const char *lang)
{
	size_t before = x->r->links.count;
	struct rec_link *l;

	if (url == NULL)
		return;
	add_link(x, url, role);
	if (x->r->links.count == before)
		return;
	l = &x->r->links.items[before];
	if (type != NULL && *type != '\0')
		l->media_type = text_line(x->a, type, strlen(type));
	l->lang = lang;
}

static const char *
media_role(const char *type, const char *url)
{
	if (type != NULL && strncasecmp(type, "image", 5) == 0)
		return "image";
	if (type != NULL && *type != '\0')
		return "full-text";
	url = link_role(url);
	return strcmp(url, "landing") == 0 ? "full-text" : url;
}

static void
add_relation(
    struct crosswalk *x, const char *type, const char *url, const char *text)
{
	struct rec_relation *r;

	if (url == NULL || (r = ADD(x, relations)) == NULL)
		return;
	r->type = type;
	r->scheme = "url";
	r->value = url;
	r->text = text;
}

/* RSS's link is a text, Atom's an element of attributes (RFC 4287, 4.2.7). */
void
feed_take_link(struct crosswalk *x, const struct feed_node *n)
{
	const char *href = feed_attr(n, "href"), *rel = feed_attr(n, "rel");
	const char *type = feed_attr(n, "type");
	const char *lang = feed_attr(n, "hreflang"), *url;

	url = feed_url(x, n, href ? href : n->text);
	if (url == NULL)
		return;
	if (lang != NULL && *lang != '\0') {
		struct feed_node copy = *n;

		copy.lang = lang;
		lang = feed_lang(x, &copy);
	} else
		lang = NULL;
	if (rel != NULL && str_case_starts(rel, "http://www.iana.org/"))
		rel = strrchr(rel, '/') + 1;
	if (rel == NULL || *rel == '\0' || strcasecmp(rel, "alternate") == 0)
		add(x, url, "landing", type, lang);
	else if (strcasecmp(rel, "image") == 0)
		add(x, url, "image", type, lang);
	else if (strcasecmp(rel, "enclosure") == 0)
		add(x, url, media_role(type, url), type, lang);
	else if (strcasecmp(rel, "related") == 0) {
		add(x, url, "related", type, lang);
		add_relation(x, "related", url, feed_attr(n, "title"));
	} else if (strcasecmp(rel, "via") == 0)
		add_relation(x, "references", url, feed_attr(n, "title"));
	else if (strcasecmp(rel, "license") == 0) {
		struct rec_rights *r = ADD(x, rights);

		if (r != NULL)
			r->url = url;
	} else if (strcasecmp(rel, "replies") == 0)
		add(x, url, "related", type, lang);
}

void
feed_take_enclosure(struct crosswalk *x, const struct feed_node *n)
{
	static const char *const names[] = {"url", "href", "resource"};
	const char *url = NULL, *type = feed_attr(n, "type");
	const char *medium = feed_attr(n, "medium");

	for (size_t i = 0; i < 3 && url == NULL; i++)
		url = feed_url(x, n, feed_attr(n, names[i]));
	if (url == NULL)
		return;
	if (strcmp(n->name, "thumbnail") == 0 || strcmp(n->name, "image") == 0)
		add(x, url, "image", type, NULL);
	else if (type == NULL && medium != NULL &&
		 strcasecmp(medium, "image") == 0)
		add(x, url, "image", NULL, NULL);
	else
		add(x, url, media_role(type, url), type, NULL);
}
