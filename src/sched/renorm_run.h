/*
 * The driver of a run that renormalises: the stored records of a source, block
 * by block in the order of their numbers, as pages.  Its calls are those of
 * sched/harvest.h, where their contracts stand.
 *
 * Several pages are on their way at a time.  A page that cannot be read is
 * tried once more, then its blocks one by one, and one that is the cause is
 * left as it is.
 */
#ifndef SHEAF_SCHED_RENORM_RUN_H
#define SHEAF_SCHED_RENORM_RUN_H

#include "sched/harvest.h"

struct renorm_run;

struct renorm_run *renorm_run_new(const struct harvest_open *open);
void renorm_run_free(struct renorm_run *r);
enum harvest_step
renorm_run_next(struct renorm_run *r, struct harvest_request *out);
enum harvest_verdict
renorm_run_stored(struct renorm_run *r, const struct harvest_stored *s);
enum harvest_verdict renorm_run_facts(struct renorm_run *r, uint64_t page_no,
    const struct page_facts *f, struct err *why);
void renorm_run_unparsed(
    struct renorm_run *r, uint64_t page_no, const struct err *why);
const char *
renorm_run_state(struct renorm_run *r, uint64_t page_no, int64_t *advertised);
void renorm_run_committed(struct renorm_run *r, uint64_t page_no);
void renorm_run_lost(struct renorm_run *r);
void renorm_run_close(struct renorm_run *r, struct harvest_close *out);
void
renorm_run_stop(struct renorm_run *r, enum err_class class, const char *text);
const char *renorm_run_where(struct renorm_run *r);

#endif
