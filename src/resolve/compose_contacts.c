/*
 * Addresses of mail and telephone numbers in what is said of persons.
 *
 * An address is a word with an @ between letters or digits and a dot behind
 * it, with the brackets around it.  A number is one that says so (+41 22 …,
 * "Tel. 917 1234"), or has 9 to 15 digits in groups, as years and identifiers
 * have not.
 */
#include <string.h>

#include "resolve/compose.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool
is_mail_byte(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("._%+-'", c) != NULL);
}

/* Bytes of the address that begins at p; 0: none does. */
static size_t
mail_at(const char *p)
{
	size_t n = 0, at, dot = 0;

	while (is_mail_byte(p[n]))
		n++;
	if (n == 0 || p[n] != '@')
		return 0;
	at = n++;
	while (is_alnum(p[n]) || p[n] == '.' || p[n] == '-') {
		if (p[n] == '.' && n > at + 1)
			dot = n;
		n++;
	}
	return dot > 0 && n > dot + 1 ? n : 0;
}

/* A word that says what the number behind it is: its bytes, with what stands
 * between. */
static size_t
label_at(const char *p)
{
	static const char *const words[] = {"telephone", "phone", "mobile",
	    "fax", "tel", "mob", "whatsapp", "t\xc3\xa9l", "ph", NULL};

	for (size_t i = 0; words[i] != NULL; i++) {
		size_t n = strlen(words[i]), k = 0;

		for (; k < n; k++) {
			char c = p[k];

			if (c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
			if (c != words[i][k])
				break;
		}
		if (k < n)
			continue;
		while (p[n] != '\0' && strchr(".: ", p[n]) != NULL)
			n++;
		if (is_digit(p[n]) || p[n] == '+' || p[n] == '(')
			return n;
	}
	return 0;
}

/* Bytes of the number that begins at p; 0: none does. */
static size_t
number_at(const char *p, bool is_labelled)
{
	size_t n = 0, end = 0, digits = 0, groups = 0;
	bool plus = *p == '+';

	if (!plus && *p != '(' && !is_digit(*p))
		return 0;
	for (n = plus; p[n] != '\0'; n++) {
		if (is_digit(p[n])) {
			groups += n == 0 || !is_digit(p[n - 1]);
			digits++;
			end = n + 1;
		} else if (strchr(" ()-./", p[n]) == NULL) {
			break;
		}
	}
	if (is_alnum(p[n]) && end == n)
		return 0; /* part of a word */
	if (digits > 15)
		return 0;
	if (plus || is_labelled)
		return digits >= 5 ? end : 0;
	return digits >= 9 && groups > 1 ? end : 0;
}

/* What is to be left out at p: its bytes, or 0. */
static size_t
contact_at(const char *p, bool begins)
{
	size_t n, label;

	if (!begins)
		return 0;
	n = mail_at(p);
	if (n > 0)
		return n;
	label = label_at(p);
	if (label > 0) {
		n = number_at(p + label, true);
		return n > 0 ? label + n : 0;
	}
	return number_at(p, false);
}

static bool
may_have(const char *s)
{
	size_t digits = 0;

	for (; *s; s++) {
		if (*s == '@')
			return true;
		digits += is_digit(*s);
	}
	return digits >= 5;
}

/* Brackets with nothing in them, doubled blanks, and what parted the name from
 * what is gone. */
static size_t
tidy(char *s, size_t n)
{
	static const char parting[] = " \t\n,;:/|-<([";
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (out > 0 && ((c == ')' && s[out - 1] == '(') ||
				   (c == '>' && s[out - 1] == '<') ||
				   (c == ']' && s[out - 1] == '['))) {
			out--;
			continue;
		}
		if (c == ' ' && out > 0 && s[out - 1] == ' ')
			continue;
		if (c == ',' || c == ';') {
			while (out > 0 && s[out - 1] == ' ')
				out--;
			if (out > 0 && (s[out - 1] == ',' || s[out - 1] == ';'))
				continue;
		}
		s[out++] = c;
	}
	while (out > 0 && strchr(parting, s[out - 1]) != NULL)
		out--;
	s[out] = '\0';
	return out;
}

static bool
has_word(const char *s)
{
	for (; *s; s++) {
		if (is_alnum(*s))
			return true;
	}
	return false;
}

const char *
compose_without_contacts(struct arena *a, const char *text)
{
	size_t n = 0, at = 0;
	bool any = false, begins = true;
	char *out, *from;

	if (text == NULL || !may_have(text))
		return text;
	out = arena_alloc(a, strlen(text) + 1);
	while (text[at] != '\0') {
		size_t skip = contact_at(text + at, begins);

		any |= skip > 0;
		at += skip;
		if (skip > 0 || text[at] == '\0') {
			begins = true;
			continue;
		}
		begins = !is_mail_byte(text[at]) && !is_digit(text[at]);
		out[n++] = text[at++];
	}
	if (!any)
		return text;
	out[n] = '\0';
	tidy(out, n);
	from = out + strspn(out, " \t\n,;:/|");
	return has_word(from) ? from : NULL;
}
