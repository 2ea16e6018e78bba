/* Ids that never die: who keeps which, and where the others lead. */
#include "resolve/entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

/* So many records of an entry are in a group now. */
struct claim {
	size_t group, entry;
	size_t stayed, back;
};

struct giving {
	const struct entries_input *in;
	struct entries_result *out;
	uint64_t *group_key; /* the least of its records' */
	size_t *kept_by; /* for each old entry its group, or ENTRIES_NONE */
	struct claim *claims; /* the best first */
	size_t claim_count;
};

const char *
entry_state_name(enum entry_state s)
{
	static const char *const names[ENTRY_STATES] = {
	    "live", "gone", "merged", "split"};

	BUG_ON(s >= ENTRY_STATES);
	return names[s];
}

static bool
is_final(const struct entries_entry *e)
{
	return e->state == ENTRY_MERGED || e->state == ENTRY_SPLIT;
}

/* Has been in an entry that may still be kept, and is in a group. */
static bool
has_claim(const struct entries_input *in, const struct entries_record *r)
{
	return r->group != ENTRIES_NONE && r->entry != ENTRIES_NONE &&
	       !is_final(&in->entries[r->entry]);
}

static int
by_group_and_entry(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* The older first, by id where they are of one age. */
static int
compare_age(const struct entries_entry *x, const struct entries_entry *y)
{
	if (x->made_at != y->made_at)
		return x->made_at < y->made_at ? -1 : 1;
	return memcmp(x->id, y->id, ENTRY_ID_BYTES);
}

static int
by_right(const void *a, const void *b, void *arg)
{
	const struct claim *x = a, *y = b;
	const struct giving *g = arg;
	int age;

	if (x->stayed != y->stayed)
		return x->stayed > y->stayed ? -1 : 1;
	if (x->back != y->back)
		return x->back > y->back ? -1 : 1;
	age = compare_age(&g->in->entries[x->entry], &g->in->entries[y->entry]);
	if (age != 0)
		return age;
	if (g->group_key[x->group] != g->group_key[y->group])
		return g->group_key[x->group] < g->group_key[y->group] ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

static void
count_claims(struct giving *g)
{
	const struct entries_input *in = g->in;
	size_t n = 0, kept = 0;

	g->claims = xcalloc(in->record_count + 1, sizeof(*g->claims));
	for (size_t i = 0; i < in->record_count; i++) {
		const struct entries_record *r = &in->records[i];
		if (has_claim(in, r))
			g->claims[n++] = (struct claim){.group = r->group,
			    .entry = r->entry,
			    .stayed = r->was_active,
			    .back = !r->was_active};
	}
	qsort(g->claims, n, sizeof(*g->claims), by_group_and_entry);
	for (size_t i = 0; i < n; i++) {
		struct claim *last = &g->claims[kept - (kept > 0)];
		if (kept == 0 || by_group_and_entry(last, &g->claims[i]) != 0) {
			g->claims[kept++] = g->claims[i];
			continue;
		}
		last->stayed += g->claims[i].stayed;
		last->back += g->claims[i].back;
	}
	g->claim_count = kept;
	qsort_r(g->claims, kept, sizeof(*g->claims), by_right, g);
}

static void
find_keys(struct giving *g)
{
	const struct entries_input *in = g->in;

	g->group_key = xcalloc(in->group_count + 1, sizeof(*g->group_key));
	for (size_t i = 0; i < in->group_count; i++)
		g->group_key[i] = UINT64_MAX;
	for (size_t i = 0; i < in->record_count; i++) {
		const struct entries_record *r = &in->records[i];
		BUG_ON(r->group != ENTRIES_NONE && r->group >= in->group_count);
		BUG_ON(r->entry != ENTRIES_NONE && r->entry >= in->entry_count);
		if (r->group != ENTRIES_NONE && r->key < g->group_key[r->group])
			g->group_key[r->group] = r->key;
	}
}

static void
give(struct giving *g)
{
	const struct entries_input *in = g->in;
	struct entries_result *out = g->out;

	out->group_entry =
	    xcalloc(in->group_count + 1, sizeof(*out->group_entry));
	g->kept_by = xcalloc(in->entry_count + 1, sizeof(*g->kept_by));
	for (size_t i = 0; i < in->group_count; i++)
		out->group_entry[i] = ENTRIES_NONE;
	for (size_t i = 0; i < in->entry_count; i++)
		g->kept_by[i] = ENTRIES_NONE;
	for (size_t i = 0; i < g->claim_count; i++) {
		const struct claim *c = &g->claims[i];
		if (out->group_entry[c->group] != ENTRIES_NONE ||
		    g->kept_by[c->entry] != ENTRIES_NONE)
			continue;
		out->group_entry[c->group] = c->entry;
		g->kept_by[c->entry] = c->group;
	}
	for (size_t i = 0; i < in->group_count; i++) {
		if (out->group_entry[i] == ENTRIES_NONE)
			out->group_entry[i] = in->entry_count + out->made++;
	}
}

/* Where the records of each entry that is not kept went: the first claim is
 * the best, so it is where those follow that are not there. */
static void
settle(struct giving *g, size_t *successor)
{
	const struct entries_input *in = g->in;
	struct entries_result *out = g->out;
	size_t total = in->entry_count + out->made;

	out->state = xcalloc(total + 1, sizeof(*out->state));
	out->forwards = xcalloc(g->claim_count + 1, sizeof(*out->forwards));
	for (size_t i = 0; i < in->entry_count; i++) {
		successor[i] = ENTRIES_NONE;
		out->state[i] = is_final(&in->entries[i]) ? in->entries[i].state
				: g->kept_by[i] != ENTRIES_NONE ? ENTRY_LIVE
								: ENTRY_GONE;
	}
	for (size_t i = 0; i < g->claim_count; i++) {
		const struct claim *c = &g->claims[i];
		size_t to = out->group_entry[c->group];
		if (to == c->entry)
			continue;
		out->forwards[out->forward_count++] =
		    (struct entries_forward){.from = c->entry, .to = to};
		if (g->kept_by[c->entry] != ENTRIES_NONE)
			continue;
		if (successor[c->entry] == ENTRIES_NONE)
			successor[c->entry] = to;
		out->state[c->entry] =
		    successor[c->entry] == to &&
			    out->state[c->entry] != ENTRY_SPLIT
			? ENTRY_MERGED
			: ENTRY_SPLIT;
	}
	for (size_t i = 0; i < out->forward_count; i++)
		out->forwards[i].is_merge =
		    out->state[out->forwards[i].from] == ENTRY_MERGED;
}

static void
place_records(struct giving *g, const size_t *successor)
{
	const struct entries_input *in = g->in;
	struct entries_result *out = g->out;

	out->record_entry =
	    xcalloc(in->record_count + 1, sizeof(*out->record_entry));
	out->active =
	    xcalloc(in->entry_count + out->made + 1, sizeof(*out->active));
	for (size_t i = 0; i < in->record_count; i++) {
		const struct entries_record *r = &in->records[i];
		size_t *e = &out->record_entry[i];
		if (r->group != ENTRIES_NONE) {
			*e = out->group_entry[r->group];
			out->active[*e]++;
			continue;
		}
		*e = r->entry;
		if (*e != ENTRIES_NONE && successor[*e] != ENTRIES_NONE)
			*e = successor[*e];
	}
}

void
entries_assign(struct entries_result *out, const struct entries_input *in)
{
	struct giving g = {.in = in, .out = out};
	size_t *successor = xcalloc(in->entry_count + 1, sizeof(*successor));

	*out = (struct entries_result){0};
	find_keys(&g);
	count_claims(&g);
	give(&g);
	settle(&g, successor);
	place_records(&g, successor);
	free(successor);
	free(g.group_key);
	free(g.kept_by);
	free(g.claims);
}

void
entries_release(struct entries_result *r)
{
	free(r->record_entry);
	free(r->group_entry);
	free(r->state);
	free(r->active);
	free(r->forwards);
	*r = (struct entries_result){0};
}
