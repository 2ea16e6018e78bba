/* Numbers of authorities, addresses and mail in the names of agents. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/people.h"
#include "crosswalk/text.h"

/* 0000-0002-1825-0097: 19 bytes. */
static bool
is_in_hyphens(const char *s)
{
	for (size_t i = 0; i < 19; i++)
		if (i % 5 == 4 ? s[i] != '-'
			       : !text_is_digit(s[i]) &&
				     (i != 18 || (s[i] | 0x20) != 'x'))
			return false;
	return !text_is_letter(s[19]) && !text_is_digit(s[19]);
}

/* 16 figures, with or without hyphens and spaces, as all ISNI begin. */
static bool
is_number(const char *s)
{
	size_t figures = 0;

	if (strncmp(s, "000", 3) != 0)
		return false;
	for (; *s != '\0'; s++) {
		if (text_is_digit(*s) ||
		    (figures == 15 && (*s == 'x' || *s == 'X')))
			figures++;
		else if (*s != '-' && *s != ' ')
			return false;
	}
	return figures == 16;
}

/* The numbers of ISNI that were set aside for ORCID: from 0000 0001 5000 0007
 * to 0000 0003 5000 0001, and from 0009 0000 0000 0000 on. */
static bool
is_of_orcid(const char *value)
{
	return (strncmp(value, "0000-0001-5", 11) >= 0 &&
		   strncmp(value, "0000-0003-5", 11) < 0) ||
	       strncmp(value, "0009-00", 7) == 0;
}

static bool
is_agent_scheme(const char *scheme)
{
	return scheme != NULL &&
	       (strcmp(scheme, "orcid") == 0 || strcmp(scheme, "isni") == 0 ||
		   strcmp(scheme, "ror") == 0);
}

bool
agent_id(struct rec_id *id, struct arena *a, const char *text)
{
	struct found_id f = {0};
	const char *p;

	/* DSpace: "will be referenced::ORCID::0000-…", "virtual::…" */
	while ((p = strstr(text, "::")) != NULL)
		text = p + 2;
	if (strlen(text) > AGENT_TEXT_BYTES)
		return false;
	if (is_number(text)) {
		identifier_find(&f, a, arena_printf(a, "isni:%s", text));
		if (f.scheme != NULL && is_of_orcid(f.value))
			f.scheme = "orcid";
	} else
		identifier_find(&f, a, text);
	if (!is_agent_scheme(f.scheme))
		return false;
	id->scheme = f.scheme;
	id->value = f.value;
	id->given = strcmp(f.value, text) != 0 ? arena_strdup(a, text) : NULL;
	return true;
}

static void
keep(struct agent_text *out, const struct rec_id *id)
{
	for (size_t i = 0; i < out->id_count; i++)
		if (strcmp(out->ids[i].value, id->value) == 0)
			return;
	if (out->id_count < AGENT_IDS)
		out->ids[out->id_count++] = *id;
}

static void
blank(char *s, size_t n)
{
	memset(s, ' ', n);
}

/* The n bytes at s, where they are an id; then they go. */
static bool
take_if_id(struct agent_text *out, struct arena *a, char *s, size_t n)
{
	struct rec_id id;

	if (!agent_id(&id, a, arena_strndup(a, s, n)))
		return false;
	keep(out, &id);
	blank(s, n);
	return true;
}

/* http://… to its end. */
static void
take_urls(struct agent_text *out, struct arena *a, char *s)
{
	for (char *p = s; (p = strcasestr(p, "http")) != NULL; p++) {
		size_t n = strcspn(p, " ;,()[]<>\"");

		if (!url_is_http(p))
			continue;
		if (!take_if_id(out, a, p, n))
			blank(p, n);
	}
}

/* "ORCID: 0000-…", "ISNI 0000 0001 2103 2683", "ror:04wxnsj81".  The name of
 * the scheme goes in any case, and a number that is not right with it. */
static void
take_named(struct agent_text *out, struct arena *a, char *s, const char *name)
{
	static const char number[] = "0123456789xX-";
	size_t len = strlen(name);

	for (char *p = s; (p = strcasestr(p, name)) != NULL; p++) {
		char *q = p + len;
		size_t n, digits = 0;
		struct rec_id id;

		if ((p > s && text_is_letter(p[-1])) || text_is_letter(*q))
			continue;
		if (strncasecmp(q, ".org/", 5) == 0)
			q += 5;
		else if (strncasecmp(q, " id", 3) == 0 ||
			 strncasecmp(q, "-id", 3) == 0)
			q += 3;
		q += strspn(q, ": ");
		for (n = 0; q[n] != '\0' && digits < 16 &&
			    (strchr(number, q[n]) != NULL || q[n] == ' ');
		     n++)
			digits += q[n] != '-' && q[n] != ' ';
		if (*name == 'r')
			n = strspn(q, "0123456789abcdefghjkmnpqrstvwxyz");
		else if (digits < 8)
			n = 0; /* a word */
		if (n == 0 || (*name == 'r' && n != 9))
			continue;
		if (agent_id(
			&id, a, arena_printf(a, "%s:%.*s", name, (int)n, q)))
			keep(out, &id);
		else if (*name == 'r')
			continue; /* a word of nine letters */
		blank(p, (size_t)(q + n - p));
	}
}

static void
take_bare(struct agent_text *out, struct arena *a, char *s)
{
	for (char *p = s; (p = strchr(p, '-')) != NULL; p++)
		if (p - s >= 4 && strlen(p - 4) >= 19 && is_in_hyphens(p - 4) &&
		    (p - s == 4 ||
			(!text_is_digit(p[-5]) && !text_is_letter(p[-5]))))
			take_if_id(out, a, p - 4, 19);
}

/* "Email: ", "mailto:" in front of an address that goes. */
static size_t
label_before(const char *s, const char *at)
{
	static const char *const labels[] = {
	    "e-mail", "email", "mail", "mailto", "correo"};
	const char *end = at;

	while (end > s && (end[-1] == ' ' || end[-1] == ':'))
		end--;
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		size_t n = strlen(labels[i]);

		if ((size_t)(end - s) >= n &&
		    strncasecmp(end - n, labels[i], n) == 0 &&
		    ((size_t)(end - s) == n ||
			!text_is_letter(end[-(long)n - 1])))
			return (size_t)(at - end) + n;
	}
	return 0;
}

/* Whole words with an @ and a dot behind it; "eScholarship@UMMS" is a name. */
static void
take_mail(char *s)
{
	static const char ends[] = " ;,()[]<>\"";

	for (char *at = s; (at = strchr(at, '@')) != NULL; at++) {
		char *from = at;
		size_t n = strcspn(at, ends);
		const char *dot = memchr(at, '.', n);

		while (from > s && strchr(ends, from[-1]) == NULL)
			from--;
		if (from == at || dot == NULL || dot == at + 1 ||
		    !text_is_letter(dot[1]))
			continue;
		n += (size_t)(at - from);
		blank(from, n);
		n = label_before(s, from);
		blank(from - n, n);
	}
}

void
agent_take_ids(struct agent_text *out, struct arena *a, char *s)
{
	/* Each of them has a figure, a colon or an @; most names have none. */
	if (strpbrk(s, "0123456789:@") == NULL)
		return;
	take_urls(out, a, s);
	take_named(out, a, s, "orcid");
	take_named(out, a, s, "isni");
	take_named(out, a, s, "ror");
	take_bare(out, a, s);
	take_mail(s);
}
