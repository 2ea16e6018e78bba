/* What an HTTP answer means, whatever the protocol that it was to speak. */
#ifndef SHEAF_SCHED_ANSWER_H
#define SHEAF_SCHED_ANSWER_H

#include "sched/harvest.h"

/* Adds "an HTML page titled "…"", "XML with the root "…"", and the like. */
void body_words(struct buf *out, const struct page_facts *f);
/* "HTTP 503", and what came with it where something did; f may be NULL. */
void
status_words(char *out, size_t n, unsigned status, const struct page_facts *f);
/* A status that another try may be spared: 408, 425, 429, 5xx. */
bool status_passes(unsigned status);
/* How long 429 or 5xx asks to wait (RFC 9110 10.2.3), within the bounds of the
 * source; -1 where it does not say. */
int64_t answer_retry_after_ms(
    const struct harvest_fetched *f, const struct conf_source *source);

#endif
