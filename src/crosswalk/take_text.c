/* Titles, abstracts, subjects, agents, rights. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/internal.h"
#include "crosswalk/vocab.h"

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

/* 245 $a, without the punctuation that leads on to what follows it on a
 * card (ISBD). */
void
take_marc_title(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	struct meta_element title = *e;

	while (title.len > 0 && strchr(" /:;=,", title.text[title.len - 1]))
		title.len--;
	title.text = arena_strndup(x->a, title.text, title.len);
	take_title(x, rule, &title);
}

/* DataCite's oai_dc writes the kind of a description as a description of its
 * own before it. */
static bool
is_label(const char *text)
{
	static const char *const labels[] = {"Abstract", "Methods",
	    "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strcmp(text, labels[i]) == 0)
			return true;
	return false;
}

void
take_abstract(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_paragraphs(x, e), *label = x->label;
	struct rec_text *t;

	(void)rule;
	x->label = NULL;
	if (text == NULL)
		return;
	if (is_label(text)) {
		x->label = text;
		return;
	}
	if (label != NULL && strcmp(label, "SeriesInformation") == 0 &&
	    take_series(x, text))
		return;
	/* An address alone: Digital Commons' picture of the first page. */
	if (url_is_http(text) && strpbrk(text, " \n<>\"") == NULL) {
		const char *role = link_role(text);

		add_link(
		    x, text, strcmp(role, "landing") == 0 ? "related" : role);
		return;
	}
	for (size_t i = 0; !IS_FULL(x, abstracts) && i < x->r->abstracts.count;
	     i++)
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

/* "Name (Editor)", "Name, EDITOR": cuts the role off the name and returns
 * what it means, NULL where there is none. */
static const char *
split_role(struct crosswalk *x, const char **name, const char **term)
{
	const char *s = *name, *open = strrchr(s, '('), *role;
	size_t n = strlen(s);

	if (open != NULL && open > s && open[-1] == ' ' && s[n - 1] == ')') {
		*term = arena_strndup(
		    x->a, open + 1, (size_t)(s + n - 1 - (open + 1)));
		n = (size_t)(open - 1 - s);
	} else {
		open = strrchr(s, ',');
		if (open == NULL || open == s || open[1] != ' ' ||
		    strlen(open + 2) < 6 ||
		    open[2 + strspn(open + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")])
			return NULL;
		*term = open + 2;
		n = (size_t)(open - s);
	}
	role = vocab_role(*term);
	if (role == NULL)
		*term = NULL;
	else
		*name = arena_strndup(x->a, s, n);
	return role;
}

void
take_agent(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e), *term = NULL, *role = rule->role;
	const char *said;
	struct rec_agent *a;

	if (text == NULL)
		return;
	if ((url_is_http(text) || str_case_starts(text, "orcid:")) &&
	    take_agent_id(x, text))
		return;
	said = split_role(x, &text, &term);
	if (said != NULL && strcmp(said, "contributor") != 0)
		role = said;
	for (size_t i = 0; !IS_FULL(x, agents) && i < x->r->agents.count; i++) {
		a = &x->r->agents.items[i];
		if (strcmp(a->name, text) == 0 && strcmp(a->role, role) == 0)
			return;
	}
	a = ADD(x, agents);
	if (a == NULL)
		return;
	a->name = text;
	a->role = role;
	a->role_term = term;
	if (strcmp(role, "publisher") == 0)
		a->kind = "organisation";
}

void
take_rights(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e)
{
	const char *text = element_line(x, e), *access;
	struct rec_rights *r;

	if (text == NULL)
		return;
	if (str_starts(text, "info:eu-repo/date/embargoEnd/")) {
		take_date(x, rule, e);
		return;
	}
	access = vocab_access(text);
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
