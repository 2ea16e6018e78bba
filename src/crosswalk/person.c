#include "crosswalk/person.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "crosswalk/vocab.h"

/* The dot of an initial ("Smith, J.") or of Jr. belongs to the name. */
static bool
is_initial(const char *s, size_t n)
{
	const char *word;

	if (n < 2 || s[n - 1] != '.')
		return false;
	word = s + n - 1;
	while (word > s && word[-1] != ' ' && word[-1] != '.' &&
	       word[-1] != '-' && word[-1] != ',')
		word--;
	/* one character, of up to four bytes, or a title */
	return (size_t)(s + n - 1 - word) <= 2 ||
	       (str_case_starts(word, "jr.") || str_case_starts(word, "sr."));
}

static size_t
without_punctuation(const char *s, size_t n)
{
	while (n > 0 && (strchr(" ,;:/", s[n - 1]) != NULL ||
			    (s[n - 1] == '.' && !is_initial(s, n))))
		n--;
	return n;
}

/* "1950-2001", "b. 1950", "fl. ca. 1880": digits, and no word of a name. */
static bool
is_dates(const char *s, size_t n)
{
	size_t digits = 0, letters = 0, longest = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_letter = (unsigned char)s[i] >= 0x80 ||
				 ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z');

		digits += s[i] >= '0' && s[i] <= '9';
		letters = is_letter ? letters + 1 : 0;
		if (letters > longest)
			longest = letters;
	}
	return digits >= 3 && longest <= 4;
}

static bool
is_role(struct arena *a, const char *s, size_t n)
{
	const char *text = arena_strndup(a, s, n);

	/* A role begins with a small letter; a name does not. */
	return *s >= 'a' && *s <= 'z' && vocab_role(text) != NULL;
}

const char *
person_name(struct arena *a, const char *text)
{
	size_t n = without_punctuation(text, strlen(text));

	for (;;) {
		size_t comma = n, from;

		while (comma > 0 && text[comma - 1] != ',')
			comma--;
		if (comma <= 1)
			break;
		from = comma + strspn(text + comma, " ");
		if (from < n && !is_dates(text + from, n - from) &&
		    !is_role(a, text + from, n - from))
			break;
		n = without_punctuation(text, comma - 1);
	}
	return arena_strndup(a, text, n);
}
