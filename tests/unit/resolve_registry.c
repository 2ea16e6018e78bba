#include "resolve_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/learn_priv.h"
#include "resolve/score.h"

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

void
made_profile(struct profile *p, struct arena *a, const char *id,
    const char *title, const char *name, const char *venue, int year,
    int source)
{
	struct record r = {.identifier = id, .identifier_basis = "oai"};
	struct rec_match_name one = {name, NULL};
	char text[8];

	r.match.title = title;
	r.match.venue = venue;
	if (name && *name) {
		r.match.names.items = &one;
		r.match.names.count = r.match.names.cap = 1;
	}
	if (year) {
		snprintf(text, sizeof(text), "%d", year);
		r.match.year = text;
	}
	profile_from_record(p, &r, source, 0, a);
}

static const char *const forms[] = {"assessment", "practical guide",
    "guidelines", "policy brief", "lessons learned", "training manual",
    "market survey", "feasibility study"};
static const char *const things[] = {"solar water pump", "drip irrigation",
    "biogas digester", "grain storage", "cold chain", "vaccine delivery",
    "wastewater treatment", "remote sensing", "mobile payment", "soil testing",
    "wind turbine", "clean cookstove"};
static const char *const uses[] = {"smallholder farmers", "urban settlements",
    "climate adaptation", "small island states", "women entrepreneurs",
    "arid regions", "rural employment", "secondary schools"};
static const char *const names[] = {"okafor amina", "garcia jose",
    "muller anna", "nguyen wei", "diallo fatou", "kovacs jan", "petrov olga",
    "sharma priya"};
static const char *const venues[] = {
    "food agency", "health bureau", "land office", "water union"};
static const char *const short_venues[] = {"fda", "hbu", "lof", "wun"};

#define PICK(list, seed) (list)[next(seed) % (sizeof(list) / sizeof(*(list)))]

/* A letter is left out, or the last words are. */
static const char *
spoil(struct arena *a, const char *title, uint32_t *seed)
{
	char *copy = arena_strdup(a, title);
	size_t n = strlen(copy), at = 1 + next(seed) % (n - 2);

	switch (next(seed) % 3) {
	case 0:
		memmove(copy + at, copy + at + 1, n - at);
		return copy;
	case 1:
		*strrchr(copy, ' ') = '\0';
		return copy;
	default:
		return copy;
	}
}

void
made_init(struct made *r, size_t count, uint32_t seed)
{
	size_t cap = 2 * count;

	*r = (struct made){.count = 0};
	arena_init(&r->arena, 0);
	r->profiles = xcalloc(cap, sizeof(*r->profiles));
	r->thing = xcalloc(cap, sizeof(*r->thing));
	for (size_t i = 0; i < count; i++) {
		const char *form = PICK(forms, &seed),
			   *what = PICK(things, &seed),
			   *use = PICK(uses, &seed), *name = PICK(names, &seed);
		char *title =
		    arena_printf(&r->arena, "%s %s %s", form, what, use);
		int year = 2000 + (int)(next(&seed) % 20);
		uint32_t source = next(&seed) % REGISTRY_SOURCES;
		uint32_t venue = next(&seed) % 4;
		size_t copies = 1 + next(&seed) % 2;

		for (size_t c = 0; c < copies; c++) {
			size_t at = r->count++;

			r->thing[at] = (unsigned)i;
			made_profile(&r->profiles[at], &r->arena,
			    arena_printf(&r->arena, "x:%zu", at),
			    c ? spoil(&r->arena, title, &seed) : title, name,
			    source % 2 ? venues[venue] : short_venues[venue],
			    year, 1 + (int)source);
			source = (source + 1) % REGISTRY_SOURCES;
		}
	}
}

void
made_release(struct made *r)
{
	free(r->profiles);
	free(r->thing);
	arena_release(&r->arena);
}

static void
feed(struct made *r, struct learn *l, const size_t *order, size_t at)
{
	struct profile *p = &r->profiles[order ? order[at] : at];
	struct score s;

	if (learn_wants(l) == LEARN_PROFILES) {
		learn_profile(l, p);
		return;
	}
	profile_prepare(p, learn_model(l));
	for (size_t k = 0; k < at; k++) {
		struct profile *q = &r->profiles[order ? order[k] : k];

		score_pair(&s, p, q, learn_model(l));
		if (score_may_merge(&s)) {
			learn_pair(l, p, q, s.sum);
			if (at % 3 == 0) /* it may come twice */
				learn_pair(l, q, p, s.sum);
		}
	}
}

struct model *
made_learn(struct made *r, const size_t *order, int64_t number, size_t most)
{
	struct learn *l = learn_new(r->count);
	struct model *m;

	if (most)
		learn_limit(l, most);
	for (int32_t i = 1; i <= REGISTRY_SOURCES; i++) {
		char name[24];

		snprintf(name, sizeof(name), "source-%d", i);
		learn_source(l, i, name);
	}
	for (size_t i = 0; i < r->count; i++)
		r->profiles[order ? order[i] : i].record_id =
		    number + (int64_t)i;
	for (; learn_wants(l) != LEARN_DONE; learn_pass(l))
		for (size_t i = 0; i < r->count; i++)
			feed(r, l, order, i);
	m = learn_take(l);
	learn_free(l);
	return m;
}

char *
made_bytes(struct model *m, size_t *n)
{
	struct buf out, part;
	const struct model_alias *aliases;
	const struct model_source *sources;
	size_t count;

	buf_init(&out, (size_t)64 << 20);
	buf_init(&part, LIMIT_MODEL_PART);
	for (uint32_t i = 0; model_part(&part, m, i) == 1; i++)
		buf_add(&out, buf_str(&part), part.len);
	aliases = model_aliases(m, &count);
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s=%s %.2f %s\n", aliases[i].a, aliases[i].b,
		    aliases[i].weight, aliases[i].kind);
	sources = model_sources(m, &count);
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%d %.3f %u %d\n", sources[i].source_id,
		    sources[i].mean, sources[i].seen, sources[i].curated);
	buf_release(&part);
	*n = out.len;
	return buf_detach(&out);
}
