/* What an answer turned out to be, in words for an operator. */
#ifndef SHEAF_SCHED_WORDS_H
#define SHEAF_SCHED_WORDS_H

#include "base/buf.h"
#include "record/facts.h"

/* Adds "an HTML page titled "…"", "XML with the root "…"", and the like. */
void body_words(struct buf *out, const struct page_facts *f);

#endif
