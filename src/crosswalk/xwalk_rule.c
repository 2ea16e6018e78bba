/* Rules and their parts. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "crosswalk/xwalk_build.h"
#include "record/words.h"

static const char *
word_nearest(const char *const *words, const char *word)
{
	struct str_guess g = str_guess(word);

	for (; *words != NULL; words++)
		str_guess_try(&g, *words);
	return g.found;
}

static const char *
all_words(struct xwalk_file *f, const char *const *words)
{
	struct buf b;
	const char *text;

	buf_init(&b, 1024);
	for (; *words != NULL; words++)
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", *words);
	text = arena_strdup(&f->b->set->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *
all_parts(struct xwalk_file *f, const struct xwalk_target *t)
{
	const char *names[XWALK_PARTS + 2];
	size_t n = 0;

	while (n < XWALK_PARTS && t->parts[n].name != NULL) {
		names[n] = t->parts[n].name;
		n++;
	}
	names[n++] = "if";
	names[n] = NULL;
	return all_words(f, names);
}

/* The part's number, or -1 after a mistake. */
static int
part_of(struct xwalk_line *l, const struct xwalk_rule *r, const char *name)
{
	int part = xwalk_part_find(r->target, name);

	if (part < 0)
		xwalk_refuse(l, "%s has no part %.60s; expected one of %s%s",
		    r->target->name, name, all_parts(l->f, r->target),
		    xwalk_hint(l->f, xwalk_part_nearest(r->target, name)));
	return part;
}

static bool
read_only(struct xwalk_line *l, struct xwalk_rule *r, const char *value)
{
	if (strcmp(value, "first") != 0 || r->target->count_at == 0) {
		xwalk_refuse(l,
		    r->target->count_at == 0
			? "only=\"%.60s\" does not go with %s; expected a "
			  "target that makes a list"
			: "only=\"%.60s\" is not known for %s; expected "
			  "only=\"first\"",
		    value, r->target->name);
		return false;
	}
	r->is_once = true;
	return true;
}

static bool
read_constant(struct xwalk_line *l, struct xwalk_rule *r)
{
	const char *name = xwalk_name(l), *value;
	const char *const *words;
	int part;

	if (name == NULL || *l->p != '=' || l->p[1] != '"') {
		xwalk_refuse(l,
		    "\"%.20s\" does not belong here; expected PART=\"TEXT\", "
		    "or the part on an indented line of its own",
		    l->p);
		return false;
	}
	l->p++;
	value = xwalk_quoted(l);
	if (value == NULL)
		return false;
	if (*l->p != '\0' && strchr(" \t", *l->p) == NULL) {
		xwalk_refuse(l,
		    "\"%.20s\" stands behind a text; expected white space",
		    l->p);
		return false;
	}
	if (strcmp(name, "only") == 0)
		return read_only(l, r, value);
	part = part_of(l, r, name);
	if (part < 0)
		return false;
	if (r->constant[part] != NULL) {
		xwalk_refuse(l,
		    "%s is given twice; expected it once behind the target",
		    name);
		return false;
	}
	words = r->target->parts[part].words;
	if (words != NULL && !word_known(words, value)) {
		xwalk_refuse(l, "%s=\"%.60s\" is not known; expected %s%s",
		    name, value, all_words(l->f, words),
		    xwalk_hint(l->f, word_nearest(words, value)));
		return false;
	}
	r->constant[part] = value;
	return true;
}

static uint32_t
add_rule(struct xwalk_line *l, const struct xwalk_rule *r)
{
	struct xwalk_set *set = l->f->b->set;
	uint32_t root = xwalk_node_new(set);

	GROW(set->rules, set->rule_cap, set->rule_count + 1);
	set->rules[set->rule_count] = *r;
	set->rules[set->rule_count].root = root;
	return (uint32_t)set->rule_count++;
}

/* The rule acts at every node that its path leads to. */
static bool
attach(struct xwalk_line *l, const struct xwalk_ways *ways, uint32_t rule)
{
	struct xwalk_set *set = l->f->b->set;

	for (size_t i = 0; i < ways->count; i++) {
		struct xwalk_line way = {.f = l->f, .p = ways->paths[i]};
		uint32_t root = set->walks[l->f->b->walk].root, *at;
		uint32_t node = xwalk_path(&way, root, NULL);
		struct xwalk_node *n;

		if (node != XWALK_NONE && *way.p != '\0')
			xwalk_refuse(&way,
			    "\"%.20s\" does not belong into a path; expected "
			    "a step, or white space and a target",
			    way.p);
		l->is_wrong |= way.is_wrong;
		if (l->is_wrong)
			return false;
		n = &set->nodes[node];
		at = XWALK_PUSH(&set->arena, n->rules, n->rule_count);
		*at = rule;
	}
	return true;
}

/* The name behind the path. */
static bool
read_target(struct xwalk_line *l, struct xwalk_rule *r)
{
	const char *name;

	xwalk_space(l);
	name = xwalk_word(l);
	if (name == NULL) {
		xwalk_refuse(l,
		    "the path has no target behind it; expected one of "
		    "TARGETS in sheaf-crosswalk(5)");
		return false;
	}
	r->target = xwalk_target_find(name);
	if (r->target == NULL)
		xwalk_refuse(l,
		    "there is no target %.60s; expected one of TARGETS in "
		    "sheaf-crosswalk(5)%s",
		    name, xwalk_hint(l->f, xwalk_target_nearest(name)));
	return r->target != NULL;
}

void
xwalk_rule_line(struct xwalk_line *l)
{
	struct xwalk_file *f = l->f;
	struct xwalk_build *b = f->b;
	struct xwalk_rule r = {.place = f->place};
	struct xwalk_ways ways;

	f->is_lost = true;
	if (++b->rules > LIMIT_CROSSWALK_RULES) {
		if (b->rules == LIMIT_CROSSWALK_RULES + 1)
			xwalk_refuse(l,
			    "the crosswalk has too many rules; expected %zu "
			    "at most",
			    LIMIT_CROSSWALK_RULES);
		return;
	}
	if (!xwalk_ways(l, &ways) || !read_target(l, &r))
		return;
	for (xwalk_space(l); *l->p != '\0'; xwalk_space(l))
		if (!read_constant(l, &r))
			return;
	f->rule = add_rule(l, &r);
	f->is_lost = !attach(l, &ways, f->rule);
}

void
xwalk_part_line(struct xwalk_line *l)
{
	struct xwalk_file *f = l->f;
	struct xwalk_set *set = f->b->set;
	struct xwalk_expr *e, **at;
	const char *name;
	bool is_if;
	int part = 0;
	size_t others = 0;

	if (!f->has_rules)
		xwalk_refuse(l,
		    "an indented line stands before the first rule; expected "
		    "a directive or a rule at the line's beginning");
	if (l->is_wrong || f->is_lost)
		return;
	name = xwalk_name(l);
	xwalk_space(l);
	if (name == NULL || *l->p != '=') {
		xwalk_refuse(
		    l, "this is no part of a rule; expected PART = EXPRESSION");
		return;
	}
	l->p++;
	is_if = strcmp(name, "if") == 0;
	if (is_if && set->rules[f->rule].condition != NULL) {
		xwalk_refuse(l, "if is given twice; expected it once");
		return;
	}
	if (!is_if && (part = part_of(l, &set->rules[f->rule], name)) < 0)
		return;
	e = xwalk_expression(l, f->rule);
	for (at = &set->rules[f->rule].expr[part]; !is_if && *at != NULL;
	     others++)
		at = &(*at)->otherwise;
	if (others >= LIMIT_CROSSWALK_WORDS) {
		xwalk_refuse(l,
		    "%s is given too often; expected %zu expressions of it at "
		    "most",
		    name, LIMIT_CROSSWALK_WORDS);
		f->is_lost = true;
		return;
	}
	*(is_if ? &set->rules[f->rule].condition : at) = e;
}
