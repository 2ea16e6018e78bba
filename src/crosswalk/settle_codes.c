/* Sectors, SDGs and countries of a record, from what names them best. */
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/keywords.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

static const enum rules_vocab vocab_of[] = {
    [AXIS_SECTOR] = RULES_SECTOR,
    [AXIS_SDG] = RULES_SDG,
    [AXIS_COUNTRY] = RULES_COUNTRY,
};
enum { AXES = 3 };

static void
add_codes(struct crosswalk *x, enum code_axis axis, const char *codes,
    struct rec_code how)
{
	for (; codes != NULL; codes = rules_next(codes)) {
		how.code = codes;
		how.role = axis == AXIS_COUNTRY ? "about" : NULL;
		code_add(x, axis, &how);
	}
}

/* --- sets ----------------------------------------------------------------- */

/* A set of that name elsewhere means something else: only codes and labels of
 * ours count, and no other is worth a warning. */
static bool
is_term(const char *what, const char *term)
{
	if (strcmp(what, "kind") == 0)
		return vocab_family(term) != NULL || vocab_kind(term) != NULL;
	if (strcmp(what, "sector") == 0)
		return vocab_sectors(term) != NULL;
	if (strcmp(what, "sdg") == 0)
		return vocab_sdgs(term) != NULL;
	if (strcmp(what, "status") == 0)
		return word_known(words_status, term);
	return str_starts(what, "country:") &&
	       word_known(words_country_role, what + 8) &&
	       (vocab_country_code(term) != NULL ||
		   vocab_country(term) != NULL);
}

static void
take_set(struct crosswalk *x, const char *set)
{
	static const char *const kinds[] = {
	    "kind:", "sector:", "sdg:", "status:", "country:"};
	const char *colon = strrchr(set, ':'), *what;
	bool is_ours = false;

	for (size_t i = 0; colon && i < sizeof(kinds) / sizeof(*kinds); i++)
		is_ours = is_ours || str_starts(set, kinds[i]);
	if (!is_ours)
		return;
	what = arena_strndup(x->a, set, (size_t)(colon - set));
	if (is_term(what, colon + 1))
		feed_take_profile(
		    x, arena_printf(x->a, "urn:sheaf:%s", what), colon + 1);
}

/* --- subjects ------------------------------------------------------------- */

/* Of a code of a classification, on whichever axis that names something. */
static bool
take_concept(
    struct crosswalk *x, const char *scheme, const char *code, const char *term)
{
	struct rec_code how = {
	    .basis = "mapped", .term = term, .scheme = scheme};
	struct rules_key key;
	struct rules_hit hit;
	bool is_found = false;

	rules_key(&key, code);
	for (int axis = 0; axis < AXES; axis++)
		if (rules_find_key(
			vocab_rules(), vocab_of[axis], scheme, &key, &hit)) {
			add_codes(x, (enum code_axis)axis, hit.codes, how);
			is_found = true;
		}
	return is_found;
}

/* The scheme of the tables that a scheme's name or address stands for. */
static const char *
scheme_of(const char *name)
{
	const char *scheme;

	if (name == NULL || *name == '\0')
		return NULL;
	scheme = rules_code(vocab_rules(), RULES_SCHEME, rules_label, name);
	return scheme ? scheme
		      : rules_code(
			    vocab_rules(), RULES_SCHEME, rules_prefix, name);
}

/* Symbols of the patent classifications tell themselves by their form: "Y02E
 * 10/50", "H02S 20/30". */
static const char *
patent_scheme(const char *text)
{
	size_t n = 4, digits;

	if (text[0] < 'A' || text[0] > 'Y' || text[1] < '0' || text[1] > '9' ||
	    text[2] < '0' || text[2] > '9' || text[3] < 'A' || text[3] > 'Z')
		return NULL;
	n += text[n] == ' ';
	digits = strspn(text + n, "0123456789");
	if (digits < 1 || digits > 4 || text[n + digits] != '/')
		return NULL;
	n += digits + 1;
	digits = strspn(text + n, "0123456789");
	if (digits < 2 || digits > 6 || text[n + digits] != '\0')
		return NULL;
	return text[0] == 'Y' ? "cpc" : "ipc";
}

static bool
take_code(struct crosswalk *x, const struct rec_subject *s)
{
	const char *scheme = NULL, *code = s->code ? s->code : s->text, *local;

	if (strchr(code, ':') != NULL)
		scheme = rules_concept(vocab_rules(), code, &local);
	if (scheme != NULL)
		return take_concept(x, scheme, local, code);
	scheme = scheme_of(s->scheme);
	if (scheme == NULL)
		scheme = patent_scheme(code);
	if (scheme == NULL)
		return false;
	if (take_concept(x, scheme, code, code))
		return true;
	/* "14010: Water sector policy" */
	if (s->code == NULL && *code >= '0' && *code <= '9') {
		local = arena_strndup(x->a, code, strcspn(code, " :;-"));
		return take_concept(x, scheme, local, s->text);
	}
	return false;
}

/* The World and its like are no subject. */
static bool
is_world(const char *codes)
{
	return strcmp(codes, "001") == 0;
}

static bool
take_label(struct crosswalk *x, const char *text, const struct rec_subject *s)
{
	struct rec_code how = {
	    .basis = "mapped", .term = s->text, .scheme = s->scheme};
	struct rules_key key;
	struct rules_hit hit;
	bool is_found = false;

	rules_key(&key, text);
	if (!keywords_may_be_label(&key))
		return false;
	for (int axis = 0; axis < AXES; axis++)
		if (rules_find_key(vocab_rules(), vocab_of[axis], rules_label,
			&key, &hit) &&
		    !(axis == AXIS_COUNTRY && is_world(hit.codes))) {
			add_codes(x, (enum code_axis)axis, hit.codes, how);
			is_found = true;
		}
	return is_found;
}

/* "WATER SUPPLY--KENYA", "Energy; Water", "Environment > Climate::Adaptation",
 * "SDG 7: Affordable and clean energy". */
static bool
take_parts(struct crosswalk *x, const struct rec_subject *s)
{
	const char *p = s->text;
	bool is_found = false;

	if (strpbrk(p, ";|>:") == NULL && strstr(p, "--") == NULL)
		return false;
	for (unsigned i = 0; *p != '\0' && i < LIMIT_SUBJECT_PARTS; i++) {
		size_t n = strcspn(p, ";|>:-");

		/* one hyphen is part of a word */
		while (p[n] == '-' && p[n + 1] != '-')
			n += 1 + strcspn(p + n + 1, ";|>:-");
		if (n > 0)
			is_found |= take_label(x, arena_strndup(x->a, p, n), s);
		p += n;
		p += strspn(p, ";|>:-");
	}
	return is_found;
}

static bool
take_subject_codes(struct crosswalk *x, const struct rec_subject *s)
{
	const char *colon;

	if (str_case_starts(s->text, "urn:sheaf:") &&
	    (colon = strrchr(s->text, ':')) != NULL) {
		feed_take_profile(x,
		    arena_strndup(x->a, s->text, (size_t)(colon - s->text)),
		    colon + 1);
		return true;
	}
	return take_code(x, s) || take_label(x, s->text, s) || take_parts(x, s);
}

/* A page has the same subjects again and again, and most stand for nothing. */
static void
subjects(struct crosswalk *x)
{
	struct record *r = x->r;

	for (size_t i = 0; i < r->subjects.count && i < LIMIT_SUBJECTS_MAPPED;
	     i++) {
		const struct rec_subject *s = &r->subjects.items[i];
		uint64_t hash, *slot;

		if (s->text == NULL) {
			if (s->code != NULL)
				take_code(x, s);
			continue;
		}
		if (s->scheme != NULL || s->code != NULL) {
			take_subject_codes(x, s);
			continue;
		}
		hash = hash64(s->text, strlen(s->text));
		slot = &x->no_code[hash % NO_CODE_SLOTS];
		if (*slot != hash && !take_subject_codes(x, s))
			*slot = hash;
	}
}

/* --- what is left --------------------------------------------------------- */

/* A target's own sector, else its goal's. */
static void
sectors_of_sdgs(struct crosswalk *x)
{
	struct rules_hit hit;

	for (size_t i = 0; i < x->r->sdgs.count; i++) {
		const char *sdg = x->r->sdgs.items[i].code;
		struct rec_code how = {
		    .basis = "mapped", .term = sdg, .scheme = "sdg"};
		const char *goal = arena_strndup(x->a, sdg, strcspn(sdg, "."));

		if (rules_find(vocab_rules(), RULES_SECTOR, "sdg", sdg, &hit) ||
		    rules_find(vocab_rules(), RULES_SECTOR, "sdg", goal, &hit))
			add_codes(x, AXIS_SECTOR, hit.codes, how);
	}
}

struct keyword_search {
	struct crosswalk *x;
	const char *text;
};

static void
take_keyword(void *arg, const char *codes)
{
	struct keyword_search *k = arg;
	struct rec_code how = {.basis = "rule", .term = k->text};

	if (k->x->r->sectors.count < LIMIT_SECTORS_BY_RULE)
		add_codes(k->x, AXIS_SECTOR, codes, how);
}

static void
sectors_by_keyword(struct crosswalk *x)
{
	struct record *r = x->r;
	struct keyword_search k = {.x = x};

	for (size_t i = 0; i < r->subjects.count && i < LIMIT_SUBJECTS_MAPPED;
	     i++)
		if ((k.text = r->subjects.items[i].text) != NULL)
			keywords_find(k.text, take_keyword, &k);
	for (size_t i = 0; r->sectors.count == 0 && i < r->titles.count &&
			   i < LIMIT_SUBJECTS_MAPPED;
	     i++)
		if ((k.text = r->titles.items[i].text) != NULL)
			keywords_find(k.text, take_keyword, &k);
}

void
settle_codes(struct crosswalk *x)
{
	struct record *r = x->r;

	if (vocab_rules() == NULL)
		return;
	for (size_t i = 0; i < r->sets.count; i++)
		take_set(x, r->sets.items[i]);
	subjects(x);
	if (r->sectors.count == 0)
		sectors_of_sdgs(x);
	if (r->sectors.count == 0)
		sectors_by_keyword(x);
}
