/*
 * The feed driver: when a feed is asked for and how, what of its pages and
 * archives is followed, and when it is asked again.  It drives static
 * repositories as well (static_judge.c): documents that are a complete list,
 * and that nothing is behind.  Its calls are those of
 * sched/harvest.h, where their contracts stand; the glue reaches them through
 * it, tests directly.
 */
#ifndef SHEAF_SCHED_FEED_RUN_H
#define SHEAF_SCHED_FEED_RUN_H

#include "sched/harvest.h"

struct feed_run;

struct feed_run *
feed_run_new(const struct conf_source *source, const struct harvest_open *open);
void feed_run_free(struct feed_run *r);

enum harvest_step
feed_run_next(struct feed_run *r, struct harvest_request *out);
enum harvest_verdict feed_run_fetched(
    struct feed_run *r, const struct harvest_fetched *f, struct err *why);
enum harvest_verdict feed_run_facts(struct feed_run *r, uint64_t page_no,
    const struct page_facts *f, struct err *why);
void feed_run_unparsed(struct feed_run *r, uint64_t page_no,
    const struct err *why, int64_t now_us);
const char *
feed_run_state(struct feed_run *r, uint64_t page_no, int64_t *advertised);
void feed_run_committed(
    struct feed_run *r, uint64_t page_no, const struct harvest_counts *c);
void feed_run_lost(struct feed_run *r);
void feed_run_rekeyed(struct feed_run *r, bool rekeyed);
void feed_run_close(struct feed_run *r, struct harvest_close *out);
void feed_run_stop(struct feed_run *r, enum err_class class, const char *text);
const char *feed_run_where(struct feed_run *r);

#endif
