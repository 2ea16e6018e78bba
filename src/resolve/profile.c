/* Profiles from records, and what the model knows of them. */
#include "resolve/profile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/url.h"
#include "record/words.h"
#include "resolve/model.h"
#include "resolve/parameters.h"
#include "resolve/profile_build.h"

uint64_t
profile_hash(enum hash_class class, const void *p, size_t n)
{
	return XXH3_64bits_withSeed(n ? p : "", n, class);
}

uint64_t
profile_hash_both(enum hash_class class, uint64_t a, uint64_t b)
{
	const uint64_t both[2] = {a, b};

	return profile_hash(class, both, sizeof(both));
}

uint64_t
profile_source_title(int32_t source_id, uint64_t title_hash)
{
	return profile_hash_both(
	    HASH_SOURCE_TITLE, (uint64_t)(uint32_t)source_id, title_hash);
}

uint64_t
profile_repeated(uint64_t title_hash)
{
	return profile_hash_both(HASH_REPEATED, 0, title_hash);
}

/* Of one list with record.identifiers' schemes, in the order of id_scheme. */
static const char *const scheme_names[ID_SCHEMES] = {"doi", "handle", "isbn",
    "un-symbol", "iati", "patent", "arxiv", "pmid", "urn", "oai", "url"};

const char *
profile_scheme_name(enum id_scheme s)
{
	return s < ID_SCHEMES ? scheme_names[s] : NULL;
}

static enum id_scheme
find_scheme(const char *name)
{
	enum id_scheme s = 0;

	while (s < ID_SCHEMES && strcmp(name, scheme_names[s]) != 0)
		s++;
	return s;
}

/* The place of a word in a list that ends in NULL, from 1 on; 0: not there. */
static unsigned
word_number(const char *const *list, const char *word)
{
	for (unsigned i = 0; word && list[i]; i++)
		if (strcmp(list[i], word) == 0)
			return i + 1;
	return 0;
}

static void
add_id(struct profile *p, enum id_scheme scheme, const char *value)
{
	if (scheme < ID_SCHEMES && value && *value &&
	    strlen(value) <= LIMIT_PROFILE_ID_BYTES &&
	    p->id_count < LIMIT_PROFILE_IDS)
		p->ids[p->id_count++] =
		    (struct profile_id){.scheme = scheme, .value = value};
}

/* Where a thing is shown is one place, whatever brought people there; what a
 * resolver resolves is an identifier already. */
static void
add_landing(struct profile *p, const char *url, struct arena *a)
{
	const char *host = url ? strstr(url_untracked(a, url), "://") : NULL;

	if (!host)
		return;
	host += 3;
	if (strstr(host, "doi.org/") || strstr(host, "hdl.handle.net/"))
		return;
	add_id(p, ID_URL, host);
}

/* Beside its identifiers: the OAI identifier, by which an aggregator says where
 * it had a record from. */
static void
take_ids(struct profile *p, const struct record *r, struct arena *a)
{
	p->ids = arena_alloc(a, LIMIT_PROFILE_IDS * sizeof(*p->ids));
	for (size_t i = 0; i < r->identifiers.count; i++) {
		const struct rec_id *id = &r->identifiers.items[i];

		if (id->scheme && strcmp(id->scheme, "url") == 0)
			add_landing(p, id->value, a);
		else if (id->scheme)
			add_id(p, find_scheme(id->scheme), id->value);
	}
	add_id(p, ID_OAI, r->origin.identifier);
	if (r->identifier_basis && strcmp(r->identifier_basis, "oai") == 0)
		add_id(p, ID_OAI, r->identifier);
	for (size_t i = 0; i < r->links.count; i++) {
		const struct rec_link *link = &r->links.items[i];

		if (link->role && link->url &&
		    strcmp(link->role, "landing") == 0)
			add_landing(p, link->url, a);
	}
}

static void
take_titles(struct profile *p, const struct rec_match *m)
{
	if (m->title && *m->title)
		p->titles[p->title_count++].text = m->title;
	for (size_t i = 0; i < m->other_titles.count; i++)
		if (p->title_count > 0 && p->title_count < PROFILE_TITLES &&
		    *m->other_titles.items[i])
			p->titles[p->title_count++].text =
			    m->other_titles.items[i];
	p->is_cut = m->is_cut;
	p->lang = m->lang;
}

static void
take_names(struct profile *p, const struct rec_match *m, struct arena *a)
{
	size_t most = m->names.count;

	if (most > LIMIT_MATCH_NAMES)
		most = LIMIT_MATCH_NAMES;
	p->names = arena_calloc(a, most + 1, sizeof(*p->names));
	for (size_t i = 0; i < most; i++) {
		const struct rec_match_name *from = &m->names.items[i];
		struct profile_name *name = &p->names[p->name_count];

		if (!from->text || !*from->text)
			continue;
		name->text = from->text;
		if (from->kind) {
			name->is_person = strcmp(from->kind, "person") == 0;
			name->is_organisation = !name->is_person;
		}
		p->name_count++;
	}
}

static void
take_dates(struct profile *p, const struct rec_match *m)
{
	int year, month, day;

	if (m->year)
		p->year = atoi(m->year) % 10000;
	if (m->day && sscanf(m->day, "%4d-%2d-%2d", &year, &month, &day) == 3 &&
	    date_valid(year, month, day))
		p->day = (int32_t)date_days(year, month, day);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Primary subtags ("zh" of zh-Hant), sorted, each once. */
static const char *
join_languages(const struct record *r, struct arena *a)
{
	enum { LANGUAGES = 16 };
	const char *codes[LANGUAGES];
	size_t count = 0, n = 0;
	char *out;

	for (size_t i = 0; i < r->languages.count && count < LANGUAGES; i++) {
		const char *code = r->languages.items[i].code;

		if (code)
			codes[count++] =
			    arena_strndup(a, code, strcspn(code, "-"));
	}
	if (count == 0)
		return NULL;
	qsort(codes, count, sizeof(*codes), compare_texts);
	for (size_t i = 0; i < count; i++)
		n += strlen(codes[i]) + 1;
	out = arena_alloc(a, n);
	*out = '\0';
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(codes[i], codes[i - 1]) == 0)
			continue;
		if (i > 0)
			strcat(out, " ");
		strcat(out, codes[i]);
	}
	return out;
}

static bool
says_itself(const struct rec_code *kind)
{
	return kind->basis && (strcmp(kind->basis, "declared") == 0 ||
				  strcmp(kind->basis, "mapped") == 0);
}

void
profile_from_record(struct profile *p, const struct record *r,
    int32_t source_id, int64_t record_id, struct arena *a)
{
	const struct rec_match *m = &r->match;

	*p = (struct profile){.record_id = record_id,
	    .source_id = source_id,
	    .day = PROFILE_NO_DAY};
	p->identifier_hash =
	    profile_hash(HASH_RECORD, r->identifier, strlen(r->identifier));
	take_titles(p, m);
	take_names(p, m, a);
	take_dates(p, m);
	take_ids(p, r, a);
	p->languages = join_languages(r, a);
	if (m->venue && *m->venue)
		p->venue = m->venue;
	p->venue_kind = word_number(words_venue_kind, m->venue_kind);
	if (says_itself(&r->kind)) {
		p->kind = r->kind.code;
		p->family = word_number(words_family, r->family);
	}
	profile_build(p, a);
}

static double
bits(uint64_t records, uint32_t count, double least, double most)
{
	double of = fmax((double)records, PARAMETER.records_least);

	return fmax(least, fmin(most, log2(of / (count > 2 ? count : 2))));
}

double
profile_word_bits(uint64_t records, uint32_t count)
{
	return bits(records, count, PARAMETER.word_least, PARAMETER.word_most);
}

double
profile_name_bits(uint64_t records, uint32_t count)
{
	return bits(records, count, PARAMETER.name_least, PARAMETER.name_most);
}

/* Names stand in titles, too. */
static uint64_t
hash_as_name(const struct profile_word *w)
{
	return (w->flags & (WORD_NUMBER | WORD_PLACE)) == 0
		   ? profile_hash(HASH_NAME, w->text, w->length)
		   : 0;
}

/* All that is asked for below; as_names has room for LIMIT_PROFILE_WORDS of
 * each title. */
static void
prefetch(struct profile *p, const struct model *m,
    uint64_t as_names[][LIMIT_PROFILE_WORDS])
{
	for (size_t i = 0; i < p->title_count; i++) {
		const struct profile_title *t = &p->titles[i];

		model_prefetch(m, t->hash);
		for (size_t k = 0; k < t->count; k++) {
			as_names[i][k] = hash_as_name(&t->words[k]);
			model_prefetch(m, t->words[k].hash);
			if (as_names[i][k])
				model_prefetch(m, as_names[i][k]);
		}
	}
	for (size_t i = 0; i < p->name_word_count; i++)
		model_prefetch(m, p->name_words[i].name_hash);
	for (size_t i = 0; i < p->id_count; i++)
		model_prefetch(m, p->ids[i].hash);
}

static void
prepare_names(struct profile *p, const struct model *m, uint64_t records)
{
	uint32_t personal = 0;

	for (size_t i = 0; i < p->name_count; i++) {
		struct profile_name *name = &p->names[i];

		name->is_corporate =
		    name->is_organisation ||
		    (!name->is_person && model_is_publisher(m, name->hash));
		if (!name->is_corporate)
			personal |= UINT32_C(1) << i;
	}
	for (size_t i = 0; i < p->name_word_count; i++) {
		struct profile_name_word *w = &p->name_words[i];

		w->is_personal = (w->names & personal) != 0;
		w->word.holders = model_count(m, w->name_hash);
		w->word.weight =
		    (float)profile_name_bits(records, w->word.holders);
	}
}

/* Names in a title say little about what it is. */
static void
prepare_word(struct profile_word *w, uint64_t as_name, const struct model *m,
    uint64_t records)
{
	uint32_t names;

	w->holders = model_count(m, w->hash);
	w->weight = w->rest = (float)profile_word_bits(records, w->holders);
	if (as_name == 0)
		return;
	names = model_count(m, as_name);
	if (names >= 2 && names >= w->holders)
		w->rest *= (float)PARAMETER.leftover_name;
}

/* How often the one curated source that has the title most often has it.  Most
 * titles are nowhere so often. */
static uint32_t
times_of(const struct profile_title *t, const struct model *m)
{
	const struct model_source *sources;
	size_t count;
	uint32_t most = 1;

	if (t->holders < PARAMETER.boilerplate_times ||
	    (model_count(m, profile_repeated(0)) > 1 &&
		model_count(m, profile_repeated(t->hash)) == 1))
		return most;
	sources = model_sources(m, &count);
	for (size_t i = 0; i < count; i++) {
		uint32_t n;

		if (!sources[i].curated)
			continue;
		n = model_count(
		    m, profile_source_title(sources[i].source_id, t->hash));
		if (n > most)
			most = n;
	}
	return most;
}

void
profile_prepare(struct profile *p, const struct model *m)
{
	uint64_t records = model_records(m);
	uint64_t as_names[PROFILE_TITLES][LIMIT_PROFILE_WORDS];

	p->model = m;
	p->is_curated = model_is_curated(m, p->source_id);
	prefetch(p, m, as_names);
	for (size_t i = 0; i < p->title_count; i++) {
		struct profile_title *t = &p->titles[i];

		for (size_t k = 0; k < t->count; k++)
			prepare_word(&t->words[k], as_names[i][k], m, records);
		t->holders = model_count(m, t->hash);
		t->times = times_of(t, m);
	}
	prepare_names(p, m, records);
	for (size_t i = 0; i < p->id_count; i++)
		p->ids[i].holders = model_count(m, p->ids[i].hash);
}
