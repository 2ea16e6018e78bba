/*
 * What parser and store say of a page, and what follows: commit, abort, try
 * again.
 *
 * A page is judged when its facts have come and its parser has exited with 0,
 * or 65 where the facts say why it cannot be read.  Any other end of the
 * parser costs this page alone.
 */
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "base/date.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_progress.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_transfers.h"

/* The page is not to be had; the driver decides what that means. */
static void
page_unparsed(struct page *p, const struct err *why)
{
	struct run *r = p->run;
	uint64_t page_no = p->page_no;

	r->last = *why;
	r->retries++;
	/* With what was fetched ahead of it. */
	run_drop_from(r, page_no, why->class, why->text);
	harvest_unparsed(r->driver, page_no, why, date_now_us());
	run_step(r);
}

static void
page_commit(struct page *p)
{
	struct run *r = p->run;
	struct msg m = {.type = MSG_PAGE_COMMIT};

	m.page_commit.page = p->id;
	m.page_commit.state =
	    harvest_state(r->driver, p->page_no, &m.page_commit.advertised);
	p->stage = PAGE_COMMITTING;
	roles_send(r->d, ROLE_STORE, &m, NULL, 0);
}

static void
page_judge(struct page *p)
{
	struct run *r = p->run;
	struct err why = {0};

	if (harvest_facts(r->driver, p->page_no, &p->facts, &why) ==
	    HARVEST_COMMIT) {
		page_commit(p);
	} else {
		r->last = why;
		if (why.class != ERR_NONE)
			r->retries++;
		/* With what was asked for behind it. */
		run_drop_from(r, p->page_no, why.class, why.text);
	}
	run_step(r);
}

/* Why a parser ended as it did, for an operator. */
static void
exit_reason(struct err *why, const struct msg_parse_exit *m)
{
	if (m->deadline)
		err_set(why, ERR_LIMIT, 0,
		    "the page's parser was stopped: it ran out of time");
	else if (m->signal == SIGSYS)
		err_set(why, ERR_POLICY, 0,
		    "the page's parser was stopped by its sandbox: it tried "
		    "what reading a page does not need");
	else if (m->signal == SIGXCPU)
		err_set(why, ERR_LIMIT, 0,
		    "the page's parser was stopped: it used too much CPU time");
	else if (m->signal != 0)
		err_set(why, ERR_XML, 0,
		    "the page's parser crashed on it (signal %u, %s)",
		    m->signal, strsignal((int)m->signal));
	else if (m->status == EX_OSERR)
		err_set(
		    why, ERR_LIMIT, 0, "the page's parser ran out of memory");
	else
		err_set(why, ERR_XML, 0,
		    "the page's parser gave up on it (exit status %u)",
		    m->status);
}

void
pages_on_exit(struct daemon *d, const struct msg_parse_exit *m)
{
	struct page *p = pages_find(d, m->page);
	struct err why = {0};

	if (p == NULL || !p->open_at_parser)
		return;
	pages_parser_free(p);
	if (m->signal != 0 || m->deadline ||
	    (m->status != EX_OK && m->status != EX_DATAERR)) {
		exit_reason(&why, m);
		page_unparsed(p, &why);
	} else if (p->failure.class != ERR_NONE) {
		why = p->failure;
		page_unparsed(p, &why);
	} else {
		p->exit_seen = true;
		if (p->facts_seen)
			page_judge(p);
	}
	pages_pump(d);
}

void
pages_on_facts(struct daemon *d, const struct msg_page_facts_msg *m)
{
	struct page *p = pages_find(d, m->page);
	struct err why = {0};

	if (p == NULL || p->stage != PAGE_PARSING || p->facts_seen)
		return;
	if (facts_decode(
		&p->facts, &p->arena, m->facts.data, m->facts.len, &why) != 0) {
		page_unparsed(p, &why);
		return;
	}
	p->facts_seen = true;
	if (p->exit_seen)
		page_judge(p);
}

void
pages_on_done(struct daemon *d, const struct msg_page_done *m)
{
	struct page *p = pages_find(d, m->page);

	if (p == NULL || p->stage != PAGE_COMMITTING)
		return;
	struct run *r = p->run;
	struct harvest_counts counts = {
	    .added = m->added,
	    .changed = m->changed,
	    .touched = m->touched,
	    .unchanged = m->unchanged,
	    .deleted = m->deleted,
	    .rejected = m->rejected,
	    .wanted = m->wanted,
	    .filtered = m->filtered,
	    .filtered_before = m->filtered_before,
	    .held = m->held,
	};
	p->open_at_store = false;
	r->losses = r->role_losses = 0;
	r->pages_done++;
	r->records += counts.added + counts.changed + counts.touched +
		      counts.unchanged + counts.deleted + counts.filtered;
	harvest_committed(r->driver, p->page_no, &counts);
	progress_page(d, r, m);
	page_drop(p, ERR_NONE, "");
	resolving_wake(d);
	run_step(r);
}

void
pages_on_failed(struct daemon *d, const struct msg_page_failed *m)
{
	struct page *p = pages_find(d, m->page);
	struct run *r = p != NULL ? p->run : runs_find(d, m->run_id);
	struct err why = {0};

	if (p != NULL)
		p->open_at_store = false;
	if (m->reopen && r != NULL) {
		run_lost(r, m->text);
		return;
	}
	if (p == NULL)
		return;
	err_set(&why, (enum err_class)m->err_class, 0, "%s", m->text);
	if (why.class == ERR_NONE)
		why.class = ERR_XML;
	/* The parser's end says more than the stream that broke by it. */
	if (p->open_at_parser)
		p->failure = why;
	else
		page_unparsed(p, &why);
}
