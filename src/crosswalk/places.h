/* Countries out of what a place is called. */
#ifndef SHEAF_CROSSWALK_PLACES_H
#define SHEAF_CROSSWALK_PLACES_H

#include <stdbool.h>

#include "base/arena.h"

/* Calls take for each country or group (vocab_country()) that the text names:
 * by its whole, behind a label ("Country/Nation: Canada"), as a list between
 * commas of countries alone ("Kenya, Uganda"), or as what a place is in:
 * "Nairobi, Kenya", "Kenya--Nairobi".  A name that is a country's and also that
 * of a place in the one behind it ("Georgia, USA") is that place.  *is_all:
 * nothing else is in the text.  False where it names none. */
bool places_read(struct arena *a, const char *text, bool *is_all,
    void (*take)(void *arg, const char *code, const char *term), void *arg);

#endif
