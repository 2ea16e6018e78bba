/* What an incoming record is to what is known of it; see store/judge.h. */
#include "store/judge.h"

#include <string.h>

#include "base/date.h"
#include "base/digest.h"

static bool
same_header(const struct standing *s, const struct incoming *in)
{
	return !strcmp(s->datestamp, in->datestamp) &&
	       !strcmp(s->sets, in->sets);
}

static struct judgement
judge_deleted(const struct standing *s, const struct incoming *in)
{
	if (s->exists && s->alive && !s->began)
		return (struct judgement){VERDICT_DELETED, -1, 0, 0};
	if (s->exists && s->alive)
		return (struct judgement){VERDICT_DELETED, 0, 1, -s->altered};
	if (!s->exists || s->rejected || s->filtered)
		return (struct judgement){VERDICT_DELETED, 0, 0, 0};
	return (struct judgement){
	    same_header(s, in) ? VERDICT_UNCHANGED : VERDICT_TOUCHED, 0, 0, 0};
}

static bool
same_digest(const struct standing *s, const struct incoming *in)
{
	return s->digest != NULL &&
	       memcmp(s->digest, in->digest, DIGEST_BYTES) == 0;
}

/* What is left out is lost to those that had it, but known to us. */
static struct judgement
judge_filtered(const struct standing *s, const struct incoming *in)
{
	if (s->exists && s->alive && !s->began)
		return (struct judgement){VERDICT_FILTERED, -1, 0, 0};
	if (s->exists && s->alive)
		return (struct judgement){VERDICT_FILTERED, 0, 1, -s->altered};
	if (s->filtered && same_digest(s, in) && same_header(s, in))
		return (struct judgement){VERDICT_STILL_FILTERED, 0, 0, 0};
	return (struct judgement){VERDICT_FILTERED, 0, 0, 0};
}

/* A ListIdentifiers header: sets are not compared, since servers leave them
 * out of one verb and not of the other. */
static struct judgement
judge_header(const struct standing *s, const struct incoming *in)
{
	if (s->filtered && !s->recent && !strcmp(s->datestamp, in->datestamp))
		return (struct judgement){VERDICT_STILL_FILTERED, 0, 0, 0};
	if (!s->exists || !s->alive || s->recent ||
	    strcmp(s->datestamp, in->datestamp) != 0)
		return (struct judgement){VERDICT_WANTED, 0, 0, 0};
	return (struct judgement){
	    s->missing ? VERDICT_TOUCHED : VERDICT_UNCHANGED, 0, 0, 0};
}

struct judgement
judge(const struct standing *s, const struct incoming *in)
{
	if (s->purged)
		return (struct judgement){VERDICT_UNCHANGED, 0, 0, 0};
	if (in->deleted)
		return judge_deleted(s, in);
	if (in->header_only)
		return judge_header(s, in);
	if (in->filtered || (in->is_known && s->filtered && same_digest(s, in)))
		return judge_filtered(s, in);
	if (!s->exists || s->rejected || (s->filtered && !s->began))
		return (struct judgement){VERDICT_NEW, 1, 0, 0};
	if (!s->alive && s->began) /* deleted by this very run */
		return (struct judgement){VERDICT_CHANGED, 0, -1, 1};
	if (!s->alive)
		return (struct judgement){VERDICT_CHANGED, 1, 0, 0};
	if (!same_digest(s, in))
		return (struct judgement){
		    VERDICT_CHANGED, 0, 0, s->began && !s->altered};
	if (s->missing || !same_header(s, in))
		return (struct judgement){VERDICT_TOUCHED, 0, 0, 0};
	return (struct judgement){VERDICT_UNCHANGED, 0, 0, 0};
}

bool
judge_is_recent(const char *datestamp, int64_t harvested_us)
{
	enum granularity g;
	int64_t us;

	if (date_parse(datestamp, &us, &g) < 0)
		return false;
	us += (g == GRANULARITY_DAY ? INT64_C(86400) : 1) * 1000000;
	return harvested_us < us;
}

bool
judge_is_older(const char *second, const char *first)
{
	enum granularity g;
	int64_t a, b;

	return date_parse(second, &a, &g) == 0 &&
	       date_parse(first, &b, &g) == 0 && a < b;
}
