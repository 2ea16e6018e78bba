/* What the recognisers of identifiers share. */
#ifndef SHEAF_CROSSWALK_IDENTIFIERS_PRIV_H
#define SHEAF_CROSSWALK_IDENTIFIERS_PRIV_H

#include <stdbool.h>

#include "base/arena.h"

/* Percent-decoding, where the result is text; else NULL. */
char *id_decode(struct arena *a, const char *s);

/* identifier_forms.c: s begins with the value; what may stand behind it is the
 * scheme's to say.  The value in its normal form, or NULL. */
typedef const char *(*id_reader)(struct arena *a, const char *s);
const char *id_doi(struct arena *a, const char *s);
const char *id_handle(struct arena *a, const char *s);
const char *id_isbn(struct arena *a, const char *s);
const char *id_isbn_in_hyphens(struct arena *a, const char *s);
const char *id_issn(struct arena *a, const char *s);
const char *id_isni(struct arena *a, const char *s);
const char *id_ror(struct arena *a, const char *s);
const char *id_arxiv(struct arena *a, const char *s);
const char *id_urn(struct arena *a, const char *s);
const char *id_number(struct arena *a, const char *s);
const char *id_as_is(struct arena *a, const char *s);

/* identifier_number.c: of documents, patents, activities. */
const char *id_un_symbol(struct arena *a, const char *s);
/* With its kind code, or of the form WO2012/123456; is_named: a prefix says
 * that it is a patent's, so the number alone will do. */
const char *id_patent(struct arena *a, const char *s);
const char *id_patent_named(struct arena *a, const char *s);
const char *id_iati(struct arena *a, const char *s);

#endif
