/* Persons and organisations, and what they did: one text may hold several, and
 * more than names. */
#include <string.h>
#include <strings.h>

#include "crosswalk/internal.h"
#include "crosswalk/people.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

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

/* A word, an address, or a code of the lists that formats take roles from. */
static const char *
role_of_term(const char *term)
{
	static const char *const schemes[] = {
	    "marcrelator", "datacite", "iso19115", "olac"};
	const char *role = vocab_role(term);

	for (size_t i = 0;
	     role == NULL && i < sizeof(schemes) / sizeof(*schemes); i++)
		role = vocab_by_scheme(RULES_ROLE, schemes[i], term);
	return role;
}

/* The role that the rule gives, or what its term means. */
static const char *
role_of(const struct taken *v)
{
	const char *role = v->role;

	if (v->role_term != NULL) {
		const char *said = role_of_term(v->role_term);

		if (said != NULL &&
		    (role == NULL || strcmp(said, "contributor") != 0))
			return said;
	}
	if (role != NULL && !word_known(words_agent_role, role))
		role = role_of_term(role);
	return role != NULL ? role : "contributor";
}

static void
add_id(struct crosswalk *x, struct rec_agent *a, const struct rec_id *id)
{
	struct rec_id *slot;

	for (size_t i = 0; i < a->ids.count; i++)
		if (strcmp(a->ids.items[i].scheme, id->scheme) == 0)
			return; /* a second one is of somebody else */
	slot = record_add(x->a, &a->ids);
	if (slot != NULL)
		*slot = *id;
}

/* The one of the record that has this name and role, else a new one. */
static struct rec_agent *
find_or_add(struct crosswalk *x, const char *name, const char *role)
{
	struct rec_agent *a;

	for (size_t i = 0, most = SEARCHED(x, agents, name); i < most; i++) {
		a = &x->r->agents.items[i];
		if (strcmp(a->name, name) == 0 && strcmp(a->role, role) == 0)
			return a;
	}
	a = ADD(x, agents);
	if (a != NULL) {
		a->name = name;
		a->role = role;
	}
	return a;
}

static void
warn_nameless(struct crosswalk *x)
{
	record_warn(x->r, x->a, "agent-nameless",
	    "agent: an address without a name was left out");
}

/* That of an author is not one of an advisor's, or of a publisher's, who stands
 * between them. */
static bool
may_be_meant(const struct rec_agent *a, const char *role)
{
	return strcmp(role, "author") != 0 || strcmp(a->role, "author") == 0 ||
	       strcmp(a->role, "editor") == 0;
}

/* "https://orcid.org/…" as a creator of its own: of the one before. */
static void
add_to_last(struct crosswalk *x, const struct agent_text *t, const char *role)
{
	size_t n = x->r->agents.count;
	struct rec_agent *last;

	while (n > 0 && !may_be_meant(&x->r->agents.items[n - 1], role))
		n--;
	if (n == 0) {
		warn_nameless(x);
		return;
	}
	last = &x->r->agents.items[n - 1];
	for (size_t i = 0; i < t->id_count; i++)
		add_id(x, last, &t->ids[i]);
	if (last->kind == NULL)
		last->kind = t->kind;
}

static void
take_one(struct crosswalk *x, const struct taken *v, const char *text)
{
	const char *role = role_of(v);
	struct rec_agent *a;
	struct agent_text t;
	struct rec_id id;

	if (!agent_read(&t, x->a, text)) {
		warn_nameless(x);
		return;
	}
	if (t.name == NULL) {
		add_to_last(x, &t, role);
		return;
	}
	/* What the name says of its role is more than its element does. */
	if (t.role != NULL && strcmp(t.role, "contributor") != 0)
		role = t.role;
	a = find_or_add(x, t.name, role);
	if (a == NULL)
		return;
	if (a->role_term == NULL)
		a->role_term = t.role_term ? t.role_term : v->role_term;
	if (a->affiliation == NULL)
		a->affiliation =
		    v->affiliation ? v->affiliation : t.affiliation;
	if (v->kind != NULL && agent_kind(v->kind) != NULL)
		a->kind = agent_kind(v->kind);
	else if (a->kind == NULL)
		a->kind =
		    strcmp(role, "publisher") == 0 ? "organisation" : t.kind;
	for (size_t i = 0; i < t.id_count; i++)
		add_id(x, a, &t.ids[i]);
	/* each of several names is asked for all of them */
	for (size_t i = 0; i < v->id_count && i < LIMIT_AGENT_IDS; i++)
		if (agent_id(&id, x->a, v->ids[i]))
			add_id(x, a, &id);
}

/* "Paris : Éditions X, 2016" (ISBD): what stands behind the place. */
static const char *
without_place(const char *text)
{
	const char *colon = strstr(text, " :");

	return colon != NULL && colon[2 + strspn(colon + 2, " ")] != '\0' &&
		       strstr(colon + 2, " :") == NULL
		   ? colon + 2
		   : text;
}

void
take_agent(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *part;

	if (text == NULL)
		return;
	if (strcmp(role_of(v), "publisher") == 0)
		text = without_place(text);
	/* What says more of one agent is about one agent. */
	if (v->id_count > 0 || v->affiliation != NULL || v->kind != NULL) {
		take_one(x, v, text);
		return;
	}
	while ((part = agent_next(x->a, &text)) != NULL) {
		take_one(x, v, part);
		if (IS_FULL(x, agents))
			break;
		if (*text != '\0' && !may_part(x))
			return;
	}
	if (*text != '\0' && IS_FULL(x, agents))
		ADD(x, agents); /* says so */
}
