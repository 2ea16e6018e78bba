/* Paths: steps, predicates, and the tree that they become. */
#include <string.h>

#include "base/alloc.h"
#include "crosswalk/xwalk_build.h"

static uint32_t
hash(const char *text, size_t n)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619U;
	return (h ^ h >> 15) % 1024;
}

uint32_t
xwalk_atom(const struct xwalk_set *set, const char *text, size_t n)
{
	uint32_t i = set->buckets[hash(text, n)];

	while (i != 0 && (set->atoms[i].len != n ||
			     memcmp(set->atoms[i].text, text, n) != 0))
		i = set->atoms[i].next;
	return i;
}

uint32_t
xwalk_intern(struct xwalk_set *set, const char *text)
{
	size_t n = strlen(text);
	uint32_t i = xwalk_atom(set, text, n), *bucket;

	if (i != 0)
		return i;
	bucket = &set->buckets[hash(text, n)];
	GROW(set->atoms, set->atom_cap, set->atom_count + 1);
	set->atoms[set->atom_count] =
	    (struct xwalk_atom){.text = text, .len = n, .next = *bucket};
	*bucket = (uint32_t)set->atom_count;
	return (uint32_t)set->atom_count++;
}

uint32_t
xwalk_node_new(struct xwalk_set *set)
{
	GROW(set->nodes, set->node_cap, set->node_count + 1);
	memset(&set->nodes[set->node_count], 0, sizeof(*set->nodes));
	return (uint32_t)set->node_count++;
}

bool
xwalk_qname(struct xwalk_line *l, uint32_t *name, uint32_t *ns)
{
	const char *first = NULL, *local;

	*name = *ns = XWALK_ANY;
	if (*l->p == '*') {
		l->p++;
		return true;
	}
	local = xwalk_name(l);
	if (local != NULL && *l->p == ':') {
		first = local;
		l->p++;
		*ns = xwalk_ns_number(l->f, first);
		if (*ns == XWALK_NONE) {
			xwalk_refuse(l,
			    "the prefix %.60s is not declared; expected a line "
			    "namespace %.60s URI before the first rule%s",
			    first, first,
			    xwalk_hint(
				l->f, xwalk_prefix_nearest(l->f, first)));
			return false;
		}
		if (*l->p == '*') {
			l->p++;
			return true;
		}
		local = xwalk_name(l);
	}
	if (local == NULL) {
		xwalk_refuse(l,
		    *l->p != '\0'
			? "a name is missing at \"%.20s\"; expected one"
			: "a name is missing at the end%.20s; expected one",
		    l->p);
		return false;
	}
	*name = xwalk_intern(l->f->b->set, local);
	return true;
}

/* The test behind the attribute: =, !=, ~=, !~=, or nothing. */
static bool
read_test(struct xwalk_line *l, struct xwalk_predicate *p)
{
	const char *q = l->p;

	if (*q == ']')
		return true;
	p->test = XWALK_IS_IN;
	if (*q == '!') {
		p->test = XWALK_IS_NOT_IN;
		q++;
	}
	if (*q == '~') {
		p->is_folded = true;
		q++;
	}
	if (*q != '=') {
		xwalk_refuse(l,
		    "\"%.20s\" is no comparison; expected =, !=, ~=, !~= or ]",
		    l->p);
		return false;
	}
	l->p = q + 1;
	return true;
}

static bool
read_values(struct xwalk_line *l, struct xwalk_predicate *p)
{
	do {
		const char *value, **at;

		xwalk_space(l);
		if (*l->p != '"') {
			xwalk_refuse(l,
			    "\"%.20s\" is no value; expected one in quotes",
			    l->p);
			return false;
		}
		value = xwalk_quoted(l);
		if (value == NULL)
			return false;
		if (p->count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "a predicate has too many values; expected %zu at "
			    "most",
			    LIMIT_CROSSWALK_WORDS);
			return false;
		}
		at = XWALK_PUSH(&l->f->b->set->arena, p->values, p->count);
		*at = value;
		xwalk_space(l);
	} while (*l->p == ',' && *l->p++);
	return true;
}

/* l->p is behind [. */
static bool
read_predicate(struct xwalk_line *l, struct xwalk_predicate *p)
{
	bool is_not = false;

	memset(p, 0, sizeof(*p));
	xwalk_space(l);
	if (*l->p == '!') {
		is_not = true;
		l->p++;
	}
	if (*l->p != '@') {
		xwalk_refuse(l,
		    "\"%.20s\" is no predicate; expected an attribute: "
		    "[@NAME] or [@NAME=\"VALUE\"]",
		    l->p);
		return false;
	}
	l->p++;
	if (!xwalk_qname(l, &p->name, &p->ns))
		return false;
	xwalk_space(l);
	if (is_not)
		p->test = XWALK_IS_NOT;
	else if (!read_test(l, p))
		return false;
	if (p->test >= XWALK_IS_IN && !read_values(l, p))
		return false;
	if (*l->p != ']') {
		xwalk_refuse(
		    l, "a predicate ends at \"%.20s\"; expected ]", l->p);
		return false;
	}
	l->p++;
	return true;
}

static bool
is_same_predicate(
    const struct xwalk_predicate *a, const struct xwalk_predicate *b)
{
	if (a->name != b->name || a->ns != b->ns || a->test != b->test ||
	    a->is_folded != b->is_folded || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->values[i], b->values[i]) != 0)
			return false;
	return true;
}

static bool
is_same(const struct xwalk_node *a, const struct xwalk_node *b)
{
	if (a->name != b->name || a->ns != b->ns || a->is_deep != b->is_deep ||
	    a->predicate_count != b->predicate_count)
		return false;
	for (size_t i = 0; i < a->predicate_count; i++)
		if (!is_same_predicate(&a->predicates[i], &b->predicates[i]))
			return false;
	return true;
}

/* The child of `from` that is this step, made if need be. */
static uint32_t
step_into(struct xwalk_line *l, uint32_t from, const struct xwalk_node *step)
{
	struct xwalk_build *b = l->f->b;
	struct xwalk_set *set = b->set;
	struct xwalk_node *parent = &set->nodes[from];
	uint32_t made, *at;

	for (size_t i = 0; i < parent->child_count; i++)
		if (is_same(&set->nodes[parent->children[i]], step))
			return parent->children[i];
	if (++b->steps > LIMIT_CROSSWALK_STEPS) {
		xwalk_refuse(l,
		    "the paths of the crosswalk have too many steps; expected "
		    "%zu at most",
		    LIMIT_CROSSWALK_STEPS);
		return XWALK_NONE;
	}
	made = xwalk_node_new(set);
	set->nodes[made] = *step;
	parent = &set->nodes[from];
	parent->has_deep |= step->is_deep;
	at = XWALK_PUSH(&set->arena, parent->children, parent->child_count);
	*at = made;
	return made;
}

static uint32_t
read_step(struct xwalk_line *l, uint32_t from, bool is_deep)
{
	struct xwalk_node step = {.is_deep = is_deep};
	struct xwalk_predicate p, *at;

	if (!xwalk_qname(l, &step.name, &step.ns))
		return XWALK_NONE;
	while (*l->p == '[') {
		l->p++;
		if (!read_predicate(l, &p))
			return XWALK_NONE;
		at = XWALK_PUSH(&l->f->b->set->arena, step.predicates,
		    step.predicate_count);
		*at = p;
	}
	return step_into(l, from, &step);
}

static bool
read_attribute(struct xwalk_line *l, struct xwalk_capture *at)
{
	if (at == NULL) {
		xwalk_refuse(l,
		    "a rule's path ends in an attribute; expected an element, "
		    "and the attribute in a part of the rule");
		return false;
	}
	l->p++;
	at->is_attribute = true;
	return xwalk_qname(l, &at->name, &at->ns);
}

/* Where the steps begin: behind ./ or /, // being of the first step. */
static bool
is_itself(struct xwalk_line *l)
{
	if (*l->p != '.')
		return false;
	l->p++;
	return *l->p != '/';
}

uint32_t
xwalk_path(struct xwalk_line *l, uint32_t from, struct xwalk_capture *at)
{
	bool is_deep = false;
	size_t depth = 0;

	if (l->p[0] == '.' && l->p[1] == '.') {
		xwalk_refuse(l,
		    "no path leads outwards, as \"..\" would; expected one "
		    "from the rule's element on to what is inside of it");
		return XWALK_NONE;
	}
	if (is_itself(l))
		return from;
	for (;;) {
		if (l->p[0] == '/' && l->p[1] == '/') {
			is_deep = true;
			l->p += 2;
		} else if (*l->p == '/')
			l->p++;
		if (*l->p == '@')
			return read_attribute(l, at) && !is_deep
				   ? from
				   : (xwalk_refuse(l, "an attribute stands "
						      "behind //; expected "
						      "an element there"),
					 XWALK_NONE);
		if (++depth > LIMIT_CROSSWALK_DEPTH) {
			xwalk_refuse(l,
			    "a path has too many steps; expected %zu at most",
			    LIMIT_CROSSWALK_DEPTH);
			return XWALK_NONE;
		}
		from = read_step(l, from, is_deep);
		if (from == XWALK_NONE || *l->p != '/')
			return from;
		is_deep = false;
	}
}
