/* The text of `covers` to its terms; see record/covers.h. */
#include "record/covers.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "record/words.h"

#define BETWEEN " \t\n,"
#define FORM	"expected AXIS:CODE, such as kind:technology-offer"

static const char *const axes[COVERS_AXIS_COUNT + 1] = {
    [COVERS_KIND] = "kind",
    [COVERS_FAMILY] = "family",
    [COVERS_SECTOR] = "sector",
    [COVERS_COUNTRY] = "country",
};

/* A word of a list, or -1 with the nearest one named. */
static int
find(const char *const *list, const char *what, const char *word,
    const char *expected, struct err *e)
{
	struct str_guess g = str_guess(word);

	for (int i = 0; list[i] != NULL; i++) {
		if (strcmp(list[i], word) == 0)
			return i;
		str_guess_try(&g, list[i]);
	}
	return err_set(e, ERR_PROTO, 0,
	    "the %s \"%.60s\" is not known; %s%s%sexpected %s", what, word,
	    g.found ? "did you mean " : "", g.found ? g.found : "",
	    g.found ? "? " : "", expected);
}

static int
check_kind(const char *code, struct err *e)
{
	char near_[WORD_BYTES];

	if (word_is_kind(code, near_))
		return 0;
	return err_set(e, ERR_PROTO, 0,
	    "the kind \"%.60s\" is not known; %s%s%sexpected one "
	    "of: " WORDS_KIND,
	    code, *near_ ? "did you mean " : "", near_, *near_ ? "? " : "");
}

static int
read_country(char *rest, struct covers_term *t, struct err *e)
{
	char *colon = strchr(rest, ':');

	t->code = rest;
	if (colon != NULL) {
		*colon = '\0';
		t->role = rest;
		t->code = colon + 1;
		if (find(words_country_role, "role", t->role,
			"about, origin, deployed, target or available", e) < 0)
			return -1;
	}
	if (strlen(t->code) == 3 &&
	    (strspn(t->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 ||
		strspn(t->code, "0123456789") == 3))
		return 0;
	return err_set(e, ERR_PROTO, 0,
	    "the country \"%.60s\" is no code; expected ISO 3166-1 alpha-3 "
	    "such as KEN, or a three-digit M49 code",
	    t->code);
}

static int
read_term(char *text, struct covers_term *t, struct err *e)
{
	char *colon = strchr(text, ':');
	int axis;

	if (colon == NULL || colon[1] == '\0')
		return err_set(e, ERR_PROTO, 0, "\"%.60s\" has no %s; " FORM,
		    text, colon == NULL ? "axis" : "code");
	*colon = '\0';
	axis = find(axes, "axis", text, "kind, family, sector or country", e);
	if (axis < 0)
		return -1;
	t->axis = (enum covers_axis)axis;
	t->code = colon + 1;
	switch (t->axis) {
	case COVERS_KIND:
		return check_kind(t->code, e);
	case COVERS_FAMILY:
		return find(words_family, "family", t->code,
			   "offer, need, knowledge, actor or activity", e) < 0
			   ? -1
			   : 0;
	case COVERS_COUNTRY:
		return read_country(colon + 1, t, e);
	default:
		return 0;
	}
}

int
covers_read(struct covers *c, struct arena *a, const char *text, struct err *e)
{
	memset(c, 0, sizeof(*c));
	if (strlen(text) > LIMIT_COVERS_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "it has %zu bytes; expected at most %zu", strlen(text),
		    LIMIT_COVERS_BYTES);
	for (text += strspn(text, BETWEEN); *text != '\0';
	     text += strspn(text, BETWEEN)) {
		size_t n = strcspn(text, BETWEEN);
		struct covers_term *t = c->terms.count < LIMIT_COVERS_TERMS
					    ? record_add(a, &c->terms)
					    : NULL;

		if (t == NULL)
			return err_set(e, ERR_LIMIT, 0,
			    "it has more than %zu terms", LIMIT_COVERS_TERMS);
		if (read_term(arena_strndup(a, text, n), t, e) < 0)
			return -1;
		text += n;
	}
	return 0;
}
