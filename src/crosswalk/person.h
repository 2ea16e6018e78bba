/* Names of persons as catalogues write them. */
#ifndef SHEAF_CROSSWALK_PERSON_H
#define SHEAF_CROSSWALK_PERSON_H

#include "base/arena.h"

/* "Smith, John, 1950-2001, author." → "Smith, John": without dates, roles and
 * the punctuation that leads on.  text: one line. */
const char *person_name(struct arena *a, const char *text);

#endif
