/* Texts as words for comparing (struct rec_match), of whatever script. */
#ifndef SHEAF_CROSSWALK_MATCH_FOLD_H
#define SHEAF_CROSSWALK_MATCH_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the words of text (n bytes of valid UTF-8 in NFC) with one space
 * between them and a NUL: entities that are left resolved, tags of up to twenty
 * characters and what joins or marks letters gone, compatibility forms
 * decomposed, case folded; digits of all scripts as ASCII's; a border where a
 * script that parts its words meets one that does not.  "'s" at the end of a
 * word stays with it ("banks").
 * At most LIMIT_MATCH_READ bytes are read and max written (and the NUL): what
 * is longer ends at a word, or within one that alone is too long.  The length.
 */
size_t match_fold(char *out, size_t max, const char *text, size_t n);

/* Asks the characters of most texts at once, for processes that are forked then
 * and share them. */
void match_fold_begin(void);

/* Of a script that does not part its words by spaces: Chinese, Japanese, Thai,
 * Lao, Khmer, Burmese, Tibetan.  Korean does. */
bool match_is_unparted(uint32_t cp);

#endif
