/* Taking a name's text apart, from its ends. */
#include "crosswalk/people.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Empty brackets and doubled spaces away; in place. */
static void
tidy(char *s)
{
	char *out = s;

	for (const char *p = s; *p != '\0'; p++) {
		if (*p == ')' || *p == ']' || *p == '>') {
			char *q = out;

			while (q > s && q[-1] == ' ')
				q--;
			if (q > s && strchr("([<", q[-1]) != NULL) {
				out = q - 1;
				continue;
			}
		}
		if (*p == ' ' && (out == s || out[-1] == ' '))
			continue;
		*out++ = *p;
	}
	*out = '\0';
}

/* The dot at the end of s[0..n) is of an initial or an abbreviation. */
static bool
is_abbreviated(const char *s, size_t n)
{
	static const char *const words[] = {"jr", "sr", "inc", "ltd", "co",
	    "corp", "univ", "dept", "assoc", "bros", "pub", "publ", "off",
	    "s.a", "s.p.a", "b.v", "e.v", "etc", "esq", "ges", "st", NULL};
	size_t from = n - 1;

	while (from > 0 && s[from - 1] != ' ' && s[from - 1] != ',')
		from--;
	for (size_t i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == n - 1 - from &&
		    strncasecmp(s + from, words[i], n - 1 - from) == 0)
			return true;
	/* "J.", "Ch.", "J.-P.", "W.L." */
	return n - 1 - from <= 2 || memchr(s + from, '.', n - 1 - from);
}

static size_t
without_punctuation(const char *s, size_t n)
{
	for (;;) {
		if (n > 0 && strchr(" ,;:/|", s[n - 1]) != NULL)
			n--;
		else if (n > 1 && s[n - 1] == '-' && s[n - 2] == ' ')
			n--;
		else if (n > 1 && s[n - 1] == '.' &&
			 (s[n - 2] == ')' || !is_abbreviated(s, n)))
			n--;
		else
			return n;
	}
}

static void
cut(char *s, size_t n)
{
	s[without_punctuation(s, n)] = '\0';
}

/* "1950-2001", "b. 1950", "fl. ca. 1880", "1902-": figures of a year, and no
 * word of a name. */
static bool
is_life(const char *s)
{
	static const char *const words[] = {"b", "d", "ca", "c", "fl", "born",
	    "died", "né", "née", "active", "or", "approximately", "m", "geb",
	    "gest", "th", "century", "jh", "active", NULL};
	size_t digits = 0;

	if (strpbrk(s, "0123456789") == NULL)
		return false; /* nearly all */
	for (; *s != '\0'; s++) {
		size_t n = 0;
		bool is_known = false;

		digits += text_is_digit(*s);
		while (text_is_letter(s[n]))
			n++;
		if (n == 0) {
			if (!text_is_digit(*s) &&
			    strchr(" .-?/[]()", *s) == NULL)
				return false;
			continue;
		}
		for (size_t i = 0; !is_known && words[i] != NULL; i++)
			is_known = strlen(words[i]) == n &&
				   strncasecmp(s, words[i], n) == 0;
		/* the dash between the years */
		if (!is_known && strncmp(s, "–", n) != 0)
			return false;
		s += n - 1;
	}
	return digits >= 4 && digits <= 8;
}

/* "Ph.D.", "M. Sc.", "prof. dr."; where initials may stand, only what has more
 * letters than they have ("B. A."). */
static bool
is_degree(const char *s, bool may_be_initials)
{
	static const char *const words[] = {"phd", "msc", "mscs", "bsc", "mba",
	    "mph", "llm", "llb", "dphil", "mphil", "dds", "dvm", "esq", "prof",
	    "profdr", "drprof", "profdring", "profir", "profdrir", "dring",
	    "professor", "emeritus", "mme", "mlle", "profa", "phdcandidate",
	    "dsc", "scd", "edd", "facp", "frcp", NULL};
	static const char *const two[] = {"md", "ma", "ba", "jd", "rn", "dr",
	    "ir", "mr", "ms", "mrs", "dra", "drs", "ing", "eng", "lic", "mag",
	    NULL};
	char key[24], first;
	size_t n = 0;
	bool has_lower = false;

	for (; *s != '\0'; s++) {
		if (*s == '.' || *s == ' ')
			continue;
		if (!text_is_letter(*s) || n + 1 >= sizeof(key))
			return false;
		has_lower |= is_lower(*s);
		key[n++] = *s;
	}
	key[n] = '\0';
	first = (char)(key[0] | 0x20);
	for (size_t i = 0; words[i] != NULL; i++)
		if (first == *words[i] && strcasecmp(key, words[i]) == 0)
			return has_lower || !may_be_initials;
	for (size_t i = 0; !may_be_initials && two[i] != NULL; i++)
		if (first == *two[i] && strcasecmp(key, two[i]) == 0)
			return true;
	return false;
}

static bool
set_role(struct agent_text *out, struct arena *a, const char *term)
{
	const char *role = vocab_role(term);
	char address[64];

	if (role == NULL && strlen(term) == 3 && is_lower(term[0]) &&
	    is_lower(term[1]) && is_lower(term[2])) {
		str_copy(address, sizeof(address),
		    "http://id.loc.gov/vocabulary/relators/");
		str_copy(address + strlen(address), 4, term);
		role = vocab_role(address);
	}
	if (role == NULL)
		return false;
	if (out->role == NULL) {
		out->role = role;
		out->role_term = arena_strdup(a, term);
	}
	return true;
}

/* Behind a comma a role begins with a small letter ("ed."), is all in capitals
 * ("EDITOR"), or comes after another comma: "Smith, Ed" is a name. */
static bool
is_role_behind_comma(
    struct agent_text *out, struct arena *a, const char *s, const char *comma)
{
	const char *term = comma + 1 + strspn(comma + 1, " ");
	bool is_later = memchr(s, ',', (size_t)(comma - s)) != NULL;
	size_t n = strspn(term, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_ ");

	if (!is_lower(*term) && !(n >= 6 && term[n] == '\0') && !is_later)
		return false;
	return set_role(out, a, term);
}

static bool
is_null(const char *s)
{
	return *s == '\0' || text_is_placeholder(s) ||
	       strcasecmp(s, "null") == 0;
}

/* "Name, EDITOR (Institute)": what is behind a role is an affiliation. */
static bool
cut_affiliation(struct agent_text *out, struct arena *a, char *s, char *open)
{
	size_t n = (size_t)(open - s);
	char *head = arena_strndup(a, s, n), *comma;

	cut(head, n);
	comma = strrchr(head, ',');
	if (comma == NULL || !is_role_behind_comma(out, a, head, comma))
		return false;
	if (out->affiliation == NULL && !is_null(open + 1))
		out->affiliation = arena_strdup(a, open + 1);
	cut(s, (size_t)(comma - head));
	return true;
}

/* What stands in brackets at the end: a role, years, a degree. */
static bool
cut_brackets(struct agent_text *out, struct arena *a, char *s)
{
	size_t n = strlen(s);
	char *open = NULL, close = n > 0 ? s[n - 1] : '\0';
	bool is_gone;

	if (close == ')')
		open = strrchr(s, '(');
	else if (close == ']')
		open = strrchr(s, '[');
	if (open == NULL || open == s)
		return false;
	s[n - 1] = '\0';
	is_gone = is_null(open + 1) || is_life(open + 1) ||
		  is_degree(open + 1, true) || set_role(out, a, open + 1);
	if (is_gone)
		cut(s, (size_t)(open - s));
	else if (cut_affiliation(out, a, s, open))
		return true;
	else
		s[n - 1] = close;
	return is_gone;
}

/* "Branson, Herman, Howard University" */
static bool
is_affiliation(
    struct arena *a, const char *s, const char *comma, const char *rest)
{
	const char *kind;

	if (memchr(s, ',', (size_t)(comma - s)) == NULL ||
	    strchr(rest, ' ') == NULL)
		return false; /* nearly all */
	kind = agent_kind_of(rest);
	if (kind == NULL || *kind != 'o')
		return false;
	kind = agent_kind_of(arena_strndup(a, s, (size_t)(comma - s)));
	return kind != NULL && *kind == 'p';
}

static bool
cut_behind_comma(struct agent_text *out, struct arena *a, char *s)
{
	char *comma = strrchr(s, ',');
	const char *rest;
	bool is_first;

	if (comma == NULL || comma == s)
		return false;
	rest = comma + 1 + strspn(comma + 1, " ");
	is_first = memchr(s, ',', (size_t)(comma - s)) == NULL;
	if (out->affiliation == NULL && is_affiliation(a, s, comma, rest))
		out->affiliation = arena_strdup(a, rest);
	else if (*rest != '\0' && !is_life(rest) &&
		 !is_role_behind_comma(out, a, s, comma) &&
		 !is_degree(rest, is_first))
		return false;
	cut(s, (size_t)(comma - s));
	return true;
}

/* Titles in front of a name or of its second part: "Prof. Dr. ". */
static void
cut_titles(char *s)
{
	static const char *const titles[] = {"prof. dr. ", "prof. ",
	    "professor ", "dr. ", "dr ", "dra. ", "mr. ", "mrs. ", "ms. ",
	    "mme ", "ing. ", "ir. ", "lic. ", "hon. ", NULL};

	for (size_t i = 0; titles[i] != NULL; i++) {
		size_t n;

		if ((*s | 0x20) != *titles[i])
			continue;
		n = strlen(titles[i]);
		if (strncasecmp(s, titles[i], n) != 0 || s[n] == '\0' ||
		    s[n] == ' ')
			continue;
		memmove(s, s + n, strlen(s + n) + 1);
		i = (size_t)-1;
	}
}

static bool
cut_tail(char *s)
{
	static const char *const tails[] = {
	    " et al.", " et al", " ph.d.", " ph.d", " phd"};
	size_t n = strlen(s);

	/* Most names end in another letter. */
	if (n == 0 || strchr(".lLdD", s[n - 1]) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		size_t k = strlen(tails[i]);

		if (n > k && strcasecmp(s + n - k, tails[i]) == 0) {
			cut(s, n - k);
			return true;
		}
	}
	return false;
}

static void
read_name(struct agent_text *out, struct arena *a, char *s)
{
	char *comma;

	s += strspn(s, " ,;:/|.-");
	cut(s, strlen(s));
	while (cut_brackets(out, a, s) || cut_behind_comma(out, a, s) ||
	       cut_tail(s))
		;
	cut_titles(s);
	comma = strchr(s, ',');
	if (comma != NULL && comma[1] == ' ')
		cut_titles(comma + 2);
	out->name = is_null(s) ? NULL : s;
}

bool
agent_read(struct agent_text *out, struct arena *a, const char *text)
{
	char *s = arena_strdup(a, text);

	memset(out, 0, sizeof(*out));
	if (s == NULL)
		return false;
	out->name = s;
	if (strlen(text) > AGENT_TEXT_BYTES)
		return true;
	agent_take_ids(out, a, s);
	tidy(s);
	read_name(out, a, s);
	if (out->name != NULL)
		out->kind = agent_kind_of(out->name);
	for (size_t i = 0; i < out->id_count; i++)
		if (strcmp(out->ids[i].scheme, "isni") != 0)
			out->kind = out->ids[i].scheme[0] == 'o'
					? "person"
					: "organisation";
	return out->name != NULL || out->id_count > 0;
}

/* --- several in one text -------------------------------------------------- */

/* A semicolon or bar that is none of an entity written twice ("&#xfc;"). */
static const char *
find_border(const char *s)
{
	for (const char *p = s; (p = strpbrk(p, ";|")) != NULL; p++) {
		const char *q = p;

		while (q > s && p - q < 10 &&
		       (text_is_letter(q[-1]) || text_is_digit(q[-1]) ||
			   q[-1] == '#'))
			q--;
		if (*p == '|' || q == s || q[-1] != '&' || q == p)
			return p;
	}
	return NULL;
}

/* "J.", "J. P.", "J-P.", "JP": of capitals, at most four. */
static bool
is_initials(const char *s, size_t n)
{
	size_t capitals = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] >= 'A' && s[i] <= 'Z')
			capitals++;
		else if (strchr(". -", s[i]) == NULL)
			return false;
	}
	return capitals > 0 && capitals <= 4;
}

/* "J. Smith", "J.P. van Dyck". */
static bool
begins_with_initial(const char *s, size_t n)
{
	return n > 4 && s[0] >= 'A' && s[0] <= 'Z' && s[1] == '.' &&
	       !is_initials(s, n);
}

/* The border of the first agent in a list between commas, NULL where it is
 * not plainly one. */
static const char *
find_comma(const char *s)
{
	size_t count = 0, pairs = 0, full = 0;
	const char *second = NULL, *first = NULL;

	for (const char *p = s;; p++) {
		size_t n = strcspn(p, ",");
		const char *part = p + strspn(p, " ");
		size_t len = n - (size_t)(part - p < (long)n ? part - p : 0);

		count++;
		full += begins_with_initial(part, len);
		pairs += is_initials(part, len) == (count % 2 == 0);
		p += n;
		if (count == 1)
			first = p;
		if (count == 2)
			second = p;
		if (*p == '\0')
			break;
	}
	if (count >= 4 && count % 2 == 0 && pairs == count)
		return second;
	return count >= 2 && full == count ? first : NULL;
}

const char *
agent_next(struct arena *a, const char **p)
{
	while (**p != '\0') {
		const char *s = *p, *end;
		char *part;

		end = find_border(s);
		if (end == NULL && strlen(s) <= 10 * AGENT_TEXT_BYTES)
			end = find_comma(s);
		if (end == NULL)
			end = s + strlen(s);
		*p = *end != '\0' ? end + 1 : end;
		part = arena_strndup(a, s, (size_t)(end - s));
		if (part == NULL)
			return NULL;
		part = str_trim(part);
		if (*part != '\0')
			return part;
	}
	return NULL;
}
