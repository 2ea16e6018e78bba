/* Titles, abstracts, subjects, agents, rights. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/internal.h"

void
take_title(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e), *first;
	struct rec_text *t;

	if (text == NULL || (t = ADD(x, titles)) == NULL)
		return;
	t->text = text;
	t->lang = element_lang(x, e);
	t->lang_basis = t->lang ? "declared" : NULL;
	t->role = rule->role;
	if (t->role != NULL)
		return;
	/* The first title is the main one; one in another language is its
	 * translation. */
	first = x->r->titles.items[0].lang;
	if (x->r->titles.count == 1)
		t->role = "main";
	else if (t->lang != NULL && first != NULL &&
		 strcmp(t->lang, first) != 0)
		t->role = "translated";
	else
		t->role = "alternative";
}

void
take_abstract(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_paragraphs(x, e);
	struct rec_text *t;

	(void)rule;
	if (text == NULL)
		return;
	for (size_t i = 0; i < x->r->abstracts.count; i++)
		if (strcmp(x->r->abstracts.items[i].text, text) == 0)
			return;
	t = ADD(x, abstracts);
	if (t == NULL)
		return;
	t->text = text;
	t->lang = element_lang(x, e);
	t->lang_basis = t->lang ? "declared" : NULL;
}

void
take_subject(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	static const char eu[] = "info:eu-repo/classification/";
	const char *text = element_line(x, e), *code;
	struct rec_subject *s;

	(void)rule;
	if (text == NULL || (s = ADD(x, subjects)) == NULL)
		return;
	s->text = text;
	s->lang = element_lang(x, e);
	if (str_starts(text, eu)) {
		text += sizeof(eu) - 1;
		code = strchr(text, '/');
		if (code != NULL) {
			s->scheme =
			    arena_strndup(x->a, text, (size_t)(code - text));
			s->code = code + 1;
		}
	} else if (e->type != NULL && *e->type != '\0') {
		code = strchr(e->type, ':');
		s->scheme = code ? code + 1 : e->type;
	}
}

/* "https://orcid.org/…" as a creator of its own: of the one before. */
static bool
take_agent_id(struct crosswalk *x, const char *text)
{
	struct rec_agent *last;
	struct found_id f;
	struct rec_id *id;

	if (x->r->agents.count == 0)
		return false;
	identifier_find(&f, x->a, text);
	if (f.scheme == NULL ||
	    (strcmp(f.scheme, "orcid") != 0 && strcmp(f.scheme, "isni") != 0 &&
		strcmp(f.scheme, "ror") != 0))
		return false;
	last = &x->r->agents.items[x->r->agents.count - 1];
	id = record_add(x->a, &last->ids);
	if (id != NULL) {
		id->scheme = f.scheme;
		id->value = f.value;
		id->given = text;
	}
	return true;
}

void
take_agent(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e);
	struct rec_agent *a;

	if (text == NULL)
		return;
	if ((url_is_http(text) || str_case_starts(text, "orcid:")) &&
	    take_agent_id(x, text))
		return;
	for (size_t i = 0; i < x->r->agents.count; i++) {
		a = &x->r->agents.items[i];
		if (strcmp(a->name, text) == 0 &&
		    strcmp(a->role, rule->role) == 0)
			return;
	}
	a = ADD(x, agents);
	if (a == NULL)
		return;
	a->name = text;
	a->role = rule->role;
	if (strcmp(rule->role, "publisher") == 0)
		a->kind = "organisation";
}

/* info:eu-repo/semantics/openAccess, COAR's access rights, or the words. */
static const char *
access_of(const char *text)
{
	static const struct {
		const char *end, *access;
	} words[] = {
	    {"openaccess", "open"},
	    {"open access", "open"},
	    {"c_abf2", "open"},
	    {"embargoedaccess", "embargoed"},
	    {"c_f1cf", "embargoed"},
	    {"restrictedaccess", "restricted"},
	    {"restricted access", "restricted"},
	    {"c_16ec", "restricted"},
	    {"closedaccess", "closed"},
	    {"closed access", "closed"},
	    {"c_14cb", "closed"},
	};
	size_t n = strlen(text);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t k = strlen(words[i].end);

		if (n >= k && n < 80 &&
		    strcasecmp(text + n - k, words[i].end) == 0 &&
		    (n == k || text[n - k - 1] == '/'))
			return words[i].access;
	}
	return NULL;
}

void
take_rights(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e), *access;
	struct rec_rights *r;

	(void)rule;
	if (text == NULL)
		return;
	access = access_of(text);
	if (access != NULL && x->r->access == NULL) {
		x->r->access = access;
		if (str_starts(text, "info:eu-repo/"))
			return;
	}
	r = ADD(x, rights);
	if (r == NULL)
		return;
	if (url_is_http(text) && strpbrk(text, " <>\"") == NULL)
		r->url = text;
	else
		r->text = text;
}
