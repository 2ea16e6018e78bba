/* Values that become codes: types, languages, places. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/internal.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

/* Calls take for each part of a list such as "eng; fre", trimmed. */
static void
each_part(struct crosswalk *x, const char *text, const char *separators,
    void (*take)(struct crosswalk *x, const char *part))
{
	while (*text != '\0') {
		size_t n = strcspn(text, separators);
		const char *part = text_line(x->a, text, n);

		if (*part != '\0')
			take(x, part);
		text += n;
		text += strspn(text, separators);
	}
}

void
take_type(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e), *kind;
	struct rec_code *k = &x->r->kind;
	struct rec_type *t;

	(void)rule;
	if (text == NULL || (t = ADD(x, types)) == NULL)
		return;
	t->text = text;
	if (strstr(text, "purl.org/coar/resource_type/") != NULL) {
		t->scheme = "coar";
		t->code = strrchr(text, '/') + 1;
	} else if (strstr(text, "purl.org/dc/dcmitype/") != NULL) {
		t->scheme = "dcmitype";
		t->code = strrchr(text, '/') + 1;
	} else if (str_starts(text, "info:eu-repo/semantics/")) {
		t->scheme = "eu-repo";
		t->code = strrchr(text, '/') + 1;
	}
	kind = vocab_kind(text);
	if (kind == NULL || (k->code != NULL && !x->is_kind_vague))
		return;
	if (k->code != NULL && vocab_kind_is_vague(text))
		return;
	k->code = kind;
	k->basis = "mapped";
	k->term = text;
	k->scheme = t->scheme;
	x->is_kind_vague = vocab_kind_is_vague(text);
}

static void
add_language(struct crosswalk *x, const char *part)
{
	const char *code = vocab_language(x->a, part);
	struct rec_code *l;

	if (code == NULL) {
		if (strcasecmp(part, "und") != 0 &&
		    strcasecmp(part, "mul") != 0 &&
		    strcasecmp(part, "zxx") != 0)
			record_warn(x->r, x->a, "language-unknown",
			    "language: %.100s is no code or name known", part);
		return;
	}
	for (size_t i = 0; i < x->r->languages.count; i++)
		if (strcmp(x->r->languages.items[i].code, code) == 0)
			return;
	l = ADD(x, languages);
	if (l == NULL)
		return;
	l->code = code;
	l->basis = strcmp(code, part) == 0 ? "declared" : "mapped";
	l->term = part;
}

void
take_language(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e);

	(void)rule;
	if (text == NULL)
		return;
	if (strlen(text) > 200) {
		record_warn(x->r, x->a, "language-unknown",
		    "language: %.100s… is no code or name", text);
		return;
	}
	each_part(x, text, url_is_http(text) ? ";" : ",;|/", add_language);
}

static void
add_country(struct crosswalk *x, const char *code, const char *term)
{
	struct rec_code *c;

	for (size_t i = 0; i < x->r->countries.count; i++)
		if (strcmp(x->r->countries.items[i].code, code) == 0)
			return;
	c = ADD(x, countries);
	if (c == NULL)
		return;
	c->code = code;
	c->role = "about";
	c->basis = "mapped";
	c->term = term;
}

static void
add_place(struct crosswalk *x, const char *part)
{
	const char *code = vocab_country(part), *colon, **slot;

	/* Dataverse: "Country/Nation: Canada". */
	if (code == NULL && (colon = strstr(part, ": ")) != NULL)
		code = vocab_country(colon + 2);
	if (code != NULL) {
		for (; code != NULL; code = rules_next(code))
			add_country(x, code, part);
		return;
	}
	slot = ADD(x, coverage);
	if (slot != NULL)
		*slot = part;
}

void
take_coverage(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e);

	(void)rule;
	/* A box or a DCSV ("name=…; start=…") is one value, not a list. */
	if (text != NULL)
		each_part(x, text,
		    strchr(text, '=') || strstr(text, "limit:") ? "" : ";|",
		    add_place);
}
