/* A rule's items: its expressions on what was captured, and the target. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "crosswalk/run.h"
#include "crosswalk/text.h"

enum { RULE_WORK = 16 }; /* of a rule's evaluation, in steps compared */

bool
run_add(struct crosswalk *x, struct values *v, const char *text, size_t len,
    const char *lang)
{
	if (v->count >= LIMIT_VALUES_PER_FIELD) {
		run_full(x, "values");
		return false;
	}
	if (v->count == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 2;
		struct value *grown = arena_alloc(x->a, cap * sizeof(*grown));

		if (v->count > 0)
			memcpy(grown, v->items, v->count * sizeof(*grown));
		v->items = grown;
		v->cap = cap;
	}
	v->items[v->count++] =
	    (struct value){.text = text, .len = len, .lang = lang};
	return true;
}

/* --- sources that are one value ------------------------------------------- */

/* A text stands where something stands on both of its sides, at the beginning
 * or the end where something stands beside it. */
struct glue {
	const char *out, *lang, *pending;
	bool is_first; /* what is pending begins it */
};

static void
stick(struct crosswalk *x, struct glue *g, const char *text)
{
	size_t n = g->out != NULL ? strlen(g->out) : 0;
	const char *between =
	    g->pending != NULL && (n > 0 || g->is_first) ? g->pending : "";
	char *out;

	/* "L'" and "eau" are written together. */
	if (strcmp(between, " ") == 0 && n > 0 &&
	    (g->out[n - 1] == '\'' || str_ends(g->out, "\xe2\x80\x99")))
		between = "";
	out = run_text(x, n + strlen(between) + strlen(text));
	g->pending = NULL;
	if (out == NULL)
		return;
	sprintf(out, "%s%s%s", n > 0 ? g->out : "", between, text);
	g->out = out;
}

static void
glue_one(struct crosswalk *x, const struct opened *o,
    const struct xwalk_source *s, struct glue *g)
{
	const struct values *from;

	if (s->text != NULL) {
		g->is_first = !s->is_glued;
		g->pending = s->text;
		return;
	}
	from = o->slots != NULL ? &o->slots[s->slot] : NULL;
	if (from == NULL || from->count == 0) {
		g->pending = g->is_first ? g->pending : NULL;
		return;
	}
	if (g->lang == NULL)
		g->lang = from->items[0].lang;
	stick(x, g, run_line(x, from->items[0].text, from->items[0].len));
	g->is_first = false;
}

/* Sources from the i-th on that are one value; the number of the last. */
static size_t
glue(struct crosswalk *x, const struct opened *o, const struct xwalk_expr *e,
    size_t i, struct values *out)
{
	struct glue g = {0};

	glue_one(x, o, &e->sources[i], &g);
	while (i + 1 < e->source_count && e->sources[i + 1].is_glued)
		glue_one(x, o, &e->sources[++i], &g);
	if (g.pending != NULL && g.out != NULL)
		stick(x, &g, "");
	if (g.out != NULL && *g.out != '\0')
		run_add(x, out, g.out, strlen(g.out), g.lang);
	return i;
}

/* --- expressions ---------------------------------------------------------- */

/* The functions change values in place, so they get a list of their own. */
static void
evaluate_one(struct crosswalk *x, const struct opened *o,
    const struct xwalk_expr *e, struct values *out)
{
	*out = (struct values){0};
	for (size_t i = 0; i < e->source_count; i++) {
		const struct xwalk_source *s = &e->sources[i];
		const struct values *from;

		if (i + 1 < e->source_count && s[1].is_glued) {
			i = glue(x, o, e, i, out);
			continue;
		}
		if (s->text != NULL) {
			run_add(x, out, s->text, strlen(s->text), NULL);
			continue;
		}
		if (o->slots == NULL)
			continue;
		from = &o->slots[s->slot];
		for (size_t k = 0; k < from->count; k++)
			if (!run_add(x, out, from->items[k].text,
				from->items[k].len, from->items[k].lang))
				return;
	}
	for (size_t i = 0; i < e->function_count; i++)
		run_function(x, &e->functions[i], out);
}

static void
evaluate(struct crosswalk *x, const struct opened *o,
    const struct xwalk_expr *e, struct values *out)
{
	evaluate_one(x, o, e, out);
	for (e = e->otherwise; e != NULL && out->count == 0; e = e->otherwise)
		evaluate_one(x, o, e, out);
}

static bool
is_each(const struct xwalk_expr *e)
{
	return e != NULL && e->function_count > 0 &&
	       e->functions[e->function_count - 1].op == XWALK_EACH;
}

static const char *
first_of(struct crosswalk *x, const struct values *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const char *text =
		    run_line(x, v->items[i].text, v->items[i].len);

		if (*text != '\0')
			return text;
	}
	return NULL;
}

static void
list_of(struct crosswalk *x, const struct values *v, struct taken *to)
{
	const char **list = arena_alloc(x->a, (v->count + 1) * sizeof(*list));

	to->ids = list;
	for (size_t i = 0; i < v->count; i++) {
		const char *text =
		    run_line(x, v->items[i].text, v->items[i].len);

		if (*text != '\0')
			list[to->id_count++] = text;
	}
}

/* All parts but the first; true when one has a value. */
static bool
take_parts(struct crosswalk *x, const struct opened *o,
    const struct xwalk_rule *rule, struct taken *to)
{
	const struct xwalk_part *parts = rule->target->parts;
	struct values v;
	const char *said;
	bool has_one = false;

	for (size_t i = 1; i < XWALK_PARTS; i++) {
		if (rule->constant[i] != NULL && rule->expr[i] == NULL &&
		    xwalk_part_is_list(&parts[i])) {
			to->ids = &rule->constant[i];
			to->id_count = 1;
			continue;
		}
		if (rule->expr[i] == NULL || is_each(rule->expr[i]))
			continue;
		evaluate(x, o, rule->expr[i], &v);
		if (xwalk_part_is_list(&parts[i])) {
			list_of(x, &v, to);
			continue;
		}
		said = first_of(x, &v);
		if (said != NULL)
			*xwalk_part_at(to, &parts[i]) = said;
		has_one |= said != NULL;
	}
	return has_one;
}

static bool
has_one(const struct crosswalk *x, const struct xwalk_target *t)
{
	const size_t *count =
	    (const size_t *)(const void *)((const char *)x->r + t->count_at);

	return t->count_at != 0 && *count > 0;
}

/* lang: what the rule says, or NULL. */
static void
take(struct crosswalk *x, const struct xwalk_rule *rule, struct taken *v,
    const struct value *first, const char *lang)
{
	v->text = first->text;
	v->len = first->len;
	v->lang = lang != NULL ? lang : first->lang;
	v->is_lang_said = lang != NULL;
	if (!rule->is_once || !has_one(x, rule->target))
		rule->target->take(x, v);
}

/* An item for each value, with what goes with it: the values of a part that has
 * as many. */
static void
take_all(struct crosswalk *x, const struct opened *o,
    const struct xwalk_rule *rule, struct taken *v, const struct values *firsts)
{
	const struct xwalk_part *parts = rule->target->parts;
	struct values with[XWALK_PARTS] = {0};
	const char *said = v->lang;

	for (size_t i = 1; rule->has_each && i < XWALK_PARTS; i++)
		if (is_each(rule->expr[i]) && !xwalk_part_is_list(&parts[i]))
			evaluate(x, o, rule->expr[i], &with[i]);
	for (size_t k = 0; k < firsts->count; k++) {
		for (size_t i = 1; rule->has_each && i < XWALK_PARTS; i++)
			if (with[i].count == firsts->count)
				*xwalk_part_at(v, &parts[i]) =
				    run_line(x, with[i].items[k].text,
					with[i].items[k].len);
		take(x, rule, v, &firsts->items[k], said);
	}
}

/* Until the names of the record are known. */
static void
postpone(struct crosswalk *x, const struct opened *o, const char *text,
    size_t len, const char *lang)
{
	struct late_rule *late =
	    or_warn(x, record_add(x->a, &x->late), "names");
	struct opened *copy;

	if (late == NULL)
		return;
	copy = arena_alloc(x->a, sizeof(*copy));
	*copy = *o;
	late->opened = copy;
	late->text = arena_strndup(x->a, text, len);
	late->len = len;
	late->lang = lang;
}

void
run_late(struct crosswalk *x)
{
	x->is_ending = true;
	for (size_t i = 0; i < x->late.count; i++) {
		const struct late_rule *late = &x->late.items[i];

		run_rule(
		    x, late->opened, late->text, late->len, late->lang, false);
	}
	x->is_ending = false;
}

void
run_rule(struct crosswalk *x, const struct opened *o, const char *text,
    size_t len, const char *lang, bool is_cut)
{
	const struct xwalk_rule *rule = &x->run->set->rules[o->rule];
	struct value own = {.text = text, .len = len, .lang = lang};
	struct taken v = rule->base;
	struct values firsts = {0};
	const char *said;
	bool has_part = false;

	x->run->work += RULE_WORK;
	if (rule->is_once && has_one(x, rule->target))
		return;
	if (rule->is_late && !x->is_ending) {
		postpone(x, o, text, len, lang);
		return;
	}
	if (rule->condition != NULL) {
		evaluate(x, o, rule->condition, &firsts);
		if (firsts.count == 0)
			return;
	}
	if (is_cut)
		record_warn(x->r, x->a, "value-cut",
		    "%s: a value was cut at %zu bytes", o->name,
		    LIMIT_VALUE_BYTES);
	if (rule->has_expr)
		has_part = take_parts(x, o, rule, &v);
	if (rule->takes_text) {
		v.resource = o->resource;
		take(x, rule, &v, &own, v.lang);
		return;
	}
	firsts = (struct values){0};
	said = v.lang;
	if (rule->expr[0] != NULL)
		evaluate(x, o, rule->expr[0], &firsts);
	if (firsts.count == 0 && rule->constant[0] != NULL)
		run_add(x, &firsts, rule->constant[0],
		    strlen(rule->constant[0]), NULL);
	take_all(x, o, rule, &v, &firsts);
	own = (struct value){.text = "", .lang = lang};
	if (firsts.count == 0 && has_part && rule->target->is_loose)
		take(x, rule, &v, &own, said);
}
