/* Lists: the values of all records, each once; see resolve/compose.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/compose_priv.h"
#include "resolve/idmap.h"
#include "resolve/profile.h"

/* What is there of a list.  Keys are compared in full: a hash only leads to
 * them. */
struct seen {
	struct idmap by_hash;
	struct seen_key {
		const char *text;
		size_t len;
	} * keys;
	size_t count, cap;
	struct buf key; /* that is being made */
};

static void
seen_clear(struct seen *s)
{
	idmap_clear(&s->by_hash);
	s->count = 0;
}

/* Texts that differ only in case, white space or punctuation are one. */
static void
key_text(struct seen *s, const char *text)
{
	char *at = buf_reserve(&s->key, text != NULL ? strlen(text) + 1 : 1);
	size_t n = 0;

	if (at == NULL)
		return;
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		unsigned char ch = (unsigned char)*p;

		if (ch >= 'A' && ch <= 'Z')
			at[n++] = (char)(ch - 'A' + 'a');
		else if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') ||
			 ch >= 0x80)
			at[n++] = (char)ch;
	}
	at[n++] = '\0';
	buf_added(&s->key, n);
}

static void
key_exact(struct seen *s, const char *text)
{
	buf_add(&s->key, text != NULL ? text : "",
	    text != NULL ? strlen(text) + 1 : 1);
}

/* Takes the key that was made: its place; *is_new when it had none. */
static size_t
seen_take(struct seen *s, struct arena *a, bool *is_new)
{
	uint64_t hash =
	    profile_hash(HASH_RECORD, buf_str(&s->key), s->key.len) | 1;
	uint32_t *at = idmap_add(&s->by_hash, hash, (uint32_t)s->count);
	struct seen_key *k = &s->keys[*at];

	*is_new = true;
	if (*at < s->count) {
		if (k->len == s->key.len &&
		    !memcmp(k->text, s->key.data, k->len))
			*is_new = false;
	} else {
		GROW(s->keys, s->cap, s->count + 1);
		s->keys[s->count].len = s->key.len;
		s->keys[s->count++].text =
		    arena_strndup(a, buf_str(&s->key), s->key.len);
	}
	buf_clear(&s->key);
	return *at;
}

struct listing {
	struct composing *c;
	struct seen seen;
	/* the record whose values are taken */
	const struct compose_record *record;
	int64_t record_id;
};

/* Adds value to list, unless its key was there. */
#define TAKE(l, list, value)                                                   \
	do {                                                                   \
		bool is_new;                                                   \
		seen_take(&(l)->seen, (l)->c->arena, &is_new);                 \
		if (is_new && (list)->count < LIMIT_COMPOSED_VALUES) {         \
			__typeof__((list)->items) took =                       \
			    record_add((l)->c->arena, list);                   \
			if (took != NULL) {                                    \
				took->v = (value);                             \
				took->record_id = (l)->record_id;              \
			}                                                      \
		}                                                              \
	} while (0)

/* --- each list, of one record --- */
static void
take_titles(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->titles.count; i++) {
		if (r->titles.items[i].text == NULL)
			continue;
		key_text(&l->seen, r->titles.items[i].text);
		TAKE(l, &l->c->out->titles, r->titles.items[i]);
	}
}

static void
take_abstracts(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->abstracts.count; i++) {
		if (r->abstracts.items[i].text == NULL)
			continue;
		key_text(&l->seen, r->abstracts.items[i].text);
		TAKE(l, &l->c->out->abstracts, r->abstracts.items[i]);
	}
}

static void
take_agents(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->agents.count; i++) {
		struct rec_agent g = r->agents.items[i];

		if (!l->record->source->contacts) {
			struct arena *a = l->c->arena;

			g.name = compose_without_contacts(a, g.name);
			g.affiliation =
			    compose_without_contacts(a, g.affiliation);
			g.role_term = compose_without_contacts(a, g.role_term);
		}
		if (g.name == NULL)
			continue;
		if (g.role == NULL)
			g.role = "contributor";
		key_exact(&l->seen, g.role);
		key_text(&l->seen, g.name);
		TAKE(l, &l->c->out->agents, g);
	}
}

static bool
is_contact(const struct listing *l, const char *url)
{
	return !l->record->source->contacts &&
	       (!strncmp(url, "mailto:", 7) || !strncmp(url, "tel:", 4) ||
		   !strncmp(url, "sms:", 4) || !strncmp(url, "callto:", 7));
}

static void
take_identifiers(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->identifiers.count; i++) {
		const struct rec_id *d = &r->identifiers.items[i];

		if (d->value == NULL || is_contact(l, d->value))
			continue;
		key_exact(&l->seen, d->scheme);
		key_exact(&l->seen, d->value);
		TAKE(l, &l->c->out->identifiers, *d);
	}
}

static void
take_links(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->links.count; i++) {
		const struct rec_link *k = &r->links.items[i];

		if (k->url == NULL || is_contact(l, k->url))
			continue;
		key_exact(&l->seen, k->role);
		key_exact(&l->seen, k->url);
		TAKE(l, &l->c->out->links, *k);
	}
}

static void
take_subjects(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->subjects.count; i++) {
		const struct rec_subject *s = &r->subjects.items[i];

		if (s->text == NULL && s->code == NULL)
			continue;
		key_exact(&l->seen, s->scheme);
		key_exact(&l->seen, s->code);
		key_text(&l->seen, s->text);
		TAKE(l, &l->c->out->subjects, *s);
	}
}

static void
take_dates(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->dates.count; i++) {
		const struct rec_date *d = &r->dates.items[i];

		if (d->role == NULL || (d->value == NULL && d->text == NULL))
			continue;
		key_exact(&l->seen, d->role);
		key_exact(&l->seen, d->value);
		key_exact(&l->seen, d->until);
		if (d->value == NULL)
			key_text(&l->seen, d->text);
		TAKE(l, &l->c->out->dates, *d);
	}
}

static void
take_rights(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->rights.count; i++) {
		const struct rec_rights *x = &r->rights.items[i];

		if (x->text == NULL && x->url == NULL && x->code == NULL)
			continue;
		key_exact(&l->seen, x->code);
		key_exact(&l->seen, x->url);
		key_text(&l->seen, x->text);
		TAKE(l, &l->c->out->rights, *x);
	}
}

static void
take_relations(struct listing *l)
{
	const struct record *r = l->record->content;

	for (size_t i = 0; i < r->relations.count; i++) {
		const struct rec_relation *x = &r->relations.items[i];

		if ((x->value == NULL && x->text == NULL) ||
		    (x->value != NULL && is_contact(l, x->value)))
			continue;
		key_exact(&l->seen, x->type);
		key_exact(&l->seen, x->scheme);
		key_exact(&l->seen, x->value);
		if (x->value == NULL)
			key_text(&l->seen, x->text);
		TAKE(l, &l->c->out->relations, *x);
	}
}

static const struct {
	enum entry_field field;
	void (*take)(struct listing *l);
} lists[] = {
    {ENTRY_TITLE, take_titles},
    {ENTRY_ABSTRACT, take_abstracts},
    {ENTRY_AGENTS, take_agents},
    {ENTRY_IDENTIFIERS, take_identifiers},
    {ENTRY_LINKS, take_links},
    {ENTRY_SUBJECTS, take_subjects},
    {ENTRY_DATES, take_dates},
    {ENTRY_RIGHTS, take_rights},
    {ENTRY_IDENTIFIERS, take_relations},
};

/* What an operator said stands first; it is about the record that was named. */
static void
take_set_texts(struct listing *l, enum entry_field f)
{
	const struct composed_field *x =
	    f < ENTRY_LANGUAGES ? &l->c->out->fields[f] : NULL;

	if (x == NULL || !x->is_set || x->value == NULL)
		return;
	l->record_id = x->record_id;
	if (f == ENTRY_TITLE) {
		key_text(&l->seen, x->value);
		TAKE(l, &l->c->out->titles,
		    ((struct rec_text){.text = x->value,
			.lang = l->c->out->fields[ENTRY_TITLE_LANG].value,
			.role = "main"}));
	} else if (f == ENTRY_ABSTRACT) {
		key_text(&l->seen, x->value);
		TAKE(l, &l->c->out->abstracts,
		    ((struct rec_text){.text = x->value}));
	}
}

void
compose_lists(struct composing *c)
{
	struct listing l = {.c = c};

	buf_init(&l.seen.key, 64 * MIB);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const size_t *order = compose_order(c, lists[i].field);

		seen_clear(&l.seen);
		take_set_texts(&l, lists[i].field);
		for (size_t n = 0; n < c->in->record_count; n++) {
			l.record = &c->in->records[order[n]];
			l.record_id = l.record->record_id;
			lists[i].take(&l);
		}
	}
	buf_release(&l.seen.key);
	idmap_release(&l.seen.by_hash);
	free(l.seen.keys);
}

/* --- codes --- */
const char *
compose_axis_name(enum compose_axis a)
{
	static const char *const names[AXES] = {
	    "sector", "country", "sdg", "language"};

	return names[a];
}

enum entry_field
compose_axis_field(enum compose_axis a)
{
	static const enum entry_field fields[AXES] = {
	    ENTRY_SECTORS, ENTRY_COUNTRIES, ENTRY_SDGS, ENTRY_LANGUAGES};

	return fields[a];
}

static const struct rec_code *
codes_of(const struct record *r, enum compose_axis a, size_t *n)
{
	switch (a) {
	case AXIS_SECTOR:
		*n = r->sectors.count;
		return r->sectors.items;
	case AXIS_COUNTRY:
		*n = r->countries.count;
		return r->countries.items;
	case AXIS_SDG:
		*n = r->sdgs.count;
		return r->sdgs.items;
	case AXIS_LANGUAGE:
	case AXES:
		break;
	}
	*n = r->languages.count;
	return r->languages.items;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && !strcmp(a, b));
}

static void
take_code(struct composing *c, enum compose_axis a, const struct rec_code *code,
    const struct compose_record *r)
{
	struct composed_code *x;

	for (size_t i = 0; i < c->out->codes[a].count; i++) {
		x = &c->out->codes[a].items[i];
		if (strcmp(x->v.code, code->code) != 0 ||
		    !is_same(x->v.role, code->role))
			continue;
		/* One that is trusted less may know it better; records come
		 * by trust, so only among equals. */
		if (compose_basis(code->basis) < compose_basis(x->v.basis) &&
		    !c->has_trust) {
			x->v = *code;
			x->record_id = r->record_id;
		}
		return;
	}
	if (c->out->codes[a].count == LIMIT_COMPOSED_CODES)
		return;
	x = record_add(c->arena, &c->out->codes[a]);
	if (x != NULL) {
		x->v = *code;
		x->record_id = r->record_id;
	}
}

/* What an operator names of an offer is where it is to be had. */
static const char *
set_role(const struct composing *c)
{
	return strcmp(c->out->family, "offer") == 0 ? "available" : "about";
}

/* Codes in one text, parted by white space and commas. */
static void
take_set_codes(
    struct composing *c, enum compose_axis a, const struct compose_set *set)
{
	static const char parts[] = " \t\r\n,";
	const struct compose_record named = {.record_id = set->record_id};

	c->out->is_set[a] = true;
	c->out->set_record[a] = set->record_id;
	for (const char *p = set->value; *p;) {
		size_t n;

		p += strspn(p, parts);
		n = strcspn(p, parts);
		if (n > 0) {
			struct rec_code code = {
			    .code = arena_strndup(c->arena, p, n),
			    .role = a == AXIS_COUNTRY ? set_role(c) : NULL,
			    .basis = "operator"};

			take_code(c, a, &code, &named);
		}
		p += n;
	}
}

static const struct compose_set *
set_of(const struct composing *c, enum entry_field f)
{
	const struct compose_set *last = NULL;

	for (size_t i = 0; i < c->in->set_count; i++) {
		const struct compose_set *s = &c->in->sets[i];

		if (s->field == f &&
		    (last == NULL || s->at > last->at ||
			(s->at == last->at && s->record_id > last->record_id)))
			last = s;
	}
	return last;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_name(struct composing *c, compose_names *list, const char *name)
{
	const char **at = name != NULL ? record_add(c->arena, list) : NULL;

	if (at != NULL)
		*at = name;
}

static void
sort_names(compose_names *list)
{
	size_t n = 0;

	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_text);
	for (size_t i = 0; i < list->count; i++) {
		if (n == 0 || strcmp(list->items[n - 1], list->items[i]) != 0)
			list->items[n++] = list->items[i];
	}
	list->count = n;
}

void
compose_codes(struct composing *c)
{
	struct composed *o = c->out;

	for (enum compose_axis a = 0; a < AXES; a++) {
		enum entry_field f = compose_axis_field(a);
		const struct compose_set *set = set_of(c, f);
		const size_t *order = compose_order(c, f);

		if (set != NULL)
			take_set_codes(c, a, set);
		for (size_t i = 0; set == NULL && i < c->in->record_count;
		     i++) {
			const struct compose_record *r =
			    &c->in->records[order[i]];
			size_t n;
			const struct rec_code *codes =
			    codes_of(r->content, a, &n);

			for (size_t k = 0; k < n; k++) {
				if (codes[k].code != NULL)
					take_code(c, a, &codes[k], r);
			}
		}
		for (size_t i = 0; i < o->codes[a].count; i++)
			add_name(
			    c, &o->code_names[a], o->codes[a].items[i].v.code);
		sort_names(&o->code_names[a]);
	}
	for (size_t i = 0; i < c->in->record_count; i++) {
		add_name(c, &o->agencies, c->agencies[i]);
		add_name(c, &o->sources, c->in->records[i].source->name);
	}
	sort_names(&o->agencies);
	sort_names(&o->sources);
}
