/* What addresses within a record are called: RDF names persons and bodies once
 * and points to them everywhere else. */
#include <stdlib.h>
#include <string.h>

#include "crosswalk/internal.h"
#include "crosswalk/text.h"

static const char *
without_mark(const char *key)
{
	return *key == '#' ? key + 1 : key;
}

void
take_name(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);
	struct keyed_name *n;

	if (text == NULL || v->key == NULL)
		return;
	n = or_warn(x, record_add(x->a, &x->names), "names");
	if (n == NULL)
		return;
	n->key = without_mark(v->key);
	n->text = text;
}

static int
by_key(const void *a, const void *b)
{
	const struct keyed_name *m = a, *n = b;

	return strcmp(m->key, n->key);
}

const char *
named(const struct crosswalk *x, const char *key)
{
	struct keyed_name wanted = {.key = without_mark(key)};
	const struct keyed_name *found = NULL;

	if (x->names.count > 0)
		found = bsearch(&wanted, x->names.items, x->names.count,
		    sizeof(*found), by_key);
	return found != NULL ? found->text : NULL;
}

static void
resolve(const struct crosswalk *x, const char **text)
{
	const char *name = *text != NULL ? named(x, *text) : NULL;

	if (name != NULL)
		*text = name;
}

void
settle_names(struct crosswalk *x)
{
	struct record *r = x->r;

	if (x->names.count == 0)
		return;
	qsort(x->names.items, x->names.count, sizeof(*x->names.items), by_key);
	for (size_t i = 0; i < r->agents.count; i++) {
		resolve(x, &r->agents.items[i].name);
		resolve(x, &r->agents.items[i].affiliation);
	}
	for (size_t i = 0; i < r->titles.count; i++)
		resolve(x, &r->titles.items[i].text);
	for (size_t i = 0; i < r->subjects.count; i++)
		resolve(x, &r->subjects.items[i].text);
	for (size_t i = 0; i < r->coverage.count; i++)
		resolve(x, &r->coverage.items[i]);
	resolve(x, &r->container.title);
}
