/*
 * The vocabularies that every crosswalk shares, as they are looked up in the
 * tables in use (crosswalk/rules.h): languages (BCP 47), countries (ISO 3166-1
 * alpha-3, M49 groups), kinds, access, roles of agents.  Case, accents and
 * punctuation do not matter.
 */
#ifndef SHEAF_CROSSWALK_VOCAB_H
#define SHEAF_CROSSWALK_VOCAB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "crosswalk/rules.h"

/* What is looked up in from now on; it must outlive every record that is made.
 * Until it is called, and for NULL, nothing is known. */
void vocab_use(const struct rules *rules);
const struct rules *vocab_rules(void); /* what is in use, or NULL */

enum { VOCAB_KEY_BYTES = 96 };
/* The key of a text: compatibility decomposition, case folded, marks dropped,
 * everything but letters and digits one space.  "" when it is too long to be
 * any label. */
void vocab_key(char out[VOCAB_KEY_BYTES], const char *text);

/* Canonical BCP 47 tag of a code ("eng", "en_US", "zh-Hant"), a name
 * ("French", "francés") or an address that ends in a code; NULL when it is
 * none, or und, mul, zxx.  Allocated in a, or of the tables. */
const char *vocab_language(struct arena *a, const char *text);
/* ISO alpha-3 or M49 of a country's or group's name, or of its code in
 * capitals; what became of a former state, which may be several: the others by
 * rules_next().  NULL: no such name. */
const char *vocab_country(const char *text);
/* Also by its M49 number, where a code is meant: "404". */
const char *vocab_country_code(const char *text);

/* A kind by its code, a concept's address, or a label; NULL: none is known. */
const char *vocab_kind(const char *text);
/* The text says little ("Text", "Image"): a type that says more is better. */
bool vocab_kind_is_vague(const char *text);
const char *vocab_family(const char *kind); /* NULL: no such kind */

/* Sectors and SDGs by code or label, in a list for rules_next(); or NULL. */
const char *vocab_sectors(const char *text);
const char *vocab_sdgs(const char *text);

/* open, embargoed, restricted, closed; or NULL. */
const char *vocab_access(const char *text);
/* The first code of a term in a vocabulary: by the scheme that is given, else
 * the way that the functions here look it up.  NULL: it is none. */
const char *vocab_map(
    struct arena *a, enum rules_vocab v, const char *scheme, const char *text);
/* The codes of a scheme's term, a list for rules_next(), or NULL. */
const char *
vocab_by_scheme(enum rules_vocab v, const char *scheme, const char *text);
/* The role (record/words.h) of what agents are called; or NULL. */
const char *vocab_role(const char *text);

#endif
