/* A harvest is driven by the driver of its protocol. */
#include "sched/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sched/feed_run.h"
#include "sched/oai_run.h"
#include "sched/renorm_run.h"

/* One of them is there. */
struct harvest {
	struct renorm_run *renorm;
	struct oai_run *oai;
	struct feed_run *feed;
};

static const char *const mode_names[] = {
    "incremental", "full", "compare", "renormalise"};

const char *
run_mode_name(enum run_mode m)
{
	return mode_names[m];
}

int
run_mode_parse(const char *s)
{
	for (int i = 0; i <= RUN_RENORMALISE; i++)
		if (strcmp(s, mode_names[i]) == 0)
			return i;
	return -1;
}

struct harvest *
harvest_new(const struct conf_source *source, const struct harvest_open *open)
{
	struct harvest *h = xcalloc(1, sizeof(*h));

	if (open->mode == RUN_RENORMALISE)
		h->renorm = renorm_run_new(open);
	else if (protocol_is_polled(source->protocol))
		h->feed = feed_run_new(source, open);
	else
		h->oai = oai_run_new(source, open);
	return h;
}

void
harvest_free(struct harvest *h)
{
	if (h->renorm != NULL)
		renorm_run_free(h->renorm);
	else if (h->feed != NULL)
		feed_run_free(h->feed);
	else
		oai_run_free(h->oai);
	free(h);
}

enum harvest_step
harvest_next(struct harvest *h, struct harvest_request *out)
{
	if (h->renorm != NULL)
		return renorm_run_next(h->renorm, out);
	if (h->feed != NULL)
		return feed_run_next(h->feed, out);
	return oai_run_next(h->oai, out);
}

enum harvest_verdict
harvest_fetched(
    struct harvest *h, const struct harvest_fetched *f, struct err *why)
{
	if (h->feed != NULL)
		return feed_run_fetched(h->feed, f, why);
	return oai_run_fetched(h->oai, f, why);
}

enum harvest_verdict
harvest_stored(struct harvest *h, const struct harvest_stored *s)
{
	BUG_ON(h->renorm == NULL);
	return renorm_run_stored(h->renorm, s);
}

enum harvest_verdict
harvest_facts(struct harvest *h, uint64_t page_no, const struct page_facts *f,
    struct err *why)
{
	if (h->renorm != NULL)
		return renorm_run_facts(h->renorm, page_no, f, why);
	if (h->feed != NULL)
		return feed_run_facts(h->feed, page_no, f, why);
	return oai_run_facts(h->oai, page_no, f, why);
}

void
harvest_unparsed(
    struct harvest *h, uint64_t page_no, const struct err *why, int64_t now_us)
{
	if (h->renorm != NULL)
		renorm_run_unparsed(h->renorm, page_no, why);
	else if (h->feed != NULL)
		feed_run_unparsed(h->feed, page_no, why, now_us);
	else
		oai_run_unparsed(h->oai, page_no, why, now_us);
}

const char *
harvest_state(struct harvest *h, uint64_t page_no, int64_t *advertised)
{
	if (h->renorm != NULL)
		return renorm_run_state(h->renorm, page_no, advertised);
	if (h->feed != NULL)
		return feed_run_state(h->feed, page_no, advertised);
	return oai_run_state(h->oai, page_no, advertised);
}

void
harvest_committed(
    struct harvest *h, uint64_t page_no, const struct harvest_counts *c)
{
	if (h->renorm != NULL)
		renorm_run_committed(h->renorm, page_no);
	else if (h->feed != NULL)
		feed_run_committed(h->feed, page_no, c);
	else
		oai_run_committed(h->oai, page_no, c);
}

void
harvest_lost(struct harvest *h)
{
	if (h->renorm != NULL)
		renorm_run_lost(h->renorm);
	else if (h->feed != NULL)
		feed_run_lost(h->feed);
	else
		oai_run_lost(h->oai);
}

void
harvest_wanted(struct harvest *h, const char *identifiers)
{
	if (h->oai != NULL)
		oai_run_wanted(h->oai, identifiers);
}

void
harvest_rekeyed(struct harvest *h, bool rekeyed)
{
	if (h->feed != NULL)
		feed_run_rekeyed(h->feed, rekeyed);
}

void
harvest_close(struct harvest *h, struct harvest_close *out)
{
	if (h->renorm != NULL)
		renorm_run_close(h->renorm, out);
	else if (h->feed != NULL)
		feed_run_close(h->feed, out);
	else
		oai_run_close(h->oai, out);
}

void
harvest_stop(struct harvest *h, enum err_class class, const char *text)
{
	if (h->renorm != NULL)
		renorm_run_stop(h->renorm, class, text);
	else if (h->feed != NULL)
		feed_run_stop(h->feed, class, text);
	else
		oai_run_stop(h->oai, class, text);
}

const char *
harvest_where(struct harvest *h)
{
	if (h->renorm != NULL)
		return renorm_run_where(h->renorm);
	if (h->feed != NULL)
		return feed_run_where(h->feed);
	return oai_run_where(h->oai);
}
