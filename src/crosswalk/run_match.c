/* Whether an element is what a step asks for. */
#include <string.h>
#include <strings.h>

#include "crosswalk/run.h"

/* One more than the last bucket is not needed: an address stands in one place
 * only. */
static size_t
place_of(const char *p)
{
	uintptr_t v = (uintptr_t)p;

	return (v >> 3 ^ v >> 13) % RUN_NAMES;
}

uint32_t
run_atom(struct crosswalk_run *run, const char *name)
{
	size_t at = place_of(name);

	if (run->names[at].name != name) {
		run->names[at].name = name;
		run->names[at].atom = xwalk_atom(run->set, name, strlen(name));
	}
	return run->names[at].atom;
}

static const uint64_t *
mask_of(struct crosswalk_run *run, const char *ns, const char *prefix)
{
	const struct xwalk_set *set = run->set;
	uint64_t *mask;
	unsigned at;

	if (*ns != '\0')
		prefix = NULL;
	for (at = 0; at < RUN_SPACES; at++)
		if (run->spaces[at].ns == ns &&
		    run->spaces[at].prefix == prefix)
			return run->spaces[at].mask;
	at = run->next_space++ % RUN_SPACES;
	run->spaces[at].ns = ns;
	run->spaces[at].prefix = prefix;
	run->work += set->space_count;
	mask = run->spaces[at].mask;
	memset(mask, 0, sizeof(run->spaces[at].mask));
	for (size_t i = 1; i < set->space_count; i++)
		if (xwalk_ns_is(&set->spaces[i], ns, prefix ? prefix : ""))
			mask[i / 64] |= UINT64_C(1) << i % 64;
	return mask;
}

static bool
has(const uint64_t *mask, uint32_t ns)
{
	return ns == XWALK_ANY || (mask[ns / 64] >> ns % 64 & 1) != 0;
}

void
run_element(struct crosswalk_run *run, const struct meta_start *s)
{
	run->start = s;
	run->is_named = false;
	run->mask = mask_of(run, s->ns, s->prefix);
}

bool
run_is_in(struct crosswalk_run *run, uint32_t ns)
{
	return has(run->mask, ns);
}

/* --- attributes ----------------------------------------------------------- */

enum {
	ATTRIBUTE_NAMES = sizeof(((struct crosswalk_run *)0)->attribute_names) /
			  sizeof(uint32_t)
};

/* Of the first attributes the names are looked up once an element. */
static uint32_t
name_of(struct crosswalk_run *run, size_t i)
{
	const struct meta_start *s = run->start;

	if (i >= ATTRIBUTE_NAMES)
		return run_atom(
		    run, s->attributes[i * META_POINTERS + META_LOCAL]);
	if (!run->is_named)
		for (size_t k = 0;
		     k < s->attribute_count && k < ATTRIBUTE_NAMES; k++)
			run->attribute_names[k] = run_atom(
			    run, s->attributes[k * META_POINTERS + META_LOCAL]);
	run->is_named = true;
	return run->attribute_names[i];
}

static const char *const *
find(struct crosswalk_run *run, uint32_t name, uint32_t ns)
{
	enum { LOOK_UP = 16 }; /* of a name that is not kept, in comparisons */
	const struct meta_start *s = run->start;
	const char *const *at = s->attributes;

	for (size_t i = 0; i < s->attribute_count; i++, at += META_POINTERS) {
		run->work += i < ATTRIBUTE_NAMES ? 1 : LOOK_UP;
		if (name != XWALK_ANY && name_of(run, i) != name)
			continue;
		if (ns == XWALK_ANY ||
		    has(mask_of(run, at[META_NS] ? at[META_NS] : "",
			    at[META_PREFIX] ? at[META_PREFIX] : ""),
			ns))
			return at;
	}
	return NULL;
}

/* libxml2 leaves an ampersand as a reference for others to resolve. */
static const char *
resolved(struct arena *a, const char *p, size_t n)
{
	static const char reference[] = "&#38;";
	char *text = arena_strndup(a, p, n), *from = text, *to;

	to = strstr(text, reference);
	if (to == NULL)
		return text;
	for (from = to; *from != '\0';) {
		bool is_one =
		    strncmp(from, reference, sizeof(reference) - 1) == 0;

		*to++ = *from;
		from += is_one ? sizeof(reference) - 1 : 1;
	}
	*to = '\0';
	return text;
}

const char *
run_attribute(
    struct crosswalk_run *run, struct arena *a, uint32_t name, uint32_t ns)
{
	const char *const *at = find(run, name, ns);

	return at != NULL ? resolved(a, at[META_VALUE],
				(size_t)(at[META_END] - at[META_VALUE]))
			  : NULL;
}

static bool
is_one_of(struct crosswalk_run *run, const struct xwalk_predicate *p,
    const char *value, size_t n)
{
	run->work += p->count;
	for (size_t i = 0; i < p->count; i++)
		if (strlen(p->values[i]) == n &&
		    (p->is_folded ? strncasecmp(p->values[i], value, n)
				  : memcmp(p->values[i], value, n)) == 0)
			return true;
	return false;
}

static bool
holds(struct crosswalk_run *run, const struct xwalk_predicate *p)
{
	const char *const *at = find(run, p->name, p->ns);

	switch (p->test) {
	case XWALK_IS_THERE:
		return at != NULL;
	case XWALK_IS_NOT:
		return at == NULL;
	case XWALK_IS_IN:
		return at != NULL &&
		       is_one_of(run, p, at[META_VALUE],
			   (size_t)(at[META_END] - at[META_VALUE]));
	default:
		return at == NULL ||
		       !is_one_of(run, p, at[META_VALUE],
			   (size_t)(at[META_END] - at[META_VALUE]));
	}
}

bool
run_matches(struct crosswalk_run *run, const struct xwalk_node *node)
{
	/* One element may have as many attributes as there are rules for it. */
	if (!has(run->mask, node->ns) || run->work > LIMIT_CROSSWALK_WORK)
		return false;
	for (size_t i = 0; i < node->predicate_count; i++)
		if (!holds(run, &node->predicates[i]))
			return false;
	return true;
}
