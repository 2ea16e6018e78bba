/* What a record stands in, and what kind of thing that is; years that are
 * stated where no date is. */
#include <string.h>

#include "base/limits.h"
#include "base/url.h"
#include "base/utf8.h"
#include "crosswalk/match.h"
#include "crosswalk/match_words.h"
#include "crosswalk/text.h"

/* Of a relation: its text, where it is no identifier or address. */
static const char *
relation_text(const struct record *r, const char *type)
{
	for (size_t i = 0; i < r->relations.count; i++) {
		const struct rec_relation *rel = &r->relations.items[i];

		if (rel->scheme == NULL && rel->text != NULL &&
		    rel->type != NULL && strcmp(rel->type, type) == 0 &&
		    !url_is_http(rel->text))
			return rel->text;
	}
	return NULL;
}

const char *
match_venue_text(const struct record *r)
{
	const char *text = r->container.title;

	if (text == NULL)
		text = relation_text(r, "part-of");
	for (size_t i = 0; text == NULL && i < r->agents.count; i++)
		if (r->agents.items[i].role != NULL &&
		    strcmp(r->agents.items[i].role, "publisher") == 0)
			text = r->agents.items[i].name;
	return text != NULL ? text : relation_text(r, "related");
}

/* --- kinds ---------------------------------------------------------------- */

static size_t
digits(const char *s)
{
	size_t n = 0;

	while (text_is_digit(s[n]))
		n++;
	return n;
}

/* "12(3)", "12 (3)" */
static bool
is_issue(const char *s)
{
	s += strspn(s, " ");
	return *s == '(' && digits(s + 1) > 0 && s[1 + digits(s + 1)] == ')';
}

/* ": 123-145" behind a volume of at most three digits. */
static bool
is_pages(const char *s)
{
	size_t n = strspn(s, " ");

	n += strchr(":,", s[n]) != NULL && s[n] != '\0';
	if (n == 0)
		return false;
	s += n + strspn(s + n, " ");
	n = digits(s);
	if (n < 2 || n > 4)
		return false;
	s += n + strspn(s + n, " ");
	n = strspn(s, "-");
	s += n + strspn(s + n, " ");
	return (n == 1 || n == 2) && text_is_digit(*s);
}

/* "pages 12", "pp. 12" */
static bool
is_behind_pages(const char *text, const char *s)
{
	while (s > text && (s[-1] == ' ' || s[-1] == '.'))
		s--;
	return (s - text >= 5 && memcmp(s - 5, "pages", 5) == 0) ||
	       (s - text >= 2 && memcmp(s - 2, "pp", 2) == 0);
}

/* Volume and issue, or volume and pages, stand in it. */
static bool
has_volume(const char *text)
{
	for (const char *s = text; *s != '\0';) {
		size_t n = digits(s);

		if (n == 0) {
			s++;
			continue;
		}
		if (is_issue(s + n) ||
		    (n <= 3 && is_pages(s + n) &&
			(s == text || !text_is_letter(s[-1])) &&
			!is_behind_pages(text, s)))
			return true;
		s += n;
	}
	return false;
}

const char *
match_venue_kind(const char *text, const char *folded)
{
	unsigned flags = 0;

	for (const char *s = folded; *s != '\0';) {
		size_t n = strcspn(s, " ");
		const struct match_word *w = match_word(s, n);

		if (w != NULL)
			flags |= w->flags;
		s += n + (s[n] == ' ');
	}
	if (flags & MATCH_THESIS)
		return "thesis";
	if (flags & MATCH_JOURNAL)
		return "journal";
	if (flags & MATCH_CONF)
		return "conf";
	if (has_volume(text))
		return "journal";
	return flags & MATCH_REPORT ? "report" : NULL;
}

/* --- years ---------------------------------------------------------------- */

/* The year that these are, or 0. */
static unsigned
year_at(const char *s)
{
	unsigned year = 0;

	if (digits(s) != 4)
		return 0;
	for (int i = 0; i < 4; i++)
		year = 10 * year + (unsigned)(s[i] - '0');
	return year >= 1500 && year < 2100 ? year : 0;
}

unsigned
match_year_in(const char *text)
{
	for (const char *s = text;
	     *s != '\0' && s - text < (long)LIMIT_MATCH_READ;) {
		unsigned year = year_at(s);

		if (year > 0)
			return year;
		s += text_is_digit(*s) ? digits(s) : 1;
	}
	return 0;
}

/* A letter may follow ("1995a"), and then one of `ends`. */
static bool
ends_year(const char *s, const char *ends)
{
	s += *s >= 'a' && *s <= 'z';
	return *s != '\0' && strchr(ends, *s) != NULL;
}

/* Behind quotation marks and the like. */
static const char *
behind_signs(const char *s)
{
	uint32_t cp;
	unsigned n;

	for (; *s != '\0'; s += n) {
		n = utf8_decode(s, strnlen(s, 4), &cp);
		if (n == 0 || text_is_digit(*s) ||
		    (cp < 0x80
			    ? text_is_letter(*s)
			    : (cp > 0xBF && cp < 0x2000) ||
				  (cp > 0x206F && cp < 0x3000) || cp > 0x303F))
			break;
	}
	return s;
}

unsigned
match_year_of_title(const char *title)
{
	const char *s = title, *end = title + strnlen(title, LIMIT_MATCH_READ);
	unsigned year;

	while (s < end) {
		s += strcspn(s, "([");
		if (s >= end)
			break;
		year = year_at(++s);
		if (year >= 1800 && ends_year(s + 4, ")]"))
			return year;
	}
	s = behind_signs(title);
	year = year_at(s);
	return year >= 1800 && ends_year(s + 4, ").,:") ? year : 0;
}

unsigned
match_short_year_in(const char *text)
{
	const char *end = text + strnlen(text, LIMIT_MATCH_READ);

	for (const char *s = text; s < end; s++) {
		bool is_mark = *s == '\'' || (*s == '-' && s > text &&
						 s[-1] >= 'a' && s[-1] <= 'z');

		if (is_mark && digits(s + 1) == 2 && s[1] >= '6' &&
		    !text_is_letter(s[3]))
			return 1900U + 10U * (unsigned)(s[1] - '0') +
			       (unsigned)(s[2] - '0');
	}
	return 0;
}
