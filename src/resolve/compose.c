/* One value for each field; see resolve/compose.h. */
#include "resolve/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "resolve/compose_priv.h"

/* What the best so far of a field is known by. */
struct best {
	int trust, basis, complete;
	size_t rank;
};

struct choosing {
	struct composing *c;
	struct best best[ENTRY_LANGUAGES];
};

int
compose_basis(const char *basis)
{
	static const char *const order[] = {
	    "declared", "mapped", "rule", "default", "detected"};

	for (int i = 0; basis != NULL && i < 5; i++) {
		if (!strcmp(basis, order[i]))
			return i;
	}
	return 0;
}

static bool
is_better(const struct best *a, const struct best *b)
{
	if (a->trust != b->trust)
		return a->trust > b->trust;
	if (a->basis != b->basis)
		return a->basis < b->basis;
	if (a->complete != b->complete)
		return a->complete > b->complete;
	return a->rank < b->rank;
}

static void
offer(struct choosing *h, size_t record, enum entry_field f, const char *value,
    int basis, int complete)
{
	const struct compose_record *r = &h->c->in->records[record];
	struct best b = {
	    r->source->trust.of[f], basis, complete, h->c->ranks[record]};
	struct composed_field *out = &h->c->out->fields[f];

	if (value == NULL || *value == '\0')
		return;
	/* Of one record the first value counts, where nothing else tells. */
	if (out->value != NULL && !is_better(&b, &h->best[f]))
		return;
	h->best[f] = b;
	out->value = value;
	out->record_id = r->record_id;
}

/* --- values of a record --- */
static bool
is_cut(const char *s)
{
	size_t n = strlen(s);

	return (n >= 3 && (!strcmp(s + n - 3, "...") ||
			      !strcmp(s + n - 3, "\xe2\x80\xa6")));
}

/* What a text says, in steps, so that a word more or less does not decide. */
static int
text_worth(const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	if (n == 0)
		return 0;
	return is_cut(s) ? 1 : n < 100 ? 2 : n < 400 ? 3 : 4;
}

static bool
is_word(const char *s, const char *word)
{
	return s != NULL && !strcmp(s, word);
}

static void
offer_texts(struct choosing *h, size_t i)
{
	const struct record *r = h->c->in->records[i].content;
	const struct rec_text *main = NULL;

	for (size_t n = 0; n < r->titles.count; n++) {
		const struct rec_text *t = &r->titles.items[n];

		if (main == NULL ||
		    (is_word(t->role, "main") && !is_word(main->role, "main")))
			main = t;
	}
	if (main != NULL && main->text != NULL)
		offer(h, i, ENTRY_TITLE, main->text, 0, !is_cut(main->text));
	for (size_t n = 0; n < r->abstracts.count; n++)
		offer(h, i, ENTRY_ABSTRACT, r->abstracts.items[n].text, 0,
		    text_worth(r->abstracts.items[n].text));
}

static void
offer_publisher(struct choosing *h, size_t i)
{
	const struct compose_record *x = &h->c->in->records[i];
	const struct record *r = x->content;

	for (size_t n = 0; n < r->agents.count; n++) {
		const struct rec_agent *g = &r->agents.items[n];
		bool is_publisher = is_word(g->role, "publisher");
		const char *code, *name = g->name;

		if (name == NULL ||
		    (!is_publisher && !is_word(g->role, "provider")))
			continue;
		code = h->c->in->world.agency(h->c->in->world.arg, name);
		if (code != NULL && h->c->agencies[i] == x->source->agency)
			h->c->agencies[i] = code;
		if (!x->source->contacts)
			name = compose_without_contacts(h->c->arena, name);
		offer(h, i, ENTRY_PUBLISHER, name, is_publisher ? 0 : 1, 0);
	}
}

/* A role that means nearly the same is as good as mapped. */
static void
offer_dates(struct choosing *h, size_t i)
{
	const struct record *r = h->c->in->records[i].content;
	bool is_asking =
	    is_word(r->family, "offer") || is_word(r->family, "need");

	for (size_t n = 0; n < r->dates.count; n++) {
		const struct rec_date *d = &r->dates.items[n];
		int exact = d->value != NULL ? (int)strlen(d->value) : 0;

		if (is_word(d->role, "issued")) {
			offer(h, i, ENTRY_ISSUED, d->value, 0, exact);
		} else if (is_word(d->role, "start")) {
			offer(h, i, ENTRY_STARTS, d->value, 0, exact);
			offer(h, i, ENTRY_ENDS, d->until, 0, exact);
		} else if (is_word(d->role, "valid-from")) {
			offer(h, i, ENTRY_STARTS, d->value, 1, exact);
		} else if (is_word(d->role, "end")) {
			offer(h, i, ENTRY_ENDS,
			    d->until != NULL ? d->until : d->value, 0, exact);
		} else if (is_word(d->role, "deadline")) {
			offer(h, i, ENTRY_DEADLINE,
			    d->until != NULL ? d->until : d->value, 0, exact);
		} else if (is_word(d->role, "valid-until")) {
			offer(h, i, is_asking ? ENTRY_DEADLINE : ENTRY_ENDS,
			    d->value, 1, exact);
		}
	}
}

static void
offer_links(struct choosing *h, size_t i)
{
	const struct record *r = h->c->in->records[i].content;

	for (size_t n = 0; n < r->links.count; n++) {
		if (is_word(r->links.items[n].role, "image"))
			offer(
			    h, i, ENTRY_IMAGE_URL, r->links.items[n].url, 0, 0);
	}
	for (size_t n = 0; n < r->rights.count; n++)
		offer(h, i, ENTRY_RIGHTS_URL, r->rights.items[n].url, 0,
		    r->rights.items[n].code != NULL);
}

static void
offer_all(struct choosing *h, size_t i)
{
	const struct record *r = h->c->in->records[i].content;
	struct record_summary s;

	record_summarise(&s, r, h->c->arena);
	offer_texts(h, i);
	offer(h, i, ENTRY_KIND, r->kind.code, compose_basis(r->kind.basis), 0);
	offer(h, i, ENTRY_STATUS, r->status, 0, 0);
	offer_dates(h, i);
	offer_publisher(h, i);
	offer(h, i, ENTRY_URL, s.url, 0, 0);
	offer_links(h, i);
	offer(h, i, ENTRY_ACCESS, r->access, 0, 0);
	offer(h, i, ENTRY_TRL_MIN, r->trl_min, 0, 0);
	offer(h, i, ENTRY_TRL_MAX, r->trl_max, 0, 0);
}

/* --- records among each other --- */
static int
worth(const struct record *r)
{
	return (r->titles.count > 0) +
	       text_worth(
		   r->abstracts.count > 0 ? r->abstracts.items[0].text : NULL) +
	       (r->agents.count > 0) + (r->dates.count > 0) +
	       (r->identifiers.count > 0) + (r->links.count > 0) +
	       (r->subjects.count > 0) + (r->languages.count > 0) +
	       (r->countries.count > 0) + (r->sectors.count > 0) +
	       (r->sdgs.count > 0) + (r->rights.count > 0) +
	       (r->container.title != NULL);
}

static const struct compose_record *sorted; /* for by_worth alone */

static int
by_worth(const void *a, const void *b)
{
	const struct compose_record *x = &sorted[*(const size_t *)a],
				    *y = &sorted[*(const size_t *)b];
	int d = worth(y->content) - worth(x->content);

	if (d != 0)
		return d;
	if (x->datestamp != y->datestamp)
		return x->datestamp > y->datestamp ? -1 : 1;
	d = strcmp(x->source->name, y->source->name);
	return d != 0 ? d : strcmp(x->identifier, y->identifier);
}

static size_t *
in_order(struct composing *c)
{
	size_t n = c->in->record_count;
	size_t *order = arena_alloc(c->arena, n * sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	sorted = c->in->records;
	qsort(order, n, sizeof(*order), by_worth);
	return order;
}

static void
prepare(struct composing *c)
{
	size_t n = c->in->record_count;
	size_t *order = in_order(c);

	c->ranks = arena_alloc(c->arena, n * sizeof(*c->ranks));
	c->agencies = arena_alloc(c->arena, n * sizeof(*c->agencies));
	for (size_t i = 0; i < n; i++) {
		const struct compose_source *s = c->in->records[i].source;

		c->ranks[order[i]] = i;
		c->agencies[i] = s->agency;
		c->has_trust |=
		    memcmp(&s->trust, &c->in->records[0].source->trust,
			sizeof(s->trust)) != 0;
	}
}

const size_t *
compose_order(struct composing *c, enum entry_field f)
{
	size_t n = c->in->record_count;
	size_t *order = arena_alloc(c->arena, n * sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[c->ranks[i]] = i;
	if (!c->has_trust)
		return order;
	/* By trust; what is equal stays in order. */
	for (size_t i = 1; i < n; i++) {
		size_t x = order[i], k = i;
		int t = c->in->records[x].source->trust.of[f];

		for (; k > 0 &&
		       c->in->records[order[k - 1]].source->trust.of[f] < t;
		     k--)
			order[k] = order[k - 1];
		order[k] = x;
	}
	return order;
}

/* --- operators --- */
static void
apply_sets(struct composing *c)
{
	const struct compose_set *last[ENTRY_SET_FIELDS] = {0};

	for (size_t i = 0; i < c->in->set_count; i++) {
		const struct compose_set *s = &c->in->sets[i];
		const struct compose_set *was = last[s->field];

		/* Entered at once of two records: by the record's number. */
		if (was == NULL || s->at > was->at ||
		    (s->at == was->at && s->record_id > was->record_id))
			last[s->field] = s;
	}
	for (int f = 0; f < ENTRY_LANGUAGES; f++) {
		if (last[f] == NULL)
			continue;
		c->out->fields[f].value =
		    *last[f]->value != '\0' ? last[f]->value : NULL;
		c->out->fields[f].record_id = last[f]->record_id;
		c->out->fields[f].is_set = true;
	}
}

static int32_t
level(const struct composed_field *f)
{
	/* Levels may be written with a decimal point. */
	long v = f->value != NULL ? strtol(f->value, NULL, 10) : 0;

	return v >= 1 && v <= 9 ? (int32_t)v : 0;
}

static void
add_derived(struct composing *c)
{
	struct composed *o = c->out;
	struct composed_field *kind = &o->fields[ENTRY_KIND];
	const char *family = NULL;

	if (kind->value != NULL)
		family = c->in->world.family(c->in->world.arg, kind->value);
	for (size_t i = 0; family == NULL && i < c->in->record_count; i++) {
		const struct compose_record *r = &c->in->records[i];

		if (!kind->is_set && kind->value != NULL &&
		    r->record_id == kind->record_id)
			family = r->content->family;
	}
	o->family = family != NULL ? family : "unassigned";
	o->trl_min = level(&o->fields[ENTRY_TRL_MIN]);
	o->trl_max = level(&o->fields[ENTRY_TRL_MAX]);
	o->record_count = c->in->record_count;
	o->first_seen = DATE_NONE;
	for (size_t i = 0; i < c->in->record_count; i++) {
		int64_t seen = c->in->records[i].first_seen;

		if (o->first_seen == DATE_NONE || seen < o->first_seen)
			o->first_seen = seen;
	}
}

/* The language goes with the title that was chosen. */
static void
choose_title_lang(struct composing *c)
{
	const struct composed_field *title = &c->out->fields[ENTRY_TITLE];
	struct composed_field *lang = &c->out->fields[ENTRY_TITLE_LANG];

	for (size_t i = 0; title->value != NULL && i < c->in->record_count;
	     i++) {
		const struct compose_record *r = &c->in->records[i];

		if (r->record_id != title->record_id)
			continue;
		for (size_t n = 0; n < r->content->titles.count; n++) {
			const struct rec_text *t = &r->content->titles.items[n];

			if (t->text == title->value && t->lang != NULL) {
				lang->value = t->lang;
				lang->record_id = r->record_id;
			}
		}
	}
}

void
compose(struct composed *out, const struct compose_input *in, struct arena *a)
{
	struct composing c = {.in = in, .out = out, .arena = a};
	struct choosing h = {.c = &c};

	memset(out, 0, sizeof(*out));
	prepare(&c);
	for (size_t i = 0; i < in->record_count; i++)
		offer_all(&h, i);
	choose_title_lang(&c);
	apply_sets(&c);
	if (out->fields[ENTRY_TITLE].is_set &&
	    !out->fields[ENTRY_TITLE_LANG].is_set)
		memset(&out->fields[ENTRY_TITLE_LANG], 0,
		    sizeof(out->fields[ENTRY_TITLE_LANG]));
	add_derived(&c);
	compose_times(&c);
	compose_codes(&c);
	compose_lists(&c);
}
