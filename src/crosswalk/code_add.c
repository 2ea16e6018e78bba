/* One code in a list of codes. */
#include <string.h>

#include "crosswalk/settle.h"

/* Less is stronger. */
static int
weakness(const char *basis)
{
	static const char *const order[] = {
	    "declared", "mapped", "default", "rule", "detected"};
	int n = sizeof(order) / sizeof(*order);

	for (int i = 0; basis != NULL && i < n; i++)
		if (strcmp(order[i], basis) == 0)
			return i;
	return n;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct rec_code *
items(struct crosswalk *x, enum code_axis axis, size_t *count)
{
	struct record *r = x->r;

	switch (axis) {
	case AXIS_SECTOR:
		*count = r->sectors.count;
		return r->sectors.items;
	case AXIS_SDG:
		*count = r->sdgs.count;
		return r->sdgs.items;
	case AXIS_COUNTRY:
		*count = r->countries.count;
		return r->countries.items;
	}
	BUG_ON(true);
}

static struct rec_code *
append(struct crosswalk *x, enum code_axis axis)
{
	switch (axis) {
	case AXIS_SECTOR:
		return ADD(x, sectors);
	case AXIS_SDG:
		return ADD(x, sdgs);
	case AXIS_COUNTRY:
		return ADD(x, countries);
	}
	BUG_ON(true);
}

void
code_add(struct crosswalk *x, enum code_axis axis, const struct rec_code *code)
{
	size_t count;
	struct rec_code *list = items(x, axis, &count), *slot;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].code, code->code) != 0 ||
		    !is_same(list[i].role, code->role))
			continue;
		if (weakness(code->basis) < weakness(list[i].basis))
			list[i] = *code;
		return;
	}
	if (count >= LIMIT_CODES_PER_FIELD &&
	    strcmp(code->basis, "declared") != 0)
		return;
	slot = append(x, axis);
	if (slot != NULL)
		*slot = *code;
}
