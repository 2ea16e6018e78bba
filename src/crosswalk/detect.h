/* The language of a text, by its script and its small words. */
#ifndef SHEAF_CROSSWALK_DETECT_H
#define SHEAF_CROSSWALK_DETECT_H

#include <stddef.h>

enum {
	DETECT_BYTES = 240, /* of a text that are looked at */
	DETECT_LETTERS = 40, /* fewer say nothing; of Chinese, Japanese and */
	DETECT_SIGNS = 15 /* Korean, where a sign is a syllable or a word */
};

/* Makes the table of words ready; before any fork, so that children share it.
 * detect_language() does so otherwise. */
void detect_begin(void);

/* BCP 47, or NULL where the text is too short or not clearly of one language:
 * Arabic, Persian, Urdu, Chinese, Japanese, Korean, languages that have a
 * script of their own, Cyrillic ones that have letters of their own, and of
 * those in Latin letters the ones in detect_words.c. */
const char *detect_language(const char *text);

#endif
