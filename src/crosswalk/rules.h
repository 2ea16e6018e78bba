/*
 * Rules: the vocabularies (conf/vocab) as one block of memory without
 * pointers, and looking things up in it.
 *
 * Whoever reads the configuration compiles the tables (rules_compile.h); the
 * sandboxed parser maps the block read-only, and its children share it.  What
 * is handed out points into the block and lives as long as it is mapped.
 *
 * A vocabulary is what a record's field has codes of.  A scheme is where a
 * term comes from: "label" for words that people write, the vocabulary's own
 * name for its codes, else a classification or code list ("coar", "m49",
 * "dac").  A look-up finds the term as written, but for case, punctuation and
 * white space; then without its diacritics; then, in schemes that the tables
 * give beginnings of codes for ("Y02A40*"), by the longest beginning.
 */
#ifndef SHEAF_CROSSWALK_RULES_H
#define SHEAF_CROSSWALK_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct rules;

enum rules_vocab {
	RULES_KIND,
	RULES_SECTOR,
	RULES_COUNTRY, /* and the groups of M49 */
	RULES_LANGUAGE, /* BCP 47 */
	RULES_SDG, /* goals and targets */
	RULES_LICENCE, /* SPDX */
	RULES_ACCESS, /* open, embargoed, restricted, closed */
	RULES_ROLE, /* of agents */
	RULES_SCHEME, /* of a concept, by what its address begins with */
	RULES_VOCABS
};
const char *rules_vocab_name(enum rules_vocab v);
int rules_vocab_parse(const char *name); /* -1: none */

/* "label", "keyword", "prefix" */
extern const char rules_label[], rules_keyword[], rules_prefix[];

enum {
	RULES_KEY_BYTES = 192, /* longer terms are not found */
	RULES_SCHEME_BYTES = 32,
	RULES_PREFIX_BYTES = 16 /* of the codes that are found by a beginning */
};

/* A term in the form that it is looked up in: compatibility composition, case
 * folded, everything but letters, marks and digits one space, http:// and www.
 * left out.  "" when it is too long or no UTF-8. */
struct rules_key {
	char exact[RULES_KEY_BYTES];
	char plain[RULES_KEY_BYTES]; /* without marks; only if !is_plain */
	bool is_plain; /* exact has no marks */
};
void rules_key(struct rules_key *key, const char *text);

/* The block that rules_compile made, after a check of all that is in it: data
 * (aligned as malloc does) itself, or NULL. */
const struct rules *rules_open(const void *data, size_t n, struct err *e);
/* Its size in bytes. */
size_t rules_size(const struct rules *r);

struct rules_hit {
	const char *codes; /* the first; rules_next() has the others */
	const char *basis; /* mapped; rule for keywords */
};
/* r may be NULL: nothing is known. */
bool rules_find(const struct rules *r, enum rules_vocab v, const char *scheme,
    const char *text, struct rules_hit *hit);
/* The same for a key that rules_key() made, where several are asked for it. */
bool rules_find_key(const struct rules *r, enum rules_vocab v,
    const char *scheme, const struct rules_key *key, struct rules_hit *hit);
/* By the exact form of a key alone, without beginnings. */
bool rules_find_exact(const struct rules *r, enum rules_vocab v,
    const char *scheme, const char *exact, struct rules_hit *hit);
/* Every term's key of a vocabulary's scheme. */
void rules_each_key(const struct rules *r, enum rules_vocab v,
    const char *scheme, void (*each)(void *arg, const char *key), void *arg);
/* The only code of a term, or NULL where there is none or more than one. */
const char *rules_code(const struct rules *r, enum rules_vocab v,
    const char *scheme, const char *text);
/* The code behind this one in its list, or NULL. */
const char *rules_next(const char *code);

/* The scheme of a concept's address (…/coar/resource_type/c_6501, info:eu-repo
 * and the like), and in *local what stands behind its prefix; else NULL. */
const char *
rules_concept(const struct rules *r, const char *address, const char **local);

/* What a vocabulary consists of, sorted by code. */
struct rules_thing {
	const char *code;
	const char *parents; /* a list for rules_next(); NULL: none */
	size_t name_first, name_count; /* for rules_name() */
};
struct rules_name {
	const char *text, *lang; /* lang "" where none is given */
	bool is_alternative;
};
size_t rules_count(const struct rules *r, enum rules_vocab v);
void rules_thing(const struct rules *r, enum rules_vocab v, size_t i,
    struct rules_thing *out);
void rules_name(const struct rules *r, size_t i, struct rules_name *out);
/* By its exact code. */
bool rules_thing_find(const struct rules *r, enum rules_vocab v,
    const char *code, struct rules_thing *out);

#endif
