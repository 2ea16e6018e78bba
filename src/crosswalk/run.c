/* The way of a record's elements through the trees of a crosswalk: which nodes
 * each open element is at, and the rules whose elements are open. */
#include "crosswalk/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct crosswalk_run *
crosswalk_run_new(const struct crosswalk_config *config)
{
	struct crosswalk_run *run = xcalloc(1, sizeof(*run));
	const struct xwalk_set *set = config->walks;
	const char *format = config->format;

	run->set = set;
	if (set == NULL)
		return run;
	if (config->crosswalk != NULL && *config->crosswalk != '\0')
		run->asked = xwalk_find(set, config->crosswalk);
	run->other = xwalk_find(set, "other");
	run->dc = xwalk_find(set, "oai_dc");
	for (size_t i = 0; format != NULL && i < set->walk_count; i++)
		for (size_t k = 0; k < set->walks[i].format_count; k++)
			if (run->by_format == NULL &&
			    strcmp(set->walks[i].formats[k], format) == 0)
				run->by_format = &set->walks[i];
	return run;
}

void
crosswalk_run_free(struct crosswalk_run *run)
{
	free(run->actives);
	free(run->opened);
	free(run);
}

void
run_full(struct crosswalk *x, const char *what)
{
	if (!x->run->has_warned)
		record_warn(x->r, x->a, "too-many-values",
		    "the metadata has more %s than a crosswalk holds at once; "
		    "the rest was left out",
		    what);
	x->run->has_warned = true;
}

static void
begin(void *arg, struct record *r, struct arena *a)
{
	struct crosswalk *x = arg;
	struct crosswalk_run *run = x->run;

	(void)r;
	(void)a;
	run->active_count = run->opened_count = run->depth = 0;
	run->frames[0] = (struct frame){0};
	run->has_unwrapped = run->has_warned = false;
	run->walk = NULL;
	run->work = run->text_bytes = 0;
}

const char *
run_kind(const struct crosswalk *x)
{
	return x->run->walk != NULL ? x->run->walk->kind : NULL;
}

static void
forget(void *arg)
{
	struct crosswalk *x = arg;

	memset(x->run->names, 0, sizeof(x->run->names));
	memset(x->run->spaces, 0, sizeof(x->run->spaces));
}

/* --- captures ------------------------------------------------------------- */

static struct values *
slot_of(struct crosswalk *x, struct opened *o, uint32_t slot)
{
	if (o->slots == NULL)
		o->slots = arena_calloc(
		    x->a, x->run->set->rules[o->rule].slots, sizeof(*o->slots));
	return &o->slots[slot];
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static void
capture_attributes(
    struct crosswalk *x, const struct xwalk_node *node, uint32_t opened)
{
	struct crosswalk_run *run = x->run;

	if (run->start->attribute_count == 0)
		return;
	for (size_t i = 0; i < node->capture_count; i++) {
		const struct xwalk_capture *c = &node->captures[i];
		const char *text;

		if (!c->is_attribute)
			continue;
		text = run_attribute(run, x->a, c->name, c->ns);
		if (text == NULL || is_blank(text))
			continue;
		run->text_bytes += strlen(text);
		run_add(x, slot_of(x, &run->opened[opened], c->slot), text,
		    strlen(text), run->start->lang);
	}
}

/* One copy for all that ask for this element's text. */
static void
capture_text(
    struct crosswalk *x, const struct frame *f, const char *text, size_t len)
{
	struct crosswalk_run *run = x->run;
	const char *copy = NULL;

	for (size_t i = f->active_from; i < run->active_count; i++) {
		const struct active *at = &run->actives[i];
		const struct xwalk_node *node = &run->set->nodes[at->node];

		if (!node->wants_text || at->is_below)
			continue;
		if (copy == NULL) {
			if (is_blank(text))
				return;
			run->text_bytes += len;
			if (run->text_bytes > LIMIT_CROSSWALK_TEXT) {
				run_full(x, "text");
				return;
			}
			copy = arena_strndup(x->a, text, len);
		}
		for (size_t k = 0; k < node->capture_count; k++)
			if (!node->captures[k].is_attribute)
				run_add(x,
				    slot_of(x, &run->opened[at->opened],
					node->captures[k].slot),
				    copy, len, f->lang);
	}
}

/* --- nodes ---------------------------------------------------------------- */

static bool
is_there(const struct crosswalk_run *run, const struct frame *f, uint32_t node,
    uint32_t opened)
{
	for (size_t i = f->active_from; i < run->active_count; i++)
		if (run->actives[i].node == node &&
		    run->actives[i].opened == opened)
			return true;
	return false;
}

static void
push(struct crosswalk_run *run, uint32_t node, uint32_t opened, bool is_below)
{
	GROW(run->actives, run->active_cap, run->active_count + 1);
	run->actives[run->active_count++] = (struct active){
	    .node = node, .opened = opened, .is_below = is_below};
}

static void
open_rule(struct crosswalk *x, uint32_t number)
{
	struct crosswalk_run *run = x->run;
	const struct xwalk_rule *rule = &run->set->rules[number];
	struct opened *o;

	if (run->opened_count >= LIMIT_CROSSWALK_OPEN) {
		run_full(x, "elements within each other");
		return;
	}
	GROW(run->opened, run->opened_cap, run->opened_count + 1);
	o = &run->opened[run->opened_count++];
	*o = (struct opened){
	    .rule = number, .lang = run->start->lang, .name = run->start->name};
	if (rule->takes_text && run->start->attribute_count > 0)
		o->resource =
		    run_attribute(run, x->a, run->set->resource, XWALK_ANY);
	if (rule->slots > 0) {
		push(run, rule->root, (uint32_t)(run->opened_count - 1), false);
		capture_attributes(x, &run->set->nodes[rule->root],
		    (uint32_t)(run->opened_count - 1));
	}
}

/* The element is at this node. */
static void
reach(struct crosswalk *x, const struct frame *f, uint32_t number,
    uint32_t opened)
{
	struct crosswalk_run *run = x->run;
	const struct xwalk_node *node = &run->set->nodes[number];

	if (node->is_deep) {
		run->work += run->active_count - f->active_from;
		if (is_there(run, f, number, opened))
			return;
	}
	push(run, number, opened, false);
	if (opened != XWALK_NONE)
		capture_attributes(x, node, opened);
	for (size_t i = 0; i < node->rule_count; i++)
		open_rule(x, node->rules[i]);
}

/* Where those of a name begin among a node's children. */
static size_t
first_child(
    const struct xwalk_set *set, const struct xwalk_node *node, uint32_t atom)
{
	size_t low = 0, high = node->child_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->nodes[node->children[mid]].name < atom)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
try_child(struct crosswalk *x, const struct frame *f, struct active from,
    uint32_t number)
{
	struct crosswalk_run *run = x->run;
	const struct xwalk_node *child = &run->set->nodes[number];

	run->work++;
	if ((!from.is_below || child->is_deep) && run_matches(run, child))
		reach(x, f, number, from.opened);
}

/* Those of any name, and those of the element's. */
static void
try_children(struct crosswalk *x, const struct frame *f, struct active from,
    uint32_t atom)
{
	const struct xwalk_set *set = x->run->set;
	const struct xwalk_node *node = &set->nodes[from.node];

	for (size_t i = 0; i < node->any_count; i++)
		try_child(x, f, from, node->children[i]);
	if (atom == XWALK_ANY)
		return;
	for (size_t i = first_child(set, node, atom);
	     i < node->child_count &&
	     set->nodes[node->children[i]].name == atom;
	     i++)
		try_child(x, f, from, node->children[i]);
}

static const struct xwalk *
by_root(struct crosswalk_run *run, uint32_t atom)
{
	for (size_t i = 0; i < run->set->walk_count; i++) {
		const struct xwalk *w = &run->set->walks[i];

		for (size_t k = 0; k < w->match_count; k++)
			if ((w->matches[k].name == XWALK_ANY ||
				w->matches[k].name == atom) &&
			    run_is_in(run, w->matches[k].ns))
				return w;
	}
	return NULL;
}

static void
push_root(struct crosswalk *x, const struct xwalk *w)
{
	const struct xwalk_node *root = &x->run->set->nodes[w->root];

	x->run->walk = w;
	push(x->run, w->root, XWALK_NONE, false);
	for (size_t i = 0; i < root->rule_count; i++)
		open_rule(x, root->rules[i]);
}

/* Each node that the element's parent is at, one step on. */
static void
advance(struct crosswalk *x, const struct frame *f, size_t from, size_t to,
    uint32_t atom)
{
	struct crosswalk_run *run = x->run;

	for (size_t i = from; i < to; i++) {
		struct active at = run->actives[i];
		const struct xwalk_node *node = &run->set->nodes[at.node];

		run->work++;
		if (node->child_count > 0 && (!at.is_below || node->has_deep))
			try_children(x, f, at, atom);
		if (node->has_deep) {
			run->work += run->active_count - f->active_from;
			if (!is_there(run, f, at.node, at.opened))
				push(run, at.node, at.opened, true);
		}
		if (node->is_wrap && !at.is_below && !run->has_unwrapped) {
			const struct xwalk *w = by_root(run, atom);

			run->has_unwrapped = w != NULL;
			if (w != NULL)
				push_root(x, w);
		}
	}
}

/* A root: the crosswalk that it chooses.  One that was not chosen by its root
 * may be without one, and is asked for this element, too. */
static void
enter(struct crosswalk *x, const struct frame *f, uint32_t atom)
{
	struct crosswalk_run *run = x->run;
	const struct xwalk *w = by_root(run, atom), *chosen = run->asked;
	struct active virtual = {.opened = XWALK_NONE};

	if (chosen == NULL)
		chosen = w != NULL		  ? w
			 : run->by_format != NULL ? run->by_format
						  : run->other;
	if (chosen == NULL)
		return;
	push_root(x, chosen);
	virtual.node = chosen->root;
	if (chosen == w)
		return;
	try_children(x, f, virtual, atom);
}

static unsigned
wanted(const struct crosswalk_run *run, const struct frame *f)
{
	unsigned want = META_NOTHING;

	for (size_t i = f->active_from; i < run->active_count; i++) {
		const struct active *at = &run->actives[i];
		const struct xwalk_node *node = &run->set->nodes[at->node];

		if (node->has_deep ||
		    (!at->is_below && (node->child_count > 0 || node->is_wrap)))
			want |= META_INSIDE;
		if (node->wants_text && !at->is_below)
			want |= META_TEXT;
	}
	for (size_t i = f->opened_from; i < run->opened_count; i++)
		if (run->set->rules[run->opened[i].rule].takes_text)
			want |= META_TEXT;
	return want;
}

static void
close_frame(struct crosswalk *x, const char *text, size_t len, bool is_cut)
{
	struct crosswalk_run *run = x->run;
	struct frame f = run->frames[run->depth];

	capture_text(x, &f, text, len);
	for (size_t i = f.opened_from; i < run->opened_count; i++)
		run_rule(x, &run->opened[i], text, len, f.lang, is_cut);
	run->active_count = f.active_from;
	run->opened_count = f.opened_from;
	run->depth--;
}

static unsigned
start(void *arg, const struct meta_start *s)
{
	struct crosswalk *x = arg;
	struct crosswalk_run *run = x->run;
	struct frame *f = &run->frames[run->depth + 1];
	size_t from = run->frames[run->depth].active_from;
	size_t to = run->active_count;
	unsigned want;
	uint32_t atom;

	if (run->set == NULL || run->depth + 1 >= LIMIT_XML_DEPTH + 4)
		return META_NOTHING;
	if (run->work > LIMIT_CROSSWALK_WORK) {
		run_full(x, "elements");
		return META_NOTHING;
	}
	atom = run_atom(run, s->name);
	run_element(run, s);
	*f = (struct frame){.active_from = to,
	    .opened_from = run->opened_count,
	    .lang = s->lang};
	if (run->depth == 0)
		enter(x, f, atom);
	else
		advance(x, f, from, to, atom);
	run->depth++;
	want = wanted(run, f);
	if (want == META_NOTHING)
		close_frame(x, "", 0, false);
	return want;
}

static void
end_element(void *arg, const char *text, size_t len, bool is_cut)
{
	struct crosswalk *x = arg;

	close_frame(x, text, len, is_cut);
}

const struct crosswalk_ops crosswalk_run_ops = {
    .begin = begin,
    .start = start,
    .end_element = end_element,
    .forget = forget,
};

void
crosswalk_as_dc(struct crosswalk *x, const char *local, const struct taken *v)
{
	static const char ns[] = "http://purl.org/dc/terms/";
	struct crosswalk_run *run = x->run;
	struct meta_start s = {.ns = ns, .prefix = "", .name = local};
	const struct xwalk_node *root;
	uint32_t atom;

	if (run->dc == NULL)
		return;
	root = &run->set->nodes[run->dc->root];
	atom = xwalk_atom(run->set, local, strlen(local));
	run_element(run, &s);
	for (size_t i = first_child(run->set, root, atom);
	     atom != XWALK_ANY && i < root->child_count; i++) {
		const struct xwalk_node *node =
		    &run->set->nodes[root->children[i]];

		if (node->name != atom)
			break;
		if (!run_matches(run, node))
			continue;
		for (size_t k = 0; k < node->rule_count; k++) {
			struct opened o = {.rule = node->rules[k],
			    .lang = v->lang,
			    .resource = v->resource,
			    .name = local};

			run_rule(x, &o, v->text, v->len, v->lang, false);
		}
	}
}
