/* LaTeX in titles and abstracts.  What is changed is what nothing but LaTeX
 * writes; braces are dropped only with the command that they belong to. */
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "crosswalk/repair.h"

enum { DEPTH = 32 }; /* of braces; deeper ones leave the text as it is */

struct latex {
	const char *start, *p, *end;
	char *o;
	bool is_dropped[DEPTH]; /* the brace that is open at each depth */
	unsigned depth;
	bool is_wrong; /* braces that do not match */
	bool has_quotes, has_apostrophes; /* escaped with a backslash */
};

/* --- accents -------------------------------------------------------------- */

static uint32_t
mark_of(char accent)
{
	static const struct {
		char accent;
		uint16_t mark;
	} marks[] = {{'\'', 0x301}, {'`', 0x300}, {'^', 0x302}, {'"', 0x308},
	    {'~', 0x303}, {'=', 0x304}, {'.', 0x307}, {'u', 0x306},
	    {'v', 0x30c}, {'H', 0x30b}, {'c', 0x327}, {'k', 0x328},
	    {'r', 0x30a}, {'b', 0x331}, {'d', 0x323}};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (marks[i].accent == accent)
			return marks[i].mark;
	return 0;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "l\'eau", "qu\'il": an apostrophe that some program escaped. */
static bool
is_elision(const char *start, const char *backslash)
{
	static const char *const words[] = {"l", "d", "j", "m", "t", "s", "n",
	    "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"};
	const char *word = backslash;
	size_t n;

	while (word > start && is_letter(word[-1]))
		word--;
	n = (size_t)(backslash - word);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == n &&
		    strncasecmp(word, words[i], n) == 0)
			return true;
	return false;
}

/* Backslashes before quotation marks that are no accents: what follows is no
 * letter that takes one. */
static void
look_for_escapes(struct latex *t, const char *s)
{
	const char *p = s;

	while ((p = memchr(p, '\\', (size_t)(t->end - p))) != NULL &&
	       t->end - p > 1) {
		char c = p[1], next = t->end - p > 2 ? p[2] : ' ';
		bool is_vowel = strchr("aeiouyAEIOUY{\\", next) != NULL ||
				(p > s && p[-1] == '{');

		if (c == '"')
			t->has_quotes = t->has_quotes || !is_vowel;
		if (c == '\'')
			t->has_apostrophes =
			    t->has_apostrophes || !is_vowel || is_elision(s, p);
		p += 2;
	}
}

/* {e}, {\i}, e, \i: the letter, and where it ends; 0 when it is none. */
static char
accented(
    const struct latex *t, const char *p, const char **end, bool *is_braced)
{
	char c;

	*is_braced = p < t->end && *p == '{';
	p += *is_braced;
	if (t->end - p >= 2 && *p == '\\' && (p[1] == 'i' || p[1] == 'j') &&
	    (t->end - p == 2 || !is_letter(p[2])))
		p++;
	if (p >= t->end || !is_letter(*p))
		return 0;
	c = *p++;
	if (*is_braced && (p >= t->end || *p++ != '}'))
		return 0;
	*end = p;
	return c;
}

/* A letter and its accent as one character; false when there is none. */
static bool
compose(struct latex *t, char letter, uint32_t mark)
{
	utf8proc_int32_t points[2] = {letter, (utf8proc_int32_t)mark};

	if (utf8proc_normalize_utf32(
		points, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) != 1)
		return false;
	t->o += utf8_encode(t->o, (uint32_t)points[0]);
	return true;
}

/* "Hawai\'i", "O\'ahu", "Xi\'an" */
static bool
is_behind_vowel(const struct latex *t)
{
	return t->p > t->start && strchr("aeiouAEIOU", t->p[-1]) != NULL;
}

/* is_in_brace: one before the backslash makes it certain. */
static bool
take_accent(struct latex *t, bool is_in_brace)
{
	char accent = t->p[1], letter;
	uint32_t mark = mark_of(accent);
	const char *end;
	bool is_braced;

	if (mark == 0)
		return false;
	letter = accented(t, t->p + 2, &end, &is_braced);
	if (letter == 0)
		return false;
	if (!is_braced && !is_in_brace) {
		/* bare: what could be nothing else */
		if (is_letter(accent) || accent == '=' || accent == '.' ||
		    strchr(accent == '~' ? "anoANO" : "aeiouyAEIOUY", letter) ==
			NULL ||
		    (accent == '"' && t->has_quotes) ||
		    (accent == '\'' &&
			(t->has_apostrophes || is_behind_vowel(t))))
			return false;
	}
	if (!compose(t, letter, mark))
		return false;
	t->p = end;
	return true;
}

/* --- letters and commands ------------------------------------------------- */

/* "\ss{}", or "\ss}" where a brace stands before it. */
static bool
take_letter(struct latex *t, bool is_in_brace)
{
	static const struct {
		const char *name, *text;
	} letters[] = {{"ss", "ß"}, {"ae", "æ"}, {"AE", "Æ"}, {"oe", "œ"},
	    {"OE", "Œ"}, {"aa", "å"}, {"AA", "Å"}, {"o", "ø"}, {"O", "Ø"},
	    {"l", "ł"}, {"L", "Ł"}, {"i", "ı"}, {"dh", "ð"}, {"th", "þ"},
	    {"textquoteright", "’"}, {"textquoteleft", "‘"},
	    {"textendash", "–"}, {"textemdash", "—"}, {"textregistered", "®"},
	    {"texttrademark", "™"}, {"textdegree", "°"}};
	const char *name = t->p + 1, *end = name;
	size_t n;

	while (end < t->end && is_letter(*end))
		end++;
	n = (size_t)(end - name);
	for (size_t i = 0; n > 0 && i < sizeof(letters) / sizeof(*letters);
	     i++) {
		if (strlen(letters[i].name) != n ||
		    memcmp(letters[i].name, name, n) != 0)
			continue;
		if (is_in_brace ? end == t->end || *end != '}'
				: t->end - end < 2 || memcmp(end, "{}", 2) != 0)
			return false;
		t->o = stpcpy(t->o, letters[i].text);
		t->p = end + (is_in_brace ? 0 : 2);
		return true;
	}
	return false;
}

static bool
open_brace(struct latex *t, bool is_dropped)
{
	if (t->depth == DEPTH) {
		t->is_wrong = true;
		return false;
	}
	t->is_dropped[t->depth++] = is_dropped;
	return true;
}

/* "\textit{", and "{\em " (is_in_brace: the brace is taken already). */
static bool
take_command(struct latex *t, bool is_in_brace)
{
	static const char *const with_argument[] = {"textit", "textbf",
	    "textsc", "textrm", "texttt", "textsf", "textsl", "text", "emph",
	    "textsuperscript", "textsubscript", "mbox", "underline"};
	static const char *const switches[] = {"em", "it", "bf", "sc", "rm",
	    "tt", "sf", "sl", "itshape", "bfseries"};
	const char *const *names = is_in_brace ? switches : with_argument;
	size_t count = is_in_brace
			   ? sizeof(switches) / sizeof(*switches)
			   : sizeof(with_argument) / sizeof(*with_argument);
	const char *name = t->p + 1, *end = name;

	while (end < t->end && is_letter(*end))
		end++;
	if (end == t->end || *end != (is_in_brace ? ' ' : '{'))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == (size_t)(end - name) &&
		    memcmp(names[i], name, (size_t)(end - name)) == 0) {
			if (!is_in_brace && !open_brace(t, true))
				return false;
			t->p = end + 1;
			return true;
		}
	return false;
}

/* --- the text ------------------------------------------------------------- */

static void
copy(struct latex *t, size_t n)
{
	memmove(t->o, t->p, n);
	t->o += n;
	t->p += n;
}

static void
take_backslash(struct latex *t)
{
	if (t->end - t->p < 2) {
		copy(t, 1);
		return;
	}
	if (t->p[1] == '&' || t->p[1] == '%') {
		t->p++;
		copy(t, 1);
		return;
	}
	if (!take_accent(t, false) && !take_letter(t, false) &&
	    !take_command(t, false))
		copy(t, t->p[1] == '$' || t->p[1] == '\\' ? 2 : 1);
}

/* "{\'e}", "{\o}", "{\em …}" lose their braces. */
static void
take_brace(struct latex *t)
{
	const char *start = t->p;
	char *o = t->o;

	if (t->end - t->p >= 4 && t->p[1] == '\\') {
		t->p++;
		if ((take_accent(t, true) || take_letter(t, true)) &&
		    t->p < t->end && *t->p == '}') {
			t->p++;
			return;
		}
		t->p = start + 1;
		t->o = o;
		if (take_command(t, true)) {
			open_brace(t, true);
			return;
		}
		t->p = start;
	}
	if (open_brace(t, false))
		copy(t, 1);
}

static void
take_end(struct latex *t)
{
	if (t->depth == 0) {
		copy(t, 1);
		return;
	}
	t->depth--;
	if (t->is_dropped[t->depth])
		t->p++;
	else
		copy(t, 1);
}

/* Mathematics up to the next $ of the same kind. */
static void
take_math(struct latex *t)
{
	const char *end = t->p + 1;

	end += end < t->end && *end == '$';
	end = end < t->end ? memchr(end, '$', (size_t)(t->end - end)) : NULL;
	if (end == NULL) {
		copy(t, 1);
		return;
	}
	end += 1 + (end + 1 < t->end && end[1] == '$' && t->p[1] == '$');
	copy(t, (size_t)(end - t->p));
}

const char *
repair_latex(struct arena *a, const char *s, size_t *n)
{
	struct latex t = {.start = s, .p = s, .end = s + *n};
	char *out;

	if (memchr(s, '\\', *n) == NULL ||
	    (out = arena_alloc(a, *n + 4)) == NULL)
		return s;
	t.o = out;
	look_for_escapes(&t, s);
	while (t.p < t.end && !t.is_wrong) {
		switch (*t.p) {
		case '\\':
			take_backslash(&t);
			break;
		case '{':
			take_brace(&t);
			break;
		case '}':
			take_end(&t);
			break;
		case '$':
			take_math(&t);
			break;
		default:
			copy(&t, 1);
		}
	}
	for (unsigned i = 0; i < t.depth; i++)
		t.is_wrong = t.is_wrong || t.is_dropped[i];
	if (t.is_wrong)
		return s;
	*t.o = '\0';
	*n = (size_t)(t.o - out);
	return out;
}
