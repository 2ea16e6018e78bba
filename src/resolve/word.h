/* Words: what they are known to be, and whether two of them are one with a slip
 * of the pen.  For this room only. */
#ifndef SHEAF_RESOLVE_WORD_H
#define SHEAF_RESOLVE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/profile.h"

/* Fills in all but weight.  text is folded (record.match), not empty, and
 * lives as long as the word. */
void word_make(struct profile_word *w, const char *text, size_t length);

/* Whether s has at most k (1 or 2) of: a character left out, put in, taken for
 * another, two neighbours exchanged (no character twice), against t.  Valid
 * UTF-8. */
bool text_near(
    const char *s, size_t s_length, const char *t, size_t t_length, unsigned k);

/* What of the two words agrees though they are not equal: 0, or begun_word,
 * far_word or near_word of the parameters.  Numbers, places and words with
 * digits are equal or not. */
double
word_likeness(const struct profile_word *a, const struct profile_word *b);
/* The same for words of names of five letters and more: near or the end of the
 * other ("hassan" of "alhassan"). */
bool word_near_name(const struct profile_word *a, const struct profile_word *b);

#endif
