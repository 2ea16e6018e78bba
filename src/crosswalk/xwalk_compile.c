/* Many files to one set. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "crosswalk/xwalk_build.h"

void
xwalk_free(struct xwalk_set *set)
{
	if (set == NULL)
		return;
	free(set->walks);
	free(set->nodes);
	free(set->rules);
	free(set->spaces);
	free(set->atoms);
	arena_release(&set->arena);
	free(set);
}

/* Number 0 of everything is none. */
static struct xwalk_set *
set_new(void)
{
	struct xwalk_set *set = xcalloc(1, sizeof(*set));

	arena_init(&set->arena, 0);
	xwalk_node_new(set);
	GROW(set->spaces, set->space_cap, 1);
	memset(&set->spaces[0], 0, sizeof(*set->spaces));
	set->space_count = 1;
	GROW(set->atoms, set->atom_cap, 1);
	memset(&set->atoms[0], 0, sizeof(*set->atoms));
	set->atom_count = 1;
	set->resource = xwalk_intern(set, "resource");
	return set;
}

const struct xwalk_packed *
xwalk_packed_find(const struct xwalk_build *b, const char *name)
{
	for (size_t i = 0; i < b->file_count; i++)
		if (strcmp(b->files[i].name, name) == 0)
			return &b->files[i];
	return NULL;
}

const char *
xwalk_packed_nearest(const struct xwalk_build *b, const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; i < b->file_count; i++)
		str_guess_try(&g, b->files[i].name);
	return g.found;
}

static void
read_walk(struct xwalk_build *b, const struct xwalk_packed *packed)
{
	struct xwalk_set *set = b->set;
	struct xwalk_file f = {.b = b, .packed = packed};

	GROW(set->walks, set->walk_cap, set->walk_count + 1);
	b->walk = (uint32_t)set->walk_count++;
	set->walks[b->walk] = (struct xwalk){.name = packed->name,
	    .path = packed->path,
	    .root = xwalk_node_new(set)};
	b->steps = b->rules = 0;
	b->included = NULL;
	b->included_count = 0;
	xwalk_read(&f);
}

/* By name, so that those of one element stand together. */
static const struct xwalk_node *sorted_nodes;
static int
by_name(const void *a, const void *b)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	uint32_t m = sorted_nodes[i].name, n = sorted_nodes[j].name;

	if (m != n)
		return m < n ? -1 : 1;
	return i < j ? -1 : i > j;
}

static void
finish_node(const struct xwalk_set *set, struct xwalk_node *node)
{
	if (node->child_count > 1)
		qsort(node->children, node->child_count, sizeof(uint32_t),
		    by_name);
	while (node->any_count < node->child_count &&
	       set->nodes[node->children[node->any_count]].name == XWALK_ANY)
		node->any_count++;
}

static void
finish_rule(struct xwalk_rule *r)
{
	const struct xwalk_part *parts = r->target->parts;
	bool has_others = false;

	for (size_t i = 0; i < XWALK_PARTS; i++) {
		r->has_expr |= r->expr[i] != NULL;
		if (r->constant[i] == NULL && r->expr[i] == NULL)
			continue;
		has_others |= i > 0;
		if (i > 0 && r->constant[i] != NULL)
			*xwalk_part_at(&r->base, &parts[i]) = r->constant[i];
	}
	r->has_expr |= r->condition != NULL;
	r->takes_text = r->expr[0] == NULL && r->constant[0] == NULL &&
			!(r->target->is_fields && has_others);
}

static void
finish(struct xwalk_set *set)
{
	sorted_nodes = set->nodes;
	for (size_t i = 1; i < set->node_count; i++)
		finish_node(set, &set->nodes[i]);
	for (size_t i = 0; i < set->rule_count; i++)
		finish_rule(&set->rules[i]);
}

struct xwalk_set *
xwalk_compile(const void *data, size_t n, struct buf *mistakes)
{
	struct xwalk_build b = {.set = set_new(), .log.text = mistakes};
	struct xwalk_set *set = b.set;

	if (xwalk_unpack(&b, data, n))
		for (size_t i = 0; i < b.file_count; i++)
			read_walk(&b, &b.files[i]);
	free(b.files);
	if (b.log.count > 0) {
		xwalk_free(set);
		return NULL;
	}
	finish(set);
	return set;
}

/* --- by name -------------------------------------------------------------- */

const struct xwalk *
xwalk_find(const struct xwalk_set *set, const char *name)
{
	for (size_t i = 0; set != NULL && i < set->walk_count; i++)
		if (strcmp(set->walks[i].name, name) == 0)
			return &set->walks[i];
	return NULL;
}

bool
xwalk_has(const struct xwalk_set *set, const char *name)
{
	return xwalk_find(set, name) != NULL;
}

const char *
xwalk_nearest(const struct xwalk_set *set, const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; set != NULL && i < set->walk_count; i++)
		str_guess_try(&g, set->walks[i].name);
	return g.found;
}
