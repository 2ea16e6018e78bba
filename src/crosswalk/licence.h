/* Licences, in whatever dressing they come. */
#ifndef SHEAF_CROSSWALK_LICENCE_H
#define SHEAF_CROSSWALK_LICENCE_H

#include "base/arena.h"

struct licence {
	const char *code; /* SPDX, of the vocabulary; NULL: none is known */
	const char
	    *url; /* canonical, of a licence of Creative Commons; or NULL */
};

/* What a text or address says: the address of a deed or legal code wherever it
 * stands in the text, the name of a licence, or a sentence that names one of
 * Creative Commons by words or letters and version ("CC BY-NC-SA 3.0 IGO",
 * "licencia Creative Commons Atribución-NoComercial 4.0").  One without a
 * version has no code, for it could be any. */
void licence_find(struct licence *out, struct arena *a, const char *text);

#endif
