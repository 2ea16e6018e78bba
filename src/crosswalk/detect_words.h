/* The words that languages in Latin letters are known by. */
#ifndef SHEAF_CROSSWALK_DETECT_WORDS_H
#define SHEAF_CROSSWALK_DETECT_WORDS_H

/* Lower case; a word may stand at several languages.  endings: of words of six
 * bytes or more, four bytes each. */
struct detect_words {
	const char *lang, *words, *endings;
};
extern const struct detect_words detect_words[];
extern const unsigned detect_word_langs; /* 32 at most */

/* A letter beyond ASCII that speaks for a language. */
struct detect_letter {
	unsigned short first, last;
	const char *lang;
	unsigned char weight;
};
extern const struct detect_letter detect_letters[];
extern const unsigned detect_letter_count;

#endif
