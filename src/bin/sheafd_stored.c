#include "bin/sheafd_stored.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "bin/made_by.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_transfers.h"

/* What a page is taken for before it is there. */
enum { GUESS_BYTES = 1024 * 1024 };

struct stored {
	struct page *waiting; /* oldest first */
};

void
stored_init(struct daemon *d)
{
	d->stored = xcalloc(1, sizeof(*d->stored));
}

void
stored_free(struct daemon *d)
{
	free(d->stored);
	d->stored = NULL;
}

void
stored_add(struct page *p, const struct harvest_request *req)
{
	struct daemon *d = p->run->d;

	BUG_ON(p->stage != PAGE_WAITING);
	p->is_stored = true;
	p->after = req->after;
	p->blocks = req->blocks;
	CDL_APPEND2(d->stored->waiting, p, queue_prev, queue_next);
	stored_pump(d);
}

static void
forget(struct daemon *d, uint64_t page)
{
	struct msg m = {.type = MSG_PAGE_ABORT};

	m.page_abort.page = page;
	m.page_abort.text = "";
	roles_send(d, ROLE_STORE, &m, NULL, 0);
}

void
stored_drop(struct page *p)
{
	struct daemon *d = p->run->d;

	if (p->stage == PAGE_WAITING)
		CDL_DELETE2(d->stored->waiting, p, queue_prev, queue_next);
	else
		forget(d, p->id);
}

static void
ask(struct page *p)
{
	struct run *r = p->run;
	struct msg m = {.type = MSG_STORED_ASK};
	uint8_t rules[HASH128_BYTES];

	CDL_DELETE2(r->d->stored->waiting, p, queue_prev, queue_next);
	p->stage = PAGE_FETCHING;
	transfers_hold(p, r->body_bytes > 0 ? r->body_bytes : GUESS_BYTES);
	made_by(rules, r->d->rules, r->conf);
	m.stored_ask.page = p->id;
	m.stored_ask.run_id = r->id;
	m.stored_ask.after = p->after;
	m.stored_ask.blocks = p->blocks;
	m.stored_ask.rules = (struct blob){rules, sizeof(rules)};
	m.stored_ask.feed = r->conf->protocol == PROTOCOL_FEED;
	/* When sheaf-store is not there, every run is lost soon. */
	roles_send(r->d, ROLE_STORE, &m, NULL, 0);
}

void
stored_pump(struct daemon *d)
{
	while (d->stored->waiting != NULL && transfers_have_room(d))
		ask(d->stored->waiting);
}

void
stored_on_answer(
    struct daemon *d, const struct msg_stored *m, int *fds, size_t nfds)
{
	struct page *p = pages_find(d, m->page);

	/* Dropped while it was being read: store holds it for PAGE_OPEN. */
	if (p == NULL) {
		forget(d, m->page);
		return;
	}
	if (p->stage != PAGE_FETCHING || !p->is_stored)
		return;
	struct run *r = p->run;
	struct harvest_stored s = {.page_no = p->page_no,
	    .blocks = m->blocks,
	    .last = m->last,
	    .passed_over = m->passed_over};
	if (m->blocks > 0 && nfds == 0) {
		run_lost(r, "sheaf-store sent no stored records");
		return;
	}
	p->stage = PAGE_FETCHED;
	if (harvest_stored(r->driver, &s) != HARVEST_PARSE) {
		page_drop(p, ERR_NONE, "no stored record is left");
		run_step(r);
		return;
	}
	p->body_fd = fds[0];
	fds[0] = -1;
	p->format = arena_strdup(&p->arena, m->format);
	p->protocol = arena_strdup(&p->arena, m->protocol);
	p->came_from = arena_strdup(&p->arena, m->base_url);
	p->body_bytes = m->body_bytes;
	p->fetched_at_us = date_now_us();
	if (m->body_hash.len == HASH128_BYTES)
		memcpy(p->body_hash, m->body_hash.data, HASH128_BYTES);
	transfers_hold(p, p->body_bytes);
	r->body_bytes = p->body_bytes;
	pages_add(p);
	run_step(r);
}

void
stored_rules_changed(struct daemon *d)
{
	struct run *next;

	for (struct run *r = runs_first(d); r != NULL; r = next) {
		next = r->next;
		if (r->mode == RUN_RENORMALISE && r->phase != RUN_CLOSING)
			run_lost(r, "the tables have changed");
	}
}
