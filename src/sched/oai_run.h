/*
 * The OAI-PMH driver: which request comes next, and whether to believe the
 * answer.  Its calls are those of sched/harvest.h, where their contracts
 * stand; the glue reaches them through it, tests directly.
 */
#ifndef SHEAF_SCHED_OAI_RUN_H
#define SHEAF_SCHED_OAI_RUN_H

#include "sched/harvest.h"

struct oai_run;

struct oai_run *
oai_run_new(const struct conf_source *source, const struct harvest_open *open);
void oai_run_free(struct oai_run *r);

enum harvest_step oai_run_next(struct oai_run *r, struct harvest_request *out);
enum harvest_verdict oai_run_fetched(
    struct oai_run *r, const struct harvest_fetched *f, struct err *why);
enum harvest_verdict oai_run_facts(struct oai_run *r, uint64_t page_no,
    const struct page_facts *f, struct err *why);
void oai_run_unparsed(
    struct oai_run *r, uint64_t page_no, const struct err *why, int64_t now_us);
const char *
oai_run_state(struct oai_run *r, uint64_t page_no, int64_t *advertised);
void oai_run_committed(
    struct oai_run *r, uint64_t page_no, const struct harvest_counts *c);
void oai_run_lost(struct oai_run *r);
void oai_run_wanted(struct oai_run *r, const char *identifiers);
void oai_run_close(struct oai_run *r, struct harvest_close *out);
void oai_run_stop(struct oai_run *r, enum err_class class, const char *text);
const char *oai_run_where(struct oai_run *r);

#endif
