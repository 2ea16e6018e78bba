/*
 * Which of the metadata formats that a repository offers (ListMetadataFormats,
 * OAI-PMH 4.4) is harvested.
 *
 * What the configuration asks for is found by facts_format_wanted(); else it is
 * * the one that says most, as far as there is a crosswalk for it.  That
 * depends on the platform, which is told by what is offered: DSpace has its own
 * forms (xoai, dim), repositories of data have DataCite's, library systems and
 * Invenio MARC; elsewhere MARC is made of Dublin Core and says less.
 */
#ifndef SHEAF_SCHED_FORMAT_H
#define SHEAF_SCHED_FORMAT_H

#include "record/facts.h"

/* Whether it is among those words, whatever its case. */
bool format_in(const char *words, const char *prefix);

struct format_choice {
	const struct facts_format *format; /* NULL: nothing that has a name */
	const char *why; /* "DSpace's own form, …" */
	unsigned rank; /* the less, the more it says */
};
/* The best one.  refused: prefixes, with spaces between them, that the
 * repository offers and does not give; they are passed over where anything else
 * is offered.  Names with white space, or of more than LIMIT_PREFIX_BYTES, are
 * passed over always. */
struct format_choice
format_best(const struct page_facts *f, const char *refused);
/* The rank of the offered one with this prefix among all; the last where it is
 * not offered or not known. */
unsigned format_rank(const struct page_facts *f, const char *prefix);

#endif
