/*
 * sheaf-store: pages into PostgreSQL, and everything else that sheafd wants
 * of the database.
 *
 * One object holds what is in hand: pages, open runs, writers.  All of it is
 * forgotten when the database goes away; what is true stands in the database.
 *
 *	store    the messages, the database's coming and going
 *	page     a page in hand: its stream, its facts
 *	judge    what an incoming record is to what is known
 *	batch    whole pages of any runs → one transaction
 *	big      one large page → a transaction of its own, streamed
 *	write    the statements of a transaction
 *	open     runs begin or go on, many by one statement
 *	close    runs end, many by one statement
 *	stored   stored records as pages, for what renormalises
 *	again    what became of these
 *	run      open runs: leases, notes, wanted records
 *	rekey    a source is known by other identifiers
 *	source   agencies, sources, an operator's word, retention
 */
#ifndef SHEAF_STORE_STORE_H
#define SHEAF_STORE_STORE_H

#include "proc/chan.h"

struct event_base;
struct store;

/* ended is called once, when a DRAIN is done. */
struct store *
store_new(struct event_base *base, void (*ended)(void *arg), void *arg);
void store_free(struct store *s);
/* The channel to sheafd, not owned; to be set before the first message. */
void store_set_chan(struct store *s, struct chan *c);
/* As chan_ops.on_msg. */
void store_on_msg(struct store *s, const struct msg *m, int *fds, size_t nfds);

#endif
