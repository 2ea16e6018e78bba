/*
 * The page pipeline: bodies that wait for a parser, pages that are parsed,
 * pages that are committed.
 *
 * At most `parsers` pages are parsed at a time, and one over LIMIT_BIG_PAGE.
 */
#ifndef SHEAF_BIN_SHEAFD_PAGES_H
#define SHEAF_BIN_SHEAFD_PAGES_H

#include "bin/sheafd.h"
#include "bin/sheafd_page.h"
#include "wire/msg.h"

void pages_init(struct daemon *d);
void pages_free(struct daemon *d);
struct page *page_new(struct run *r, const struct harvest_request *req);
struct page *pages_find(struct daemon *d, uint64_t id);
/* Takes a page in stage FETCHED, with its body. */
void pages_add(struct page *p);
/* Takes a page out, whatever its stage, and frees it: store and parser are
 * told to stop, its transfer is cancelled. */
void page_drop(struct page *p, enum err_class class, const char *why);
/* The page's parser has ended. */
void pages_parser_free(struct page *p);
/* The run asks for no more pages: its parsers need not wait for one. */
void pages_no_more(struct run *r);
/* How many pages are in hand: fetched and not yet done. */
unsigned pages_in_hand(const struct daemon *d);
/* Looks whether a page may be given to a parser. */
void pages_pump(struct daemon *d);
/* sheaf-parse ended: the runs whose pages it had are lost. */
void pages_lost(struct daemon *d);

void pages_on_exit(struct daemon *d, const struct msg_parse_exit *m);
void pages_on_facts(struct daemon *d, const struct msg_page_facts_msg *m);
void pages_on_done(struct daemon *d, const struct msg_page_done *m);
void pages_on_failed(struct daemon *d, const struct msg_page_failed *m);

#endif
