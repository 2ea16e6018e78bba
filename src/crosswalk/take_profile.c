/* What Sheaf's own profile says of a record: sectors, goals, readiness, what
 * may be done with it. */
#include <string.h>

#include "crosswalk/settle.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

static void
add(struct crosswalk *x, enum code_axis axis, const char *codes,
    const char *text, const char *scheme)
{
	for (; codes != NULL; codes = rules_next(codes)) {
		struct rec_code how = {.code = codes,
		    .basis = strcmp(codes, text) == 0 ? "declared" : "mapped",
		    .term = text,
		    .scheme = scheme};

		code_add(x, axis, &how);
	}
}

void
take_sector(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *codes = NULL;

	if (text == NULL)
		return;
	if (v->scheme != NULL)
		codes = vocab_by_scheme(RULES_SECTOR, v->scheme, text);
	if (codes == NULL)
		codes = vocab_sectors(text);
	if (codes == NULL)
		record_warn(x->r, x->a, "sector-unknown",
		    "sector: %.100s is no code or name known", text);
	add(x, AXIS_SECTOR, codes, text, v->scheme);
}

void
take_sdg(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *codes;

	if (text == NULL)
		return;
	codes = vocab_sdgs(text);
	if (codes == NULL)
		record_warn(x->r, x->a, "sdg-unknown",
		    "sdg: %.100s is no goal or target known", text);
	add(x, AXIS_SDG, codes, text, NULL);
}

/* "7", "TRL 7": 1 to 9 of the scale. */
static const char *
level(const char *text)
{
	static const char *const levels[] = {
	    "1", "2", "3", "4", "5", "6", "7", "8", "9"};
	const char *p = text != NULL ? strpbrk(text, "123456789") : NULL;

	if (p == NULL || (p > text && p[-1] >= '0' && p[-1] <= '9') ||
	    (p[1] >= '0' && p[1] <= '9'))
		return NULL;
	return levels[*p - '1'];
}

void
take_trl(struct crosswalk *x, const struct taken *v)
{
	const char *min = level(taken_line(x, v)), *max = level(v->max);

	if (min == NULL && max == NULL) {
		record_warn(x->r, x->a, "trl-unknown",
		    "trl: there is no level from 1 to 9");
		return;
	}
	if (min == NULL)
		min = max;
	if (max == NULL)
		max = min;
	x->r->trl_min = *min <= *max ? min : max;
	x->r->trl_max = *min <= *max ? max : min;
}

void
take_ip_status(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	if (text != NULL && x->r->ip_status == NULL)
		x->r->ip_status = text;
}

void
take_status(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	if (text == NULL)
		return;
	if (!word_known(words_status, text))
		record_warn(x->r, x->a, "status-unknown",
		    "status: %.100s is none that is known", text);
	else if (x->r->status == NULL)
		x->r->status = text;
}
