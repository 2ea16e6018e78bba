/*
 * Stored records that are read again (stored.c), and what becomes of them
 * (again.c).  Private to src/store.
 */
#ifndef SHEAF_STORE_STORED_H
#define SHEAF_STORE_STORED_H

#include "record/stored.h"
#include "store/txn.h"

/* A page of them: the run's until PAGE_OPEN, then the page's. */
struct stored {
	TAILQ_ENTRY(stored) of_run;
	uint64_t id; /* of the page */
	struct stored_page page;
};

/* --- stored.c --- */
void stored_on_ask(struct store *s, const struct msg_stored_ask *m);
/* Out of the run, to the caller; NULL when there is none for that page. */
struct stored *stored_take(struct run *r, uint64_t page);
/* A page that was not opened is not wanted. */
void stored_forget(struct store *s, uint64_t page);
void stored_free_all(struct run *r);
void stored_free(struct stored *st);

/* --- again.c --- */
/* Entries for the items of a page whose content differs.  0, or -1 and e. */
int again_judge(struct txn *t, struct page *p, struct err *e);
/* Sends what becomes of the pages' records and blocks, once their new blocks
 * were sent. */
void again_write(struct txn *t);

#endif
