/*
 * The vocabularies that every crosswalk shares: languages (BCP 47),
 * countries (ISO 3166-1 alpha-3, M49 groups), kinds.  A look-up is by key,
 * so that case, accents and punctuation do not matter.
 */
#ifndef SHEAF_CROSSWALK_VOCAB_H
#define SHEAF_CROSSWALK_VOCAB_H

#include <stddef.h>

#include "base/arena.h"

enum { VOCAB_KEY_BYTES = 96 };

struct vocab_row {
	const char *key, *code;
};

/* The key of a text: compatibility decomposition, case folded, marks dropped,
 * everything but letters and digits one space.  "" when it is too long to be
 * any label. */
void vocab_key(char out[VOCAB_KEY_BYTES], const char *text);
/* Code of a key in a table sorted by strcmp, or NULL. */
const char *
vocab_find(const struct vocab_row *rows, size_t count, const char *key);

/* Canonical BCP 47 tag of a code ("eng", "en_US", "zh-Hant"), a name
 * ("French", "francés") or an address that ends in a code; NULL when it is
 * none, or und, mul, zxx.  Allocated in a, or static. */
const char *vocab_language(struct arena *a, const char *text);
/* ISO alpha-3 or M49 of a country's or group's exact name, or code. */
const char *vocab_country(const char *text);

/* kinds.tsv: NULL when the label is not known. */
const char *vocab_kind(const char *text);
const char *vocab_family(const char *kind); /* NULL: no such kind */

#endif
