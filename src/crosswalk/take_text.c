/* Titles, abstracts, subjects, rights. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/internal.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

static bool
is_main(const struct rec_text *t)
{
	return t->role != NULL && strcmp(t->role, "main") == 0;
}

/* The same title in the same language, or in one that is not told. */
static bool
has_title(struct crosswalk *x, const char *text, const char *lang)
{
	for (size_t i = 0, most = SEARCHED(x, titles, text); i < most; i++) {
		const struct rec_text *t = &x->r->titles.items[i];

		if (strcmp(t->text, text) == 0 &&
		    (lang == NULL ||
			(t->lang != NULL && strcmp(t->lang, lang) == 0)))
			return true;
	}
	return false;
}

void
take_title(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);
	struct rec_text *t, *first;

	if (text == NULL || has_title(x, text, taken_lang(x, v)) ||
	    (t = ADD(x, titles)) == NULL)
		return;
	t->text = text;
	t->lang = taken_lang(x, v);
	t->lang_basis = t->lang ? "declared" : NULL;
	t->role = v->role != NULL && word_known(words_title_role, v->role)
		      ? v->role
		      : NULL;
	if (t->role != NULL)
		return;
	/* The first title without a role is the main one and stands before all
	 * others; one in another language is its translation. */
	first = &x->r->titles.items[0];
	if (!is_main(first)) {
		struct rec_text main = *t;

		main.role = "main";
		memmove(first + 1, first, (size_t)(t - first) * sizeof(*t));
		*first = main;
	} else if (t->lang != NULL && first->lang != NULL &&
		   strcmp(t->lang, first->lang) != 0)
		t->role = "translated";
	else
		t->role = "alternative";
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
take_abstract(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_paragraphs(x, v), *label = x->label;
	struct rec_text *t;

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
	for (size_t i = 0, most = SEARCHED(x, abstracts, text); i < most; i++)
		if (strcmp(x->r->abstracts.items[i].text, text) == 0)
			return;
	t = ADD(x, abstracts);
	if (t == NULL)
		return;
	t->text = text;
	t->lang = taken_lang(x, v);
	t->lang_basis = t->lang ? "declared" : NULL;
}

/* "dcterms:LCSH" is the scheme LCSH; an address stays. */
static const char *
scheme_of(const char *given)
{
	const char *colon = given != NULL ? strchr(given, ':') : NULL;

	return colon != NULL && colon[1] != '\0' && strstr(given, "://") == NULL
		   ? colon + 1
		   : given;
}

void
take_subject(struct crosswalk *x, const struct taken *v)
{
	static const char eu[] = "info:eu-repo/classification/";
	const char *text = taken_line(x, v), *code;
	struct rec_subject *s;

	if ((text == NULL && v->code == NULL) || (s = ADD(x, subjects)) == NULL)
		return;
	s->text = text;
	s->lang = text != NULL ? taken_lang(x, v) : NULL;
	s->scheme = scheme_of(v->scheme);
	s->code = v->code;
	if (text != NULL && v->code == NULL && str_starts(text, eu)) {
		text += sizeof(eu) - 1;
		code = strchr(text, '/');
		if (code != NULL) {
			s->scheme =
			    arena_strndup(x->a, text, (size_t)(code - text));
			s->code = code + 1;
		}
	}
}

void
take_access(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);
	const char *access =
	    text != NULL ? vocab_map(x->a, RULES_ACCESS, NULL, text) : NULL;

	if (access == NULL && text != NULL && word_known(words_access, text))
		access = text;
	if (access != NULL && x->r->access == NULL)
		x->r->access = access;
	else if (text != NULL && access == NULL)
		record_warn(x->r, x->a, "access-unknown",
		    "access: %.100s is not known", text);
}

static bool
is_address(const char *text)
{
	return url_is_http(text) && strpbrk(text, " <>\"") == NULL;
}

void
take_rights(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *access;
	const char *url = v->url != NULL && is_address(v->url) ? v->url : NULL;
	struct rec_rights *r;

	if (text != NULL && url != NULL && strcmp(text, url) == 0)
		text = NULL;
	if (text == NULL && url == NULL)
		return;
	if (text != NULL && str_starts(text, "info:eu-repo/date/embargoEnd/")) {
		take_date(x, v);
		return;
	}
	access = text != NULL ? vocab_access(text) : NULL;
	if (access != NULL && x->r->access == NULL) {
		x->r->access = access;
		if (str_starts(text, "info:eu-repo/"))
			return;
	}
	r = ADD(x, rights);
	if (r == NULL)
		return;
	r->url = url;
	if (url == NULL && is_address(text))
		r->url = text;
	else
		r->text = text;
}
