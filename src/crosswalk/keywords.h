/* Phrases that speak for a sector (scheme keyword of the tables), looked for in
 * running text; and which texts are no label, told without looking them up. */
#ifndef SHEAF_CROSSWALK_KEYWORDS_H
#define SHEAF_CROSSWALK_KEYWORDS_H

#include "crosswalk/rules.h"

enum { KEYWORD_WORDS = 4 }; /* of a phrase, at most */

/* What is looked for from now on (vocab_use() calls it). */
void keywords_use(const struct rules *rules);

/* Whether a key may be a label of a sector, SDG or country: surely not, or a
 * look-up tells. */
bool keywords_may_be_label(const struct rules_key *key);

/* Calls found for each phrase of the tables in the text, from left to right,
 * the longest at each place, with the sectors that it stands for (a list for
 * rules_next()).  Of a long text its first RULES_KEY_BYTES - 1 bytes count. */
void keywords_find(
    const char *text, void (*found)(void *arg, const char *codes), void *arg);

#endif
