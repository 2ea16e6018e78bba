/*
 * The record model: what one source says about one thing, in normal form.
 * The fields and their meaning are those of RECORD.md (see ARCHITECTURE.md);
 * this header is their shape in C.
 *
 * Everything points into one arena, so a record has no free of its own.
 * Texts are NUL-terminated valid UTF-8, or NULL where there is none.  Words
 * of a controlled list (roles, bases, precisions) are texts too, checked
 * against the lists in record/words.h by record_check().
 *
 * One table (record/fields.c) describes every struct below; the encoder, the
 * decoder, the JSON writer and the checker all walk it, so that a field
 * cannot be in one and not in the others.
 */
#ifndef SHEAF_RECORD_RECORD_H
#define SHEAF_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

/* A list in the arena: `items` has `count` of `cap`. */
#define RECORD_LIST(type)                                                      \
	struct {                                                               \
		type *items;                                                   \
		size_t count, cap;                                             \
	}

struct rec_text {
	const char *text, *lang, *lang_basis, *role;
};
struct rec_code { /* kind, languages, countries, sectors, sdgs */
	const char *code, *role, *basis, *term, *scheme;
};
struct rec_type {
	const char *text, *scheme, *code;
};
struct rec_id {
	const char *scheme, *value, *given;
};
struct rec_agent {
	const char *name, *role, *role_term, *affiliation, *kind;
	RECORD_LIST(struct rec_id) ids;
};
struct rec_date {
	const char *role, *value, *until, *precision, *text, *offset;
	bool approximate;
};
struct rec_container {
	const char *title, *issn, *isbn, *volume, *issue, *pages, *number;
};
struct rec_relation {
	const char *type, *scheme, *value, *text;
};
struct rec_link {
	const char *role, *url, *lang, *media_type;
};
struct rec_subject {
	const char *text, *scheme, *code, *lang;
};
struct rec_rights {
	const char *text, *url;
	const char *code; /* SPDX, of a licence that is known; not in JSON */
};
struct rec_origin {
	const char *base_url, *identifier, *datestamp, *format;
};
struct rec_warning {
	const char *code, *text;
};

/*
 * What duplicates are recognised by, in normal form; made by the crosswalk
 * (crosswalk/match.h says how) at the end of each record.  A record that was
 * stored before there was one has none of it until it is read again.
 *
 * A form is words with one space between: entities and tags resolved,
 * compatibility forms decomposed (NFKD), marks gone, case folded, split at
 * whatever is no letter or digit of any script.  In a title, scripts that do
 * not part their words are pairs of characters that follow each other; in names
 * and venues they stay whole.  In a title words that say nothing ("of the") are
 * left out, unless there are no others, and a word may begin with
 *	#	a number: digits without leading zeros, an ordinal, a roman
 *		numeral, a number word ("#7");
 *	@	a place: the English name, in one word, of a country or region
 *		that stands there in any language of the vocabulary ("@vietnam",
 *		"@africa"), the codes of what a state became ("@czesvk"), or the
 *		words of a country's part ("@east @germany").
 */
struct rec_match_name {
	const char *text; /* folded words, in their order; all of them */
	const char *kind; /* person, organisation; NULL: nobody says so */
};
struct rec_match {
	const char *title; /* of the preferred one; NULL: none */
	/* alternative and translated ones, at most LIMIT_MATCH_TITLES; others
	 * than title and each other */
	RECORD_LIST(const char *) other_titles;
	bool is_cut; /* the preferred title as given ends in an ellipsis */
	/* Of the preferred title: declared with it, else detected, else the
	 * record's only one; its primary subtag ("en", "zh"); NULL: unknown */
	const char *lang;
	/* creators in the record's order, at most LIMIT_MATCH_NAMES: author,
	 * contributor, editor; of offers, needs and activities also provider,
	 * seeker, implementer */
	RECORD_LIST(struct rec_match_name) names;
	/* folded, digits kept, nothing left out: what contains it, else its
	 * publisher, else what it names as its source */
	const char *venue;
	/* thesis, conf, journal, report; NULL: unknown */
	const char *venue_kind;
	const char *year; /* four digits: issued, else start, created, …; else
			     what title or venue state */
	const char *day; /* YYYY-MM-DD, where the date is a day, and not the
			    1 January that many put for a year */
};

struct record {
	/* header */
	const char *identifier; /* required */
	const char *identifier_basis; /* oai, guid, link, hash */
	const char *datestamp; /* as the server wrote it, trimmed */
	RECORD_LIST(const char *) sets;
	bool deleted;
	bool header_only; /* of a ListIdentifiers page */
	bool is_known; /* its content was not read: record/known.h */
	bool filtered; /* the source's keep leaves it out: a stream has no
			  content of it */
	/* content */
	struct rec_code kind; /* code NULL: none */
	const char *family;
	RECORD_LIST(struct rec_type) types;
	const char *status;
	RECORD_LIST(struct rec_text) titles;
	RECORD_LIST(struct rec_text) abstracts;
	RECORD_LIST(struct rec_agent) agents;
	RECORD_LIST(struct rec_date) dates;
	RECORD_LIST(struct rec_id) identifiers;
	struct rec_container container;
	RECORD_LIST(struct rec_relation) relations;
	RECORD_LIST(struct rec_link) links;
	RECORD_LIST(struct rec_subject) subjects;
	RECORD_LIST(struct rec_code) languages;
	RECORD_LIST(struct rec_code) countries;
	RECORD_LIST(const char *) coverage; /* JSON: [{text}] */
	RECORD_LIST(struct rec_code) sectors;
	RECORD_LIST(struct rec_code) sdgs;
	const char *trl_min, *trl_max; /* JSON: trl {min, max}, numbers */
	const char *ip_status, *access;
	RECORD_LIST(struct rec_rights) rights;
	struct rec_origin origin;
	struct rec_match match; /* not in RECORD.md's JSON */
	RECORD_LIST(struct rec_warning) warnings;
	/* where it stands */
	uint64_t offset, length; /* in the decoded page, before repair */
	uint8_t digest[DIGEST_BYTES]; /* over metadata and about; zero when
					 deleted or header only */
	/* element: the record as well-formed UTF-8 XML where the page's own
	 * bytes from offset are not that (repaired, transcoded); else empty. */
	const char *element;
	size_t element_len;
	/* namespaces in scope at the record that it does not declare itself:
	 * `xmlns="…" xmlns:dc="…"`, ready to stand in its start tag. */
	const char *context;
};

/* A record (or feed item) that could not be read. */
struct reject {
	const char *identifier; /* NULL when it could not be read */
	uint64_t offset, length;
	const char *reason;
};

/* Appends a zeroed item and returns it, or NULL when LIMIT_VALUES_PER_FIELD is
 * reached or the arena is full.  `list` is one of the RECORD_LISTs. */
#define record_add(arena, list)                                                \
	((__typeof__((list)->items))record_add_((arena),                       \
	    (void **)&(list)->items, &(list)->count, &(list)->cap,             \
	    sizeof(*(list)->items)))
void *record_add_(
    struct arena *a, void **items, size_t *count, size_t *cap, size_t size);
/* Adds a warning unless LIMIT_WARNINGS are there or the same one is. */
void record_warn(struct record *r, struct arena *a, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The content (from `kind` to `warnings`) as bytes, and back.  What is decoded
 * points into `a`.  Decoding refuses whatever record_check refuses. */
int record_encode_doc(struct buf *out, const struct record *r);
int record_decode_doc(struct record *r, struct arena *a, const void *data,
    size_t n, struct err *e);

/* The invariants that a receiver relies on: valid UTF-8, no NUL, lengths and
 * counts within limits, controlled words known, absolute links.  0 or -1,
 * naming the field. */
int record_check(const struct record *r, struct err *e);

/* RECORD.md, one line without a line feed; with what it leaves to a choice: */
enum record_json_with {
	RECORD_PLACE = 1, /* offset and length */
	RECORD_MATCH = 2, /* "match": struct rec_match, by its own names */
};
void record_json(struct buf *out, const struct record *r, unsigned with);
void reject_json(struct buf *out, const struct reject *r);

/* The columns of registry.record, chosen from the content; NULL where none. */
struct record_summary {
	const char *title, *kind, *licence;
	/* The landing page, else the full text, else a resolver's address of
	 * an identifier; without tracking parameters (url_untracked()).  It is
	 * what feeds with identity basis "link" have as their identifier, where
	 * it has at most LIMIT_IDENTIFIER_BYTES. */
	const char *url;
	const char *issued; /* first day of the period, YYYY-MM-DD */
	const char *issued_precision; /* year, month, day, … */
};
void record_summarise(
    struct record_summary *s, const struct record *r, struct arena *a);

#endif
