/* The feeds that an HTML page offers in its <link> elements. */
#ifndef SHEAF_PARSE_HTML_OFFERS_H
#define SHEAF_PARSE_HTML_OFFERS_H

#include "base/arena.h"
#include "record/facts.h"

/* Adds to f->offers each <link rel="alternate"> of a type that a feed has, in
 * the order of the page, once, at most LIMIT_OFFERS.  References are resolved
 * against <base> and `base` (may be NULL or ""). */
void html_offers(struct page_facts *f, struct arena *a, const char *html,
    size_t n, const char *base);

#endif
