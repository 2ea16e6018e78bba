/* One value of a record, as an agency may have typed it, through every reader
 * of values: dates, identifiers, languages, countries, kinds, text and HTML.
 * What each of them makes is something that the record model takes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "crosswalk/dates.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/match.h"
#include "crosswalk/match_fold.h"
#include "crosswalk/match_title.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "parse/html.h"
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_text(const char *s)
{
	BUG_ON(s != NULL && !utf8_valid(s, strlen(s)));
}

/* Words with one space between, within their limit; the same again. */
static void
check_form(const char *form, size_t n, size_t max)
{
	BUG_ON(n > max || form[n] != '\0' || strlen(form) != n);
	BUG_ON(n > 0 && (form[0] == ' ' || form[n - 1] == ' '));
	BUG_ON(strstr(form, "  ") != NULL);
	check_text(form);
}

static void
compare_forms(const char *text)
{
	char folded[LIMIT_MATCH_READ + 1], again[LIMIT_MATCH_READ + 1];
	char form[LIMIT_MATCH_TITLE_BYTES + 1];
	size_t n = strlen(text), max = n % LIMIT_MATCH_READ;

	check_form(folded, match_fold(folded, max, text, n), max);
	check_form(folded, match_fold(folded, LIMIT_MATCH_READ, text, n),
	    LIMIT_MATCH_READ);
	n = strlen(folded);
	match_fold(again, LIMIT_MATCH_READ, folded, n);
	BUG_ON(strcmp(folded, again) != 0);
	max = n % LIMIT_MATCH_TITLE_BYTES;
	check_form(form, match_title(form, max, folded), max);
	match_venue_kind(text, folded);
	match_year_of_title(text);
	match_year_in(text);
	match_short_year_in(text);
}

static void
read_value(struct arena *a, const char *text)
{
	enum granularity g;
	struct found_id id;
	struct when w;
	int64_t us;

	if (when_read(&w, text)) {
		BUG_ON(w.value[0] == '\0');
		check_text(w.value);
		check_text(w.until);
	}
	date_parse(text, &us, &g);
	identifier_find(&id, a, text);
	check_text(id.value);
	identifier_find_issn(&id, a, text);
	check_text(vocab_language(a, text));
	vocab_country(text);
	vocab_country_code(text);
	vocab_kind(text);
	vocab_kind_is_vague(text);
	vocab_access(text);
	vocab_role(text);
	text_is_placeholder(text);
	compare_forms(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *s = (const char *)data;
	struct arena a;
	struct buf html;

	/* The parser's input is repaired before any value is taken from it. */
	if (!utf8_valid(s, n) || memchr(s, '\0', n) != NULL)
		return 0;
	if (vocab_rules() == NULL)
		vocab_use(tables_rules());
	arena_init(&a, 0);
	buf_init(&html, LIMIT_VALUE_BYTES);
	read_value(&a, text_line(&a, s, n));
	check_text(text_paragraphs(&a, s, n));
	html_text(&html, s, n);
	BUG_ON(!utf8_valid(buf_str(&html), html.len));
	buf_release(&html);
	arena_release(&a);
	return 0;
}
