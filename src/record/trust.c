/* How far a source is trusted; see record/trust.h. */
#include "record/trust.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ENTRY_FIELDS] = {
    [ENTRY_TITLE] = "title",
    [ENTRY_TITLE_LANG] = "title_lang",
    [ENTRY_ABSTRACT] = "abstract",
    [ENTRY_KIND] = "kind",
    [ENTRY_STATUS] = "status",
    [ENTRY_ISSUED] = "issued",
    [ENTRY_STARTS] = "starts",
    [ENTRY_ENDS] = "ends",
    [ENTRY_DEADLINE] = "deadline",
    [ENTRY_PUBLISHER] = "publisher",
    [ENTRY_URL] = "url",
    [ENTRY_IMAGE_URL] = "image_url",
    [ENTRY_RIGHTS_URL] = "rights_url",
    [ENTRY_ACCESS] = "access",
    [ENTRY_TRL_MIN] = "trl_min",
    [ENTRY_TRL_MAX] = "trl_max",
    [ENTRY_LANGUAGES] = "languages",
    [ENTRY_COUNTRIES] = "countries",
    [ENTRY_SECTORS] = "sectors",
    [ENTRY_SDGS] = "sdgs",
    [ENTRY_AGENTS] = "agents",
    [ENTRY_IDENTIFIERS] = "identifiers",
    [ENTRY_LINKS] = "links",
    [ENTRY_SUBJECTS] = "subjects",
    [ENTRY_DATES] = "dates",
    [ENTRY_RIGHTS] = "rights",
};

static const char blanks[] = " \t\n";

const char *
entry_field_name(enum entry_field f)
{
	return names[f];
}

int
entry_field_parse(const char *name, size_t n)
{
	for (int f = 0; f < ENTRY_FIELDS; f++) {
		if (strlen(names[f]) == n && !memcmp(names[f], name, n))
			return f;
	}
	return -1;
}

/* A number of at most two digits that fills the n bytes. */
static int
read_number(const char *s, size_t n, signed char *out)
{
	size_t i = n > 0 && (*s == '-' || *s == '+');
	int v = 0;

	if (i == n || n - i > 2)
		return -1;
	for (; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = 10 * v + (s[i] - '0');
	}
	if (v > TRUST_MOST)
		return -1;
	*out = (signed char)(*s == '-' ? -v : v);
	return 0;
}

static size_t
trimmed(const char **s, size_t n)
{
	while (n > 0 && strchr(blanks, **s)) {
		(*s)++;
		n--;
	}
	while (n > 0 && strchr(blanks, (*s)[n - 1]))
		n--;
	return n;
}

static int
read_part(struct trust *t, const char *s, size_t n, struct err *e)
{
	const char *equals = memchr(s, '=', n), *value = s;
	size_t name_len = 0, value_len = n;
	signed char v;
	int f = -1;

	if (equals != NULL) {
		const char *name = s;

		name_len = trimmed(&name, (size_t)(equals - s));
		f = entry_field_parse(name, name_len);
		if (f < 0)
			return err_set(e, ERR_POLICY, 0,
			    "there is no field \"%.*s\"; expected one of an "
			    "entry, such as title, abstract, kind, issued or "
			    "subjects",
			    (int)(name_len < 60 ? name_len : 60), name);
		value = equals + 1;
		value_len = (size_t)(s + n - value);
	}
	value_len = trimmed(&value, value_len);
	if (read_number(value, value_len, &v) < 0)
		return err_set(e, ERR_POLICY, 0,
		    "\"%.*s\" is no degree of trust; expected a number from "
		    "-%d to %d, such as \"3\" or \"2, title = 5\"",
		    (int)(value_len < 60 ? value_len : 60), value, TRUST_MOST,
		    TRUST_MOST);
	for (int i = f < 0 ? 0 : f; i < (f < 0 ? ENTRY_FIELDS : f + 1); i++)
		t->of[i] = v;
	return 0;
}

int
trust_read(struct trust *t, const char *text, struct err *e)
{
	while (*text) {
		const char *s = text;
		size_t n = strcspn(text, ","), len = trimmed(&s, n);

		if (read_part(t, s, len, e) < 0)
			return -1;
		text += n + (text[n] != '\0');
	}
	return 0;
}
