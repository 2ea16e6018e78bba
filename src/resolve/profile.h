/*
 * What matching needs to know of one record: profile_from_record() takes it
 * from record.match and the record's own fields, profile_encode() makes the
 * bytes of sheaf.profile, profile_decode() reads them again.
 *
 * A profile is prepared once (words hashed and sorted, titles squeezed, names
 * cut into words), so that comparing two of them looks nothing up.  What
 * depends on the numbered model (weights, which names are corporate, how many
 * hold an identifier) is filled in by profile_prepare(), once a model.
 *
 * Everything points into an arena; a profile has no free of its own.
 */
#ifndef SHEAF_RESOLVE_PROFILE_H
#define SHEAF_RESOLVE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

struct model;

/* The class is the seed of a hash, so that one table holds them all. */
enum hash_class {
	HASH_WORD = 't', /* a word of a title, "#7" and "@nepal" too */
	HASH_PAIR = 'b', /* two of them, next to each other */
	HASH_NAME = 'a', /* a word of a name */
	HASH_IDENTIFIER = 'i', /* "scheme:value" */
	HASH_TITLE = 'h', /* the distinct words of a title, in any order */
	HASH_COMPOUND = 'c',
	HASH_VENUE = 'v', /* a venue, or a corporate name: one space of names */
	HASH_SOURCE_TITLE = 's', /* a title in a source */
	HASH_REPEATED = 'm', /* a title that any source has so often */
	HASH_RECORD = 'r', /* a record's identifier */
};
/* XXH3 with 64 bits. */
uint64_t profile_hash(enum hash_class class, const void *p, size_t n);
/* Of two hashes in their order. */
uint64_t profile_hash_both(enum hash_class class, uint64_t a, uint64_t b);

/* Of a title (its hash) in a source, by which boilerplate shows. */
uint64_t profile_source_title(int32_t source_id, uint64_t title_hash);
/* Of a title that at least one source has boilerplate_times: a model that has
 * that of 0 has all of them, and so no source needs to be looked at for most
 * titles. */
uint64_t profile_repeated(uint64_t title_hash);

enum word_flag {
	WORD_NUMBER = 1, /* "#7" */
	WORD_PLACE = 2, /* "@nepal" */
	WORD_MONTH = 4,
	WORD_STRONG = 8, /* makes another thing of it: corrigendum, summary */
	WORD_PLAIN = 16, /* another state of it: draft, revised */
	WORD_WEAK = 32, /* another appearance of it: poster, abstract */
	WORD_EDITION = 64, /* what a number beside it counts: edition */
	WORD_PART = 128, /* the same: part, volume, phase */
	WORD_BODY = 256, /* in names, that of an organisation: ministry */
	WORD_SMALL = 512, /* of, the, and: initials leave it out */
	WORD_DIGITS = 1024, /* has a digit: a letter off is another word */
};

struct profile_word {
	uint64_t hash; /* HASH_WORD, of titles, names and venues alike */
	uint64_t bare; /* of a place, the same without its "@"; else hash */
	uint64_t letters; /* bit (byte % 64) for each byte: for a quick no */
	const char *text; /* with its "#" or "@"; a NUL ends it in titles */
	uint16_t length; /* of text, in bytes */
	uint16_t characters; /* of text */
	uint16_t flags; /* enum word_flag */
	uint32_t holders; /* records that have it; by the model */
	float weight; /* bits; by the model */
	float rest; /* the same where only one of two titles has it */
};

/* At most LIMIT_PROFILE_WORDS words, the repeated ones counted, so that a set
 * of them is 64 bits. */
struct profile_title {
	const char *text; /* the words in their order, a space between */
	struct profile_word *words; /* distinct, by rising hash */
	size_t count;
	uint8_t *order; /* the title: indices of words */
	size_t order_count;
	const char *squeezed; /* all words without spaces, "#" and "@" */
	size_t squeezed_length;
	uint64_t hash; /* HASH_TITLE */
	uint32_t holders; /* records that have it; by the model */
	uint32_t times; /* that one curated source has it, at most; by the
			   model */
};

struct profile_name {
	const char *text; /* folded, in the order given */
	size_t length;
	uint64_t hash; /* HASH_VENUE */
	uint64_t solid; /* HASH_WORD of it without spaces */
	uint64_t initials[2]; /* HASH_WORD of first letters, with and without
				 the small words; 0 where it is one word */
	/* Of a name of an initial and a word of three letters and more, such
	 * as "s arnaud"; else 0 and NULL. */
	char initial;
	const char *beside;
	uint16_t beside_length;
	bool is_organisation; /* said by the data, or by a word of it */
	bool is_person; /* said by the data */
	bool is_corporate; /* by the model: an organisation or a publisher */
};

/* A word of a name.  Words that corporate names alone have are not among the
 * persons' once the profile is prepared. */
struct profile_name_word {
	struct profile_word word; /* weight, holders: of name_hash */
	uint64_t name_hash; /* HASH_NAME */
	uint32_t names; /* the bits of the names that have it */
	bool is_personal; /* by the model: a person's name has it */
};

enum id_scheme {
	ID_DOI,
	ID_HANDLE,
	ID_ISBN,
	ID_UN_SYMBOL,
	ID_IATI,
	ID_PATENT,
	ID_ARXIV,
	ID_PMID,
	ID_URN,
	ID_OAI,
	ID_URL,
	ID_SCHEMES /* how many; `local` says nothing elsewhere */
};

struct profile_id {
	uint64_t hash; /* HASH_IDENTIFIER */
	const char *value;
	enum id_scheme scheme;
	uint32_t holders; /* by the model; 1 where it knows it not */
};

enum family {
	FAMILY_NONE,
	FAMILY_OFFER,
	FAMILY_NEED,
	FAMILY_KNOWLEDGE,
	FAMILY_ACTOR,
	FAMILY_ACTIVITY,
};
enum venue_kind {
	VENUE_NONE,
	VENUE_THESIS,
	VENUE_CONFERENCE,
	VENUE_JOURNAL,
	VENUE_REPORT,
};

enum { PROFILE_TITLES = 3 }; /* the preferred one and two others */

struct profile {
	int64_t record_id;
	int32_t source_id;
	uint64_t identifier_hash; /* HASH_RECORD, of the record's identifier */
	struct profile_title titles[PROFILE_TITLES]; /* the preferred first */
	size_t title_count;
	bool is_cut; /* the preferred title, as given, ends in an ellipsis */
	const char *lang; /* of the preferred title: "en"; or NULL */
	const char *languages; /* of the content, primary subtags in order,
				  a space between; or NULL */
	struct profile_name *names;
	size_t name_count;
	struct profile_name_word *name_words; /* distinct, by rising
						 word.hash */
	size_t name_word_count;
	const char *venue; /* folded; or NULL */
	uint64_t venue_hash; /* HASH_VENUE, of it without digits; 0: none */
	struct profile_word *venue_words; /* distinct, by rising hash */
	size_t venue_word_count;
	enum venue_kind venue_kind;
	int year; /* 0: none */
	uint64_t year_words[2]; /* HASH_WORD of "#2014" and "#14" */
	int32_t day; /* days since 1970; PROFILE_NO_DAY: none */
	/* What the record itself says that it is: what only its source's
	 * default says is left out. */
	const char *kind; /* code, or NULL */
	enum family family;
	struct profile_id *ids; /* distinct, by rising hash */
	size_t id_count;
	/* by the model */
	const struct model *model; /* what it was prepared for; or NULL */
	bool is_curated; /* its source is */
};
#define PROFILE_NO_DAY INT32_MIN

/* From a record that record_check() accepts.  Texts point into the record's
 * arena, the rest into `a`, which has no ceiling.  More than the limits
 * (LIMIT_PROFILE_* and LIMIT_MATCH_* in base/limits.h) is left out, in the
 * order given.  The record is not deleted, and not a header alone. */
void profile_from_record(struct profile *p, const struct record *r,
    int32_t source_id, int64_t record_id, struct arena *a);

/* The bytes of sheaf.profile.data: what cannot be derived, behind a byte of
 * PROFILE_VERSION.  Equal profiles have equal bytes.  Failure shows in
 * out->full (LIMIT_PROFILE_BYTES are enough for any). */
enum { PROFILE_VERSION = 1 };
void profile_encode(struct buf *out, const struct profile *p);
/* The same profile again, not yet prepared for a model.  The bytes are copied
 * into `a`.  0, or -1 and e (ERR_PROTO; ERR_LIMIT) when they are not what
 * profile_encode() writes; another version is one such case, and means that
 * the profile is to be made of its record again. */
int profile_decode(struct profile *p, struct arena *a, int32_t source_id,
    int64_t record_id, const void *data, size_t n, struct err *e);

/* Fills in what the model knows.  Needed before a profile is scored, and again
 * for another model. */
void profile_prepare(struct profile *p, const struct model *m);

/* How many bits a word (of a name) carries when `count` of `records` have it.
 */
double profile_word_bits(uint64_t records, uint32_t count);
double profile_name_bits(uint64_t records, uint32_t count);
/* "doi", as in record.identifiers; NULL at ID_SCHEMES. */
const char *profile_scheme_name(enum id_scheme s);

#endif
