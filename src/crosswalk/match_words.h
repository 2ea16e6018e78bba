/* The words that mean something to a title's normal form: those that say
 * nothing, those that are numbers, those that a number follows, and names of
 * countries. */
#ifndef SHEAF_CROSSWALK_MATCH_WORDS_H
#define SHEAF_CROSSWALK_MATCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crosswalk/rules.h"

enum match_word_flag {
	MATCH_STOP = 1, /* says nothing */
	MATCH_NUMBER = 2, /* is `number`: "third", "zwei", "xiv" */
	MATCH_PART = 4, /* "volume": i, v and x behind it are numbers */
	MATCH_LETTER = 8, /* i, v, x: `number` behind such a word, or last */
	MATCH_PLACE = 16, /* a country's name as a whole: `place` */
	MATCH_PLACE_WORDS =
	    32, /* the same of a part: its words are the place */
	MATCH_THESIS = 64, /* "dissertation": what a venue is by its words */
	MATCH_CONF = 128,
	MATCH_JOURNAL = 256,
	MATCH_REPORT = 512
};

struct match_word {
	uint64_t hash;
	const char *place; /* its name in English, without spaces */
	uint16_t flags; /* enum match_word_flag */
	uint8_t number;
	/* Names of places that begin with this word have at most so many
	 * words, or in scripts without spaces, those that begin with this
	 * character, so many characters; 0: none do. */
	uint8_t most;
};

/* What places are found in from now on (vocab_use() calls it); NULL: none. */
void match_words_use(const struct rules *rules);

/* The n bytes at s as match_fold() writes them, of one word, or of several with
 * one space between; NULL: nothing is known of them. */
const struct match_word *match_word(const char *s, size_t n);

#endif
