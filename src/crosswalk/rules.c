#include "crosswalk/rules.h"

#include <string.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/str.h"
#include "crosswalk/rules_block.h"

const char rules_label[] = "label", rules_keyword[] = "keyword",
	   rules_prefix[] = "prefix";

static const char *const vocab_names[RULES_VOCABS] = {
    [RULES_KIND] = "kind",
    [RULES_SECTOR] = "sector",
    [RULES_COUNTRY] = "country",
    [RULES_LANGUAGE] = "language",
    [RULES_SDG] = "sdg",
    [RULES_LICENCE] = "licence",
    [RULES_ACCESS] = "access",
    [RULES_ROLE] = "role",
    [RULES_SCHEME] = "scheme",
};

const char *
rules_vocab_name(enum rules_vocab v)
{
	return vocab_names[v];
}

int
rules_vocab_parse(const char *name)
{
	for (int v = 0; v < RULES_VOCABS; v++)
		if (strcmp(vocab_names[v], name) == 0)
			return v;
	return -1;
}

uint64_t
rules_hash(unsigned vocab, const char *scheme, const char *key)
{
	char bytes[1 + RULES_SCHEME_BYTES + 1 + RULES_KEY_BYTES];
	size_t n = strlen(scheme), k = strlen(key);

	if (n > RULES_SCHEME_BYTES)
		n = RULES_SCHEME_BYTES;
	if (k > RULES_KEY_BYTES)
		k = RULES_KEY_BYTES;
	bytes[0] = (char)vocab;
	memcpy(bytes + 1, scheme, n);
	bytes[1 + n] = '\0';
	memcpy(bytes + 2 + n, key, k);
	return hash64(bytes, 2 + n + k);
}

static const void *
part(const struct rules *r, uint32_t at)
{
	return (const char *)r + at;
}

static const char *
text(const struct rules *r, uint32_t at)
{
	return (const char *)r + r->pool_at + at;
}

/* --- the check ------------------------------------------------------------ */

static bool
lies_within(const struct rules *r, uint32_t at, uint32_t count, size_t size)
{
	return at >= sizeof(*r) && at % _Alignof(uint32_t) == 0 &&
	       at <= r->bytes && count <= (r->bytes - at) / size;
}

static bool
head_is_sound(const struct rules *r, size_t n)
{
	const char *end;

	if (n < sizeof(*r) || memcmp(r->magic, RULES_MAGIC, 8) != 0 ||
	    r->version != RULES_VERSION || r->bytes != n ||
	    n > LIMIT_RULES_BYTES)
		return false;
	if (!lies_within(r, r->slot_at, r->slot_count, sizeof(uint32_t)) ||
	    !lies_within(
		r, r->term_at, r->term_count, sizeof(struct rules_term)) ||
	    !lies_within(
		r, r->thing_at, r->thing_count, sizeof(struct block_thing)) ||
	    !lies_within(
		r, r->name_at, r->name_count, sizeof(struct block_name)) ||
	    !lies_within(r, r->pool_at, r->pool_bytes, 1))
		return false;
	if (r->slot_count <= r->term_count ||
	    (r->slot_count & (r->slot_count - 1)) != 0 || r->pool_bytes < 2)
		return false;
	end = (const char *)r + r->pool_at + r->pool_bytes;
	if (end[-1] != '\0' || end[-2] != '\0')
		return false;
	for (int v = 0; v < RULES_VOCABS; v++)
		if (r->first[v] > r->first[v + 1])
			return false;
	return r->first[0] == 0 && r->first[RULES_VOCABS] == r->thing_count;
}

static bool
parts_are_sound(const struct rules *r)
{
	const uint32_t *slots = part(r, r->slot_at);
	const struct rules_term *terms = part(r, r->term_at);
	const struct block_thing *things = part(r, r->thing_at);
	const struct block_name *names = part(r, r->name_at);
	uint32_t last = r->pool_bytes - 2, taken = 0;

	for (uint32_t i = 0; i < r->slot_count; i++) {
		if (rules_slot_term(slots[i]) > r->term_count)
			return false;
		taken += rules_slot_term(slots[i]) != 0;
	}
	if (taken > r->term_count)
		return false;
	for (uint32_t i = 0; i < r->term_count; i++)
		if (terms[i].scheme > last || terms[i].key > last ||
		    terms[i].codes > last || terms[i].vocab >= RULES_VOCABS)
			return false;
	for (uint32_t i = 0; i < r->thing_count; i++)
		if (things[i].code > last || things[i].parents > last ||
		    things[i].name_first > r->name_count ||
		    things[i].name_count > r->name_count - things[i].name_first)
			return false;
	for (uint32_t i = 0; i < r->name_count; i++)
		if (names[i].text > last || names[i].lang > last)
			return false;
	return true;
}

const struct rules *
rules_open(const void *data, size_t n, struct err *e)
{
	const struct rules *r = data;

	if (head_is_sound(r, n) && parts_are_sound(r))
		return r;
	err_set(e, ERR_SYSTEM, 0,
	    "the compiled vocabularies are damaged, or another version's");
	return NULL;
}

size_t
rules_size(const struct rules *r)
{
	return r->bytes;
}

/* --- terms ---------------------------------------------------------------- */

static const struct rules_term *
probe(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *key)
{
	const uint32_t *slots = part(r, r->slot_at);
	const struct rules_term *terms = part(r, r->term_at), *t;
	uint64_t hash = rules_hash(v, scheme, key);
	uint32_t mask = r->slot_count - 1, at = (uint32_t)hash & mask, term;

	for (; (term = rules_slot_term(slots[at])) != 0; at = (at + 1) & mask) {
		if (slots[at] != (rules_slot_tag(hash) | term))
			continue;
		t = &terms[term - 1];
		if (t->vocab == v && strcmp(text(r, t->key), key) == 0 &&
		    strcmp(text(r, t->scheme), scheme) == 0)
			return t;
	}
	return NULL;
}

/* "y02a 40 25": by "y02a40*", where that stands in a table. */
static const struct rules_term *
probe_beginnings(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *key)
{
	char start[RULES_PREFIX_BYTES + 2];
	const struct rules_term *t = NULL;
	size_t n = 0;

	for (; *key != '\0' && n < RULES_PREFIX_BYTES; key++)
		if (*key != ' ')
			start[n++] = *key;
	if (*key != '\0')
		return NULL;
	for (; t == NULL && n > 0; n--) {
		start[n] = '*';
		start[n + 1] = '\0';
		t = probe(r, v, scheme, start);
	}
	return t;
}

static bool
found(const struct rules *r, const struct rules_term *t, struct rules_hit *hit)
{
	if (t == NULL)
		return false;
	hit->codes = text(r, t->codes);
	hit->basis = t->is_rule ? "rule" : "mapped";
	return true;
}

bool
rules_find_exact(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *exact, struct rules_hit *hit)
{
	return r != NULL && found(r, probe(r, v, scheme, exact), hit);
}

bool
rules_find_key(const struct rules *r, enum rules_vocab v, const char *scheme,
    const struct rules_key *key, struct rules_hit *hit)
{
	const struct rules_term *t;

	if (r == NULL || key->exact[0] == '\0')
		return false;
	t = probe(r, v, scheme, key->exact);
	if (t == NULL && !key->is_plain && key->plain[0] != '\0')
		t = probe(r, v, scheme, key->plain);
	if (t == NULL && strcmp(scheme, rules_label) != 0)
		t = probe_beginnings(r, v, scheme, key->exact);
	return found(r, t, hit);
}

bool
rules_find(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *term, struct rules_hit *hit)
{
	struct rules_key key;

	if (r == NULL)
		return false;
	rules_key(&key, term);
	return rules_find_key(r, v, scheme, &key, hit);
}

void
rules_each_key(const struct rules *r, enum rules_vocab v, const char *scheme,
    void (*each)(void *arg, const char *key), void *arg)
{
	const struct rules_term *terms = r ? part(r, r->term_at) : NULL;

	for (uint32_t i = 0; r != NULL && i < r->term_count; i++)
		if (terms[i].vocab == v &&
		    strcmp(text(r, terms[i].scheme), scheme) == 0)
			each(arg, text(r, terms[i].key));
}

const char *
rules_next(const char *code)
{
	code += strlen(code) + 1;
	return *code != '\0' ? code : NULL;
}

const char *
rules_code(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *term)
{
	struct rules_hit hit;

	if (!rules_find(r, v, scheme, term, &hit) ||
	    rules_next(hit.codes) != NULL)
		return NULL;
	return hit.codes;
}

const char *
rules_concept(const struct rules *r, const char *address, const char **local)
{
	char start[RULES_KEY_BYTES];
	size_t n = strlen(address);

	while (n > 0 && (address[n - 1] == '/' || address[n - 1] == '#'))
		n--;
	while (n > 0 && strchr("/#:", address[n - 1]) == NULL)
		n--;
	if (n == 0 || n >= sizeof(start) || memchr(address, ':', n) == NULL)
		return NULL;
	memcpy(start, address, n);
	start[n] = '\0';
	*local = address + n;
	return rules_code(r, RULES_SCHEME, rules_prefix, start);
}

/* --- things --------------------------------------------------------------- */

size_t
rules_count(const struct rules *r, enum rules_vocab v)
{
	return r != NULL ? r->first[v + 1] - r->first[v] : 0;
}

void
rules_thing(const struct rules *r, enum rules_vocab v, size_t i,
    struct rules_thing *out)
{
	const struct block_thing *t =
	    (const struct block_thing *)part(r, r->thing_at) + r->first[v] + i;
	const char *parents = text(r, t->parents);

	out->code = text(r, t->code);
	out->parents = *parents != '\0' ? parents : NULL;
	out->name_first = t->name_first;
	out->name_count = t->name_count;
}

void
rules_name(const struct rules *r, size_t i, struct rules_name *out)
{
	const struct block_name *n =
	    (const struct block_name *)part(r, r->name_at) + i;

	out->text = text(r, n->text);
	out->lang = text(r, n->lang);
	out->is_alternative = n->is_alternative != 0;
}

bool
rules_thing_find(const struct rules *r, enum rules_vocab v, const char *code,
    struct rules_thing *out)
{
	size_t low = 0, high = rules_count(r, v);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order;

		rules_thing(r, v, mid, out);
		order = strcmp(out->code, code);
		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}
