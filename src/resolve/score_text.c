/* A score in words and as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

static const char *const part_names[SCORE_PARTS] = {
    [SCORE_TITLE] = "title",
    [SCORE_NUMBER] = "number",
    [SCORE_PLACE] = "place",
    [SCORE_QUALIFIER] = "qualifier",
    [SCORE_CUT] = "cut",
    [SCORE_PERSONS] = "persons",
    [SCORE_CORPORATE] = "corporate",
    [SCORE_YEAR] = "year",
    [SCORE_DAY] = "day",
    [SCORE_VENUE] = "venue",
    [SCORE_KIND] = "kind",
    [SCORE_IDENTIFIER] = "identifier",
    [SCORE_IDENTIFIER_DIFFERS] = "identifier-differs",
    [SCORE_SHORT] = "short",
    [SCORE_BOILERPLATE] = "boilerplate",
};

const char *
score_part_name(enum score_part p)
{
	return part_names[p];
}

const char *
score_relation_name(enum score_relation r)
{
	static const char *const names[] = {NULL, "about", "responds-to",
	    "version-of", "translation-of", "related"};

	return names[r];
}

/* Points as they add up: "-0.5", "12", "3.25". */
static void
put_points(struct buf *out, int hundredths, bool with_plus)
{
	unsigned n = (unsigned)abs(hundredths);

	if (hundredths < 0)
		buf_addc(out, '-');
	else if (with_plus)
		buf_addc(out, '+');
	buf_printf(out, "%u", n / 100);
	if (with_plus)
		buf_printf(out, ".%02u", n % 100);
	else if (n % 10 != 0)
		buf_printf(out, ".%02u", n % 100);
	else if (n % 100 != 0)
		buf_printf(out, ".%u", n % 100 / 10);
}

/* "#7" and "@nepal" as people write them; what is long is cut. */
static void
put_quoted(struct buf *out, const char *word)
{
	enum { SHOWN = 120 };
	struct buf text;

	if (*word == '#' || *word == '@')
		word++;
	buf_init(&text, LIMIT_PROFILE_BYTES);
	buf_adds(&text, word);
	str_fit(&text, SHOWN);
	buf_printf(out, "\"%s\"", buf_str(&text));
	buf_release(&text);
}

static void
put_sides(struct buf *out, const char *what, const struct score_reason *r)
{
	if (r->of_a && r->of_b) {
		buf_printf(out, "%s differ: ", what);
		put_quoted(out, r->of_a);
		buf_adds(out, " and ");
		put_quoted(out, r->of_b);
	} else {
		buf_adds(out, "only one says ");
		put_quoted(out, r->of_a ? r->of_a : r->of_b);
	}
}

static void
put_names(struct buf *out, const char *same, const char *other,
    const struct score_reason *r)
{
	buf_printf(out, "%s: ", r->points > 0 ? same : other);
	put_quoted(out, r->of_a);
	buf_adds(out, " and ");
	put_quoted(out, r->of_b);
}

static void
put_apart(struct buf *out, const char *what, uint32_t apart)
{
	if (apart == 0)
		buf_printf(out, "the %s is the same", what);
	else
		buf_printf(
		    out, "%u %s%s apart", apart, what, apart == 1 ? "" : "s");
}

static void
put_title(struct buf *out, const struct score_reason *r)
{
	if (r->share == 0 && r->bits == 0)
		buf_adds(out, "there is no title to compare, or no word of it "
			      "agrees");
	else
		buf_printf(out,
		    "%.0f %% of the titles' weight agrees, %.0f "
		    "bits",
		    (double)r->share * 100, (double)r->bits);
}

static void
put_identifier(struct buf *out, const struct score_reason *r)
{
	buf_printf(out, "both have %s ", r->of_both);
	put_quoted(out, r->of_a);
	if (r->count > 2)
		buf_printf(out, ", like %u records in all", r->count);
}

static void
put_detail(struct buf *out, const struct score_reason *r)
{
	switch (r->part) {
	case SCORE_TITLE:
		put_title(out, r);
		break;
	case SCORE_NUMBER:
		put_sides(out, "numbers in the titles", r);
		break;
	case SCORE_PLACE:
		put_sides(out, "places in the titles", r);
		break;
	case SCORE_QUALIFIER:
		put_sides(out, "qualifiers in the titles", r);
		break;
	case SCORE_CUT:
		buf_adds(out, "one title goes on where the other ends");
		break;
	case SCORE_PERSONS:
		buf_printf(out,
		    "%.0f %% of the shorter list of persons agrees, %.0f bits",
		    (double)r->share * 100, (double)r->bits);
		break;
	case SCORE_CORPORATE:
		put_names(out, "one organisation", "other organisations", r);
		break;
	case SCORE_YEAR:
		put_apart(out, "year", r->count);
		break;
	case SCORE_DAY:
		put_apart(out, "day", r->count);
		break;
	case SCORE_VENUE:
		if (r->count)
			put_names(out, "venues that often stand for each other",
			    "venues that hardly ever do so", r);
		else
			put_names(out, "venues agree", "venues differ", r);
		break;
	case SCORE_KIND:
		put_names(out, "the same kind", "different kinds", r);
		break;
	case SCORE_IDENTIFIER:
		put_identifier(out, r);
		break;
	case SCORE_IDENTIFIER_DIFFERS:
		buf_printf(out, "a different %s each: ", r->of_both);
		put_quoted(out, r->of_a);
		buf_adds(out, " and ");
		put_quoted(out, r->of_b);
		break;
	case SCORE_SHORT:
		buf_adds(out, "the title is short, and nothing else agrees");
		break;
	case SCORE_BOILERPLATE:
		buf_printf(out,
		    "a source that holds each thing once has this title in %u "
		    "records",
		    r->count);
		break;
	case SCORE_PARTS:
		break;
	}
}

void
score_json(struct buf *out, const struct score *s)
{
	struct buf text;
	struct json j;

	buf_init(&text, LIMIT_PROFILE_BYTES);
	json_init(&j, out);
	json_open(&j, '[');
	for (size_t i = 0; i < s->count; i++) {
		json_open(&j, '{');
		json_key(&j, "part");
		json_str(&j, score_part_name(s->parts[i].part));
		buf_clear(&text);
		put_points(&text, s->parts[i].points, false);
		json_key(&j, "points");
		json_raw(&j, buf_str(&text));
		buf_clear(&text);
		put_detail(&text, &s->parts[i]);
		json_key(&j, "detail");
		json_str(&j, buf_str(&text));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	buf_release(&text);
}

/* What it comes to. */
static void
put_verdict(struct buf *out, const struct score *s)
{
	static const char *const relations[] = {NULL, "is about", "responds to",
	    "is a version of", "is a translation of", "is related to"};

	if (s->other_family)
		buf_adds(out, "They are of different families, which are "
			      "never one thing.\n");
	else if (s->other_language)
		buf_adds(out, "They are in different languages and share no "
			      "symbol, DOI or handle, so they are not one.\n");
	else if (s->sum >= PARAMETER.merge)
		buf_printf(out,
		    "From %g on two records are one thing, unless "
		    "others stand in the way.\n",
		    PARAMETER.merge);
	else if (s->sum >= PARAMETER.review)
		buf_printf(out,
		    "Between %g and %g nobody but an operator can "
		    "say.\n",
		    PARAMETER.review, PARAMETER.merge);
	else
		buf_printf(out, "Below %g two records are two things.\n",
		    PARAMETER.review);
	if (s->relation != RELATION_NONE)
		buf_printf(out, "The %s one %s the %s one.\n",
		    s->from_b ? "second" : "first", relations[s->relation],
		    s->from_b ? "first" : "second");
}

void
score_words(struct buf *out, const struct score *s)
{
	struct buf points;

	buf_init(&points, KIB);
	for (size_t i = 0; i < s->count; i++) {
		buf_clear(&points);
		put_points(&points, s->parts[i].points, true);
		buf_printf(out, "%8s  %s: ", buf_str(&points),
		    score_part_name(s->parts[i].part));
		put_detail(out, &s->parts[i]);
		buf_addc(out, '\n');
	}
	buf_clear(&points);
	put_points(&points, s->hundredths, true);
	buf_printf(out, "%8s  together. ", buf_str(&points));
	put_verdict(out, s);
	buf_release(&points);
}
