/*
 * The records of a transaction: looked up once, judged one after the other,
 * written as a set.  Used by batch (whole pages of any runs) and by big (a
 * part of one page at a time); private to src/store.
 *
 * An identifier of a source has one entry here, however often it comes, so
 * that the transaction writes it once and never meets its own unique index.
 * A copy that comes again replaces the one before unless its datestamp is
 * older; it counts as unchanged.
 */
#ifndef SHEAF_STORE_TXN_H
#define SHEAF_STORE_TXN_H

#include "store/priv.h"

/* What sheaf.runs_move raises when a run does not stand there any more. */
#define SQLSTATE_MOVED "SH001"

/* Of one block of a page that is kept whole. */
#define WHOLE_BYTES (4 * MIB)

/* AGAIN: new content of a stored record; never beside the others. */
enum op {
	OP_NONE,
	OP_INSERT,
	OP_CHANGED,
	OP_TOUCHED,
	OP_DELETED,
	OP_FILTERED,
	OP_AGAIN
};
enum { ENTRY_NONE = UINT32_MAX }; /* item.entry of what is the same again */

struct entry {
	const char *identifier;
	uint64_t hash;
	struct run *run;
	struct standing now;
	uint8_t digest[DIGEST_BYTES]; /* what now.digest points to at first */
	int64_t record_id;
	enum op op;
	bool seen; /* a copy was judged */
	struct item *item; /* what op writes */
	struct page *page; /* where that is from */
	/* columns taken from its content; in the arena */
	const char *title, *url, *kind, *licence, *issued, *precision;
	int32_t terms,
	    unmapped; /* record/terms.h; -1 where there is no content */
};

struct txn {
	struct store *store;
	unsigned conn;
	struct page **pages;
	size_t page_count, page_cap;
	struct entry *entries;
	size_t count, cap;
	uint32_t *table; /* entry + 1, open addressing */
	size_t table_size;
	size_t inserts, blocks;
	size_t reserved; /* numbers that it may take */
	struct arena arena, scratch;
};

void txn_init(struct txn *t, struct store *s, unsigned conn);
void txn_release(struct txn *t);
void txn_clear(struct txn *t);
/* Its items get entries. */
void txn_add(struct txn *t, struct page *p);
/* Sends the look-up of all entries, and asks for numbers if they run short. */
void txn_lookup(struct txn *t);
/* Decides for every item of every page, in order.  NULL, or the page that
 * cannot be believed, and why. */
struct page *txn_judge(struct txn *t, struct err *e);

/* --- write.c: sends what was decided; NULL, or the page whose bytes are not
 * to be had, and why --- */
struct page *txn_write(struct txn *t, struct err *e);
/* Bytes [*offset, …) of an unclean page as one block; moves *offset.  0, or -1.
 */
int write_whole(struct txn *t, struct page *p, uint64_t *offset, struct err *e);

/* null for -1 */
void put_count(struct db_params *q, int32_t n);

/* --- move.c --- */
/* The pages' rows. */
void write_pages(struct txn *t, struct page *const *pages, size_t n);
/* Moves n runs on, the first by the first counts[0] of the pages, and so on.
 * A run's `held` is set by the answer. */
void write_moves(
    struct txn *t, struct page *const *pages, const size_t *counts, size_t n);
/* Whether the runs stand where those pages begin; sets `stands` and `first`. */
void write_check(struct store *s, unsigned conn, enum statement statement,
    struct page *const *firsts, size_t n);

#endif
