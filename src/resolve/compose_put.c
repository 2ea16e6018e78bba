/* Composed entries → rows; see resolve/compose_put.h. */
#include "resolve/compose_put.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/limits.h"

static const char *const copies[PUT_TABLES] = {
    [PUT_ENTRY] =
	"copy sheaf.composed (entry_no, entry_id, digest, record_count, "
	"issued, first_seen, updated_at, starts, ends, deadline, trl_min, "
	"trl_max, kind, family, status, title, title_lang, abstract, "
	"issued_precision, publisher, url, image_url, rights_url, access, "
	"languages, countries, sectors, sdgs, agencies, sources, origins, due) "
	"from stdin (format binary)",
    [PUT_TITLE] =
	"copy sheaf.entry_title (entry_no, record_id, n, text, lang, basis, "
	"role) from stdin (format binary)",
    [PUT_ABSTRACT] =
	"copy sheaf.entry_abstract (entry_no, record_id, n, text, lang, basis) "
	"from stdin (format binary)",
    [PUT_AGENT] =
	"copy sheaf.entry_agent (entry_no, record_id, n, name, role, "
	"role_term, kind, affiliation, ids) from stdin (format binary)",
    [PUT_IDENTIFIER] =
	"copy sheaf.entry_identifier (entry_no, record_id, n, scheme, value) "
	"from stdin (format binary)",
    [PUT_LINK] =
	"copy sheaf.entry_link (entry_no, record_id, n, role, url, lang, "
	"media_type) from stdin (format binary)",
    [PUT_SUBJECT] =
	"copy sheaf.entry_subject (entry_no, record_id, n, text, scheme, code, "
	"lang) from stdin (format binary)",
    [PUT_CODE] = "copy sheaf.entry_code (entry_no, record_id, n, axis, code, "
		 "role, basis, "
		 "term, scheme) from stdin (format binary)",
    [PUT_DATE] =
	"copy sheaf.entry_date (entry_no, record_id, n, role, value, until, "
	"precision, approximate, text) from stdin (format binary)",
    [PUT_RIGHTS] =
	"copy sheaf.entry_rights (entry_no, record_id, n, text, url, code) "
	"from stdin (format binary)",
    [PUT_RELATION] =
	"copy sheaf.entry_relation (entry_no, record_id, n, type, scheme, "
	"value, text) from stdin (format binary)",
};

void
put_init(struct put *p)
{
	memset(p, 0, sizeof(*p));
	for (int t = 0; t < PUT_TABLES; t++)
		db_copy_init(&p->rows[t]);
	buf_init(&p->json, MIB);
}

void
put_release(struct put *p)
{
	for (int t = 0; t < PUT_TABLES; t++)
		db_params_release(&p->rows[t]);
	buf_release(&p->json);
}

int
put_copy(struct put *p, struct work *w, struct err *e)
{
	for (int t = 0; t < PUT_TABLES; t++) {
		if (p->counts[t] > 0 &&
		    db_work_copy(w->db, copies[t], &p->rows[t], e) < 0)
			return -1;
	}
	return 0;
}

/* A row's beginning: every value has them. */
static struct db_params *
row(struct put *p, enum put_table t, unsigned columns, int64_t entry_no,
    int64_t record_id)
{
	db_copy_row(&p->rows[t], columns);
	db_put_i64(&p->rows[t], entry_no);
	db_put_i64(&p->rows[t], record_id);
	p->counts[t]++;
	return &p->rows[t];
}

static void
put_texts(struct db_params *q, size_t n, const char *const *texts)
{
	for (size_t i = 0; i < n; i++)
		db_put_text(q, texts[i]);
}
#define TEXTS(q, ...)                                                          \
	do {                                                                   \
		const char *const texts[] = {__VA_ARGS__};                     \
		put_texts((q), sizeof(texts) / sizeof(*texts), texts);         \
	} while (0)

/* --- the entry --- */
static void
add_origin(struct json *j, const char *name, int64_t record_id, bool is_set)
{
	json_key(j, name);
	if (is_set)
		json_str(j, "operator");
	else
		json_i64(j, record_id);
}

/* {field: record_id}; lists have their records beside each value. */
static const char *
origins(struct put *p, const struct composed *c)
{
	struct json j;

	buf_clear(&p->json);
	json_init(&j, &p->json);
	json_open(&j, '{');
	for (int f = 0; f < ENTRY_LANGUAGES; f++) {
		const struct composed_field *x = &c->fields[f];

		if (x->value != NULL || x->is_set)
			add_origin(&j, entry_field_name((enum entry_field)f),
			    x->record_id, x->is_set);
	}
	for (enum compose_axis a = 0; a < AXES; a++) {
		if (c->is_set[a])
			add_origin(&j, entry_field_name(compose_axis_field(a)),
			    0, true);
	}
	json_close(&j, '}');
	return buf_str(&p->json);
}

static void
put_level(struct db_params *q, int32_t level)
{
	if (level > 0)
		db_put_i16(q, (int16_t)level);
	else
		db_put_null(q);
}

static void
put_names(struct db_params *q, const compose_names *names)
{
	db_copy_texts(q, names->items, names->count);
}

static void
put_row(struct put *p, const struct batch_entry *x, int64_t at)
{
	const struct composed *c = x->composed;
	const struct composed_field *f = c->fields;
	struct db_params *q = &p->rows[PUT_ENTRY];

	db_copy_row(q, 32);
	p->counts[PUT_ENTRY]++;
	db_put_i64(q, x->entry_no);
	db_put_uuid(q, x->id);
	db_put_bytes(q, x->digest, DIGEST_BYTES);
	db_put_i32(q, (int32_t)c->record_count);
	db_put_date(q, c->issued);
	db_put_time(q, c->first_seen);
	db_put_time(q, at);
	db_put_time(q, c->starts);
	db_put_time(q, c->ends);
	db_put_time(q, c->deadline);
	put_level(q, c->trl_min);
	put_level(q, c->trl_max);
	TEXTS(q,
	    f[ENTRY_KIND].value != NULL ? f[ENTRY_KIND].value : "unassigned",
	    c->family, f[ENTRY_STATUS].value, f[ENTRY_TITLE].value,
	    f[ENTRY_TITLE_LANG].value, f[ENTRY_ABSTRACT].value,
	    c->issued_precision, f[ENTRY_PUBLISHER].value, f[ENTRY_URL].value,
	    f[ENTRY_IMAGE_URL].value, f[ENTRY_RIGHTS_URL].value,
	    f[ENTRY_ACCESS].value);
	put_names(q, &c->code_names[AXIS_LANGUAGE]);
	put_names(q, &c->code_names[AXIS_COUNTRY]);
	put_names(q, &c->code_names[AXIS_SECTOR]);
	put_names(q, &c->code_names[AXIS_SDG]);
	put_names(q, &c->agencies);
	put_names(q, &c->sources);
	db_put_jsonb(q, origins(p, c));
	db_put_time(q, c->due);
}

/* --- values --- */
static const char *
ids_json(struct put *p, const struct rec_agent *g)
{
	struct json j;

	if (g->ids.count == 0)
		return NULL;
	buf_clear(&p->json);
	json_init(&j, &p->json);
	json_open(&j, '[');
	for (size_t i = 0; i < g->ids.count; i++) {
		json_open(&j, '{');
		json_field(&j, "scheme", g->ids.items[i].scheme);
		json_field(&j, "value", g->ids.items[i].value);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	return p->json.full ? NULL : buf_str(&p->json);
}

/* Each value of a list, as v, with the place n. */
#define EACH(list) for (int16_t n = 1; (size_t)n <= (list)->count; n++)
#define PUT(table, columns, list)                                              \
	row(p, (table), (columns), no, (list)->items[n - 1].record_id)

static void
put_texts_of(struct put *p, int64_t no, const struct composed *c)
{
	EACH(&c->titles)
	{
		const struct rec_text *v = &c->titles.items[n - 1].v;
		struct db_params *q = PUT(PUT_TITLE, 7, &c->titles);

		db_put_i16(q, n);
		TEXTS(q, v->text, v->lang, v->lang_basis, v->role);
	}
	EACH(&c->abstracts)
	{
		const struct rec_text *v = &c->abstracts.items[n - 1].v;
		struct db_params *q = PUT(PUT_ABSTRACT, 6, &c->abstracts);

		db_put_i16(q, n);
		TEXTS(q, v->text, v->lang, v->lang_basis);
	}
	EACH(&c->subjects)
	{
		const struct rec_subject *v = &c->subjects.items[n - 1].v;
		struct db_params *q = PUT(PUT_SUBJECT, 7, &c->subjects);

		db_put_i16(q, n);
		TEXTS(q, v->text, v->scheme, v->code, v->lang);
	}
}

static void
put_agents(struct put *p, int64_t no, const struct composed *c)
{
	EACH(&c->agents)
	{
		const struct rec_agent *v = &c->agents.items[n - 1].v;
		struct db_params *q = PUT(PUT_AGENT, 9, &c->agents);

		db_put_i16(q, n);
		TEXTS(
		    q, v->name, v->role, v->role_term, v->kind, v->affiliation);
		db_put_jsonb(q, ids_json(p, v));
	}
}

static void
put_places(struct put *p, int64_t no, const struct composed *c)
{
	EACH(&c->identifiers)
	{
		const struct rec_id *v = &c->identifiers.items[n - 1].v;
		struct db_params *q = PUT(PUT_IDENTIFIER, 5, &c->identifiers);

		db_put_i16(q, n);
		TEXTS(q, v->scheme != NULL ? v->scheme : "local", v->value);
	}
	EACH(&c->links)
	{
		const struct rec_link *v = &c->links.items[n - 1].v;
		struct db_params *q = PUT(PUT_LINK, 7, &c->links);

		db_put_i16(q, n);
		TEXTS(q, v->role != NULL ? v->role : "related", v->url, v->lang,
		    v->media_type);
	}
}

static void
put_relations(struct put *p, int64_t no, const struct composed *c)
{
	EACH(&c->relations)
	{
		const struct rec_relation *v = &c->relations.items[n - 1].v;
		struct db_params *q = PUT(PUT_RELATION, 7, &c->relations);

		db_put_i16(q, n);
		TEXTS(q, v->type != NULL ? v->type : "related", v->scheme,
		    v->value, v->text);
	}
}

static void
put_dates(struct put *p, int64_t no, const struct composed *c)
{
	EACH(&c->dates)
	{
		const struct rec_date *v = &c->dates.items[n - 1].v;
		struct db_params *q = PUT(PUT_DATE, 9, &c->dates);

		db_put_i16(q, n);
		TEXTS(q, v->role, v->value, v->until, v->precision);
		db_put_bool(q, v->approximate);
		db_put_text(q, v->text);
	}
	EACH(&c->rights)
	{
		const struct rec_rights *v = &c->rights.items[n - 1].v;
		struct db_params *q = PUT(PUT_RIGHTS, 6, &c->rights);

		db_put_i16(q, n);
		TEXTS(q, v->text, v->url, v->code);
	}
}

static void
put_codes(struct put *p, int64_t no, const struct composed *c)
{
	int16_t place = 1;

	for (enum compose_axis a = 0; a < AXES; a++) {
		EACH(&c->codes[a])
		{
			const struct rec_code *v = &c->codes[a].items[n - 1].v;
			struct db_params *q = PUT(PUT_CODE, 9, &c->codes[a]);

			db_put_i16(q, place++);
			TEXTS(q, compose_axis_name(a), v->code, v->role,
			    v->basis, v->term, v->scheme);
		}
	}
}

void
put_entry(struct put *p, const struct batch_entry *x, int64_t at)
{
	put_row(p, x, at);
	put_texts_of(p, x->entry_no, x->composed);
	put_agents(p, x->entry_no, x->composed);
	put_places(p, x->entry_no, x->composed);
	put_relations(p, x->entry_no, x->composed);
	put_dates(p, x->entry_no, x->composed);
	put_codes(p, x->entry_no, x->composed);
}
