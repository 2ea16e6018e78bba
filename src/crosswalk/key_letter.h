/*
 * Letters beyond ASCII as the keys of terms have them (rules_key(),
 * vocab_key()), one at a time.
 */
#ifndef SHEAF_CROSSWALK_KEY_LETTER_H
#define SHEAF_CROSSWALK_KEY_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_LETTER_BYTES = 6 };

struct key_letter {
	uint8_t bytes; /* that it takes of the text */
	uint8_t exact_bytes, plain_bytes;
	bool has_mark; /* and plain is another form */
	char exact[KEY_LETTER_BYTES]; /* composed, case folded */
	char plain[KEY_LETTER_BYTES]; /* without marks */
};

/* The letter or digit at s, in a text that ends with a NUL.  False where the
 * form of a character depends on its neighbours (marks that combine), where it
 * is none, and of the scripts that are seldom met: such a text takes the whole
 * way by utf8proc, which comes to the same.  Not for threads: what a letter
 * comes to is kept. */
bool key_letter(struct key_letter *out, const char *s);

/* Asks all letters that are kept at once, for processes that are forked then
 * and share them. */
void key_letter_begin(void);

/* What letters, marks and digits are; and marks alone. */
bool key_is_word(int32_t cp);
bool key_is_mark(int32_t cp);

#endif
