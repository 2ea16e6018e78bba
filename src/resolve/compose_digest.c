/* Whether an entry says what it said; see resolve/compose.h. */
#include <string.h>

#include "resolve/compose.h"

static void
add_number(struct digest *d, int64_t v)
{
	digest_add(d, &v, sizeof(v));
}

/* A text that is not there differs from an empty one. */
static void
add_text(struct digest *d, const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	add_number(d, s != NULL ? (int64_t)n : -1);
	digest_add(d, s, n);
}

static void
add_texts(struct digest *d, size_t n, const char *const *texts)
{
	for (size_t i = 0; i < n; i++)
		add_text(d, texts[i]);
}
#define ADD(d, ...)                                                            \
	do {                                                                   \
		const char *const texts[] = {__VA_ARGS__};                     \
		add_texts((d), sizeof(texts) / sizeof(*texts), texts);         \
	} while (0)
#define EACH(d, list, x)                                                       \
	add_number((d), (int64_t)(list)->count);                               \
	for (__typeof__(*(list)->items) *x = (list)->items;                    \
	     x < (list)->items + (list)->count; x++)

static void
add_fields(struct digest *d, const struct composed *c)
{
	for (int f = 0; f < ENTRY_LANGUAGES; f++) {
		add_text(d, c->fields[f].value);
		add_number(d, c->fields[f].record_id);
		add_number(d, c->fields[f].is_set);
	}
	ADD(d, c->family, c->issued, c->issued_precision);
	add_number(d, c->starts);
	add_number(d, c->ends);
	add_number(d, c->deadline);
	add_number(d, c->due);
	add_number(d, c->first_seen);
	add_number(d, (int64_t)c->record_count);
	EACH(d, &c->agencies, x)
	add_text(d, *x);
	EACH(d, &c->sources, x)
	add_text(d, *x);
}

static void
add_agents(struct digest *d, const struct composed *c)
{
	EACH(d, &c->agents, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.name, x->v.role, x->v.role_term, x->v.affiliation,
		    x->v.kind);
		EACH(d, &x->v.ids, id)
		ADD(d, id->scheme, id->value);
	}
}

static void
add_codes(struct digest *d, const struct composed *c)
{
	for (int a = 0; a < AXES; a++) {
		add_number(d, c->is_set[a]);
		EACH(d, &c->codes[a], x)
		{
			add_number(d, x->record_id);
			ADD(d, x->v.code, x->v.role, x->v.basis, x->v.term,
			    x->v.scheme);
		}
	}
}

static void
add_lists(struct digest *d, const struct composed *c)
{
	EACH(d, &c->titles, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.text, x->v.lang, x->v.lang_basis, x->v.role);
	}
	EACH(d, &c->abstracts, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.text, x->v.lang, x->v.lang_basis);
	}
	EACH(d, &c->identifiers, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.scheme, x->v.value);
	}
	EACH(d, &c->links, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.role, x->v.url, x->v.lang, x->v.media_type);
	}
	EACH(d, &c->subjects, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.text, x->v.scheme, x->v.code, x->v.lang);
	}
	EACH(d, &c->dates, x)
	{
		add_number(d, x->record_id);
		add_number(d, x->v.approximate);
		ADD(d, x->v.role, x->v.value, x->v.until, x->v.precision,
		    x->v.text);
	}
	EACH(d, &c->relations, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.type, x->v.scheme, x->v.value, x->v.text);
	}
	EACH(d, &c->rights, x)
	{
		add_number(d, x->record_id);
		ADD(d, x->v.text, x->v.url, x->v.code);
	}
}

void
composed_digest(uint8_t out[DIGEST_BYTES], const struct composed *c)
{
	struct digest d;

	digest_init(&d);
	add_fields(&d, c);
	add_agents(&d, c);
	add_codes(&d, c);
	add_lists(&d, c);
	digest_end(&d, out);
}
