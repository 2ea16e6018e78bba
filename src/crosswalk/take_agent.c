/* Persons and organisations, and what they did. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/internal.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

/* False when the text is no identifier of agents. */
static bool
add_id(struct crosswalk *x, struct rec_agent *a, const char *text)
{
	struct found_id f;
	struct rec_id *id;

	identifier_find(&f, x->a, text);
	if (f.scheme == NULL && !identifier_as(&f, x->a, "orcid", text) &&
	    !identifier_as(&f, x->a, "isni", text))
		return false;
	if (!word_known(words_agent_scheme, f.scheme))
		return false;
	for (size_t i = 0; i < a->ids.count; i++)
		if (strcmp(a->ids.items[i].scheme, f.scheme) == 0 &&
		    strcmp(a->ids.items[i].value, f.value) == 0)
			return true;
	id = record_add(x->a, &a->ids);
	if (id != NULL) {
		id->scheme = f.scheme;
		id->value = f.value;
		id->given = text;
	}
	return true;
}

/* "https://orcid.org/…" as a creator of its own: of the one before. */
static bool
take_agent_id(struct crosswalk *x, const char *text)
{
	size_t n = x->r->agents.count;

	return n > 0 && add_id(x, &x->r->agents.items[n - 1], text);
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

const char *
agent_kind(const char *text)
{
	static const struct {
		const char *text, *kind;
	} kinds[] = {{"person", "person"}, {"personal", "person"},
	    {"organisation", "organisation"}, {"organization", "organisation"},
	    {"organisational", "organisation"},
	    {"organizational", "organisation"}, {"corporate", "organisation"},
	    {"institution", "organisation"}, {"conference", "organisation"},
	    {"group", "organisation"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcasecmp(text, kinds[i].text) == 0)
			return kinds[i].kind;
	return NULL;
}

/* The role that the rule gives, or what its term means. */
static const char *
role_of(const struct taken *v)
{
	const char *role = v->role;

	if (v->role_term != NULL) {
		const char *said = vocab_role(v->role_term);

		if (said != NULL &&
		    (role == NULL || strcmp(said, "contributor") != 0))
			return said;
	}
	if (role != NULL && !word_known(words_agent_role, role))
		role = vocab_role(role);
	return role != NULL ? role : "contributor";
}

static struct rec_agent *
find(struct crosswalk *x, const char *name, const char *role)
{
	for (size_t i = 0; !IS_FULL(x, agents) && i < x->r->agents.count; i++) {
		struct rec_agent *a = &x->r->agents.items[i];

		if (strcmp(a->name, name) == 0 && strcmp(a->role, role) == 0)
			return a;
	}
	return NULL;
}

void
take_agent(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *term = NULL;
	const char *role = role_of(v), *said;
	struct rec_agent *a;

	if (text == NULL)
		return;
	if ((url_is_http(text) || str_case_starts(text, "orcid:")) &&
	    take_agent_id(x, text))
		return;
	said = split_role(x, &text, &term);
	if (said != NULL && strcmp(said, "contributor") != 0)
		role = said;
	if (term == NULL)
		term = v->role_term;
	a = find(x, text, role);
	if (a == NULL) {
		a = ADD(x, agents);
		if (a == NULL)
			return;
		a->name = text;
		a->role = role;
		a->role_term = term;
		a->kind =
		    strcmp(role, "publisher") == 0 ? "organisation" : NULL;
	}
	if (v->kind != NULL && agent_kind(v->kind) != NULL)
		a->kind = agent_kind(v->kind);
	if (a->affiliation == NULL)
		a->affiliation = v->affiliation;
	for (size_t i = 0; i < v->id_count; i++)
		add_id(x, a, v->ids[i]);
}
