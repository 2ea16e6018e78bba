/* Languages out of a text that may name several, in whatever way. */
#ifndef SHEAF_CROSSWALK_LANGUAGES_H
#define SHEAF_CROSSWALK_LANGUAGES_H

#include <stdbool.h>

#include "base/arena.h"

enum { LANGUAGES_TEXT_BYTES = 200 };

/* "und", "mul", "zxx": it says that there is nothing to say. */
bool language_is_none(const char *text);

/* The languages of a text (vocab_language()): a code or name, a list between
 * commas, semicolons, bars, slashes or "and", codes of three letters without
 * anything between them (MARC 041: "engfre"), codes between spaces; "English
 * (UK)", "en (English)", "iso639-2:eng".  Calls take for each part: code NULL
 * where it is none that is known.  A text of more than LANGUAGES_TEXT_BYTES is
 * none as a whole. */
void languages_read(struct arena *a, const char *text,
    void (*take)(void *arg, const char *code, const char *term), void *arg);

#endif
