/*
 * What a record says in words of its source that the vocabularies ought to
 * know: types, languages, places, subjects.
 */
#ifndef SHEAF_RECORD_TERMS_H
#define SHEAF_RECORD_TERMS_H

#include "record/record.h"

enum term_field {
	TERM_TYPE,
	TERM_LANGUAGE,
	TERM_COUNTRY,
	TERM_SUBJECT,
	TERM_FIELD_COUNT
};
/* type, language, country, subject */
const char *term_field_name(enum term_field f);

/* is_mapped: the record has a code for it.  A type is mapped where its record
 * has a kind by any of its types; a place that is a date, a number or a box of
 * coordinates is none. */
typedef void (*term_fn)(
    void *arg, enum term_field f, const char *text, bool is_mapped);
/* Texts live until the call returns. */
void record_each_term(const struct record *r, term_fn fn, void *arg);

struct term_counts {
	unsigned terms, unmapped;
};
/* Of types, languages and places.  Subjects are not counted: what people write
 * there has no end, and most of it is no sector. */
struct term_counts record_count_terms(const struct record *r);

#endif
