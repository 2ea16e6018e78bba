/* Namespaces: what is declared, and whether an element is in one. */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "crosswalk/xwalk_build.h"

/* http or https, and a slash at the end or not, are one. */
static const char *
without_scheme(const char *uri)
{
	const char *p = strstr(uri, "://");

	return p != NULL ? p + 3 : uri;
}

static size_t
significant(const char *uri)
{
	size_t n = strlen(uri);

	while (n > 1 && (uri[n - 1] == '/' || uri[n - 1] == '#'))
		n--;
	return n;
}

static bool
uri_is(const char *pattern, const char *uri)
{
	size_t n = strlen(pattern);

	if (n > 0 && pattern[n - 1] == '*')
		return strncasecmp(pattern, uri, n - 1) == 0;
	return significant(uri) == n && strncasecmp(pattern, uri, n) == 0;
}

bool
xwalk_ns_is(const struct xwalk_ns *ns, const char *uri, const char *prefix)
{
	if (*uri != '\0') {
		uri = without_scheme(uri);
		for (size_t i = 0; i < ns->uri_count; i++)
			if (uri_is(ns->uris[i], uri))
				return true;
		return false;
	}
	if (*prefix == '\0')
		return ns->has_none;
	for (size_t i = 0; i < ns->prefix_count; i++)
		if (strcmp(ns->prefixes[i], prefix) == 0)
			return true;
	return false;
}

static struct xwalk_prefix *
find(struct xwalk_file *f, const char *name)
{
	for (size_t i = 0; i < f->prefix_count; i++)
		if (strcmp(f->prefixes[i].name, name) == 0)
			return &f->prefixes[i];
	return NULL;
}

static void
add_text(struct arena *a, const char ***list, size_t *count, const char *text)
{
	const char **at;

	for (size_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], text) == 0)
			return;
	at = XWALK_PUSH(a, *list, *count);
	*at = text;
}

static void
add_uri(struct xwalk_line *l, struct xwalk_ns *ns, const char *uri)
{
	struct arena *a = &l->f->b->set->arena;
	size_t n;

	if (strcmp(uri, "none") == 0) {
		ns->has_none = true;
		return;
	}
	if (str_starts(uri, "prefix:") && uri[7] != '\0') {
		add_text(a, &ns->prefixes, &ns->prefix_count, uri + 7);
		return;
	}
	if (strchr(uri, ':') == NULL) {
		xwalk_refuse(l,
		    "%.100s is no URI of a namespace; expected one, none, or "
		    "prefix:NAME",
		    uri);
		return;
	}
	uri = without_scheme(uri);
	n = significant(uri);
	add_text(a, &ns->uris, &ns->uri_count, arena_strndup(a, uri, n));
}

static bool
is_name(const char *s)
{
	return s[strcspn(s, "/[]@=~!,|\"():*.")] == '\0';
}

void
xwalk_namespace(struct xwalk_line *l)
{
	struct arena *a = &l->f->b->set->arena;
	const char *name = xwalk_word(l), *uri;
	struct xwalk_prefix *prefix;
	size_t count = 0;

	if (name == NULL || !is_name(name)) {
		xwalk_refuse(
		    l, "namespace without a prefix; expected PREFIX URI");
		return;
	}
	prefix = find(l->f, name);
	if (prefix == NULL) {
		if (l->f->prefix_count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "there are too many namespaces; expected %zu at "
			    "most",
			    LIMIT_CROSSWALK_WORDS);
			return;
		}
		prefix = XWALK_PUSH(a, l->f->prefixes, l->f->prefix_count);
		prefix->name = name;
		prefix->number = XWALK_NONE;
		add_text(
		    a, &prefix->ns.prefixes, &prefix->ns.prefix_count, name);
	}
	for (xwalk_space(l); !l->is_wrong && (uri = xwalk_word(l)) != NULL;
	     xwalk_space(l))
		if (++count > LIMIT_CROSSWALK_WORDS)
			xwalk_refuse(l,
			    "there are too many URIs; expected %zu at most",
			    LIMIT_CROSSWALK_WORDS);
		else
			add_uri(l, &prefix->ns, uri);
	if (count == 0)
		xwalk_refuse(l,
		    "the namespace %s has no URI; expected one behind it",
		    name);
}

static bool
is_same_list(const char *const *a, size_t n, const char *const *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static uint32_t
number_of(struct xwalk_file *f, const struct xwalk_ns *ns)
{
	struct xwalk_set *set = f->b->set;

	for (size_t i = 1; i < set->space_count; i++) {
		const struct xwalk_ns *other = &set->spaces[i];

		if (ns->has_none == other->has_none &&
		    is_same_list(ns->uris, ns->uri_count, other->uris,
			other->uri_count) &&
		    is_same_list(ns->prefixes, ns->prefix_count,
			other->prefixes, other->prefix_count))
			return (uint32_t)i;
	}
	if (set->space_count >= LIMIT_CROSSWALK_NAMES) {
		xwalk_wrong(f,
		    "the crosswalks have too many namespaces; expected %zu at "
		    "most",
		    LIMIT_CROSSWALK_NAMES - 1);
		return XWALK_NONE;
	}
	GROW(set->spaces, set->space_cap, set->space_count + 1);
	set->spaces[set->space_count] = *ns;
	return (uint32_t)set->space_count++;
}

/* What everyone means by them. */
static bool
add_known(struct xwalk_file *f, const char *name)
{
	static const struct {
		const char *name, *uri;
	} known[] = {
	    {"xml", "www.w3.org/XML/1998/namespace"},
	    {"xsi", "www.w3.org/2001/XMLSchema-instance"},
	    {"xlink", "www.w3.org/1999/xlink"},
	    {"rdf", "www.w3.org/1999/02/22-rdf-syntax-ns"},
	};
	struct arena *a = &f->b->set->arena;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct xwalk_prefix *p;

		if (strcmp(known[i].name, name) != 0)
			continue;
		p = XWALK_PUSH(a, f->prefixes, f->prefix_count);
		p->name = known[i].name;
		p->number = XWALK_NONE;
		add_text(a, &p->ns.uris, &p->ns.uri_count, known[i].uri);
		add_text(a, &p->ns.prefixes, &p->ns.prefix_count, p->name);
		return true;
	}
	return false;
}

/* Together with what the files that include this one say of the prefix. */
uint32_t
xwalk_ns_number(struct xwalk_file *f, const char *name)
{
	struct arena *a = &f->b->set->arena;
	struct xwalk_prefix *p = find(f, name), *q;

	if (p == NULL && add_known(f, name))
		p = find(f, name);
	if (p == NULL)
		return XWALK_NONE;
	if (p->number != XWALK_NONE)
		return p->number;
	for (struct xwalk_file *g = f->includer; g != NULL; g = g->includer) {
		q = find(g, name);
		if (q == NULL)
			continue;
		for (size_t i = 0; i < q->ns.uri_count; i++)
			add_text(
			    a, &p->ns.uris, &p->ns.uri_count, q->ns.uris[i]);
		for (size_t i = 0; i < q->ns.prefix_count; i++)
			add_text(a, &p->ns.prefixes, &p->ns.prefix_count,
			    q->ns.prefixes[i]);
		p->ns.has_none |= q->ns.has_none;
	}
	p->number = number_of(f, &p->ns);
	return p->number;
}

const char *
xwalk_prefix_nearest(struct xwalk_file *f, const char *prefix)
{
	struct str_guess g = str_guess(prefix);

	for (size_t i = 0; i < f->prefix_count; i++)
		str_guess_try(&g, f->prefixes[i].name);
	return g.found;
}
