/* Which stored records are read again next; see sched/renorm_run.h. */
#include "sched/renorm_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "sched/kv.h"

enum {
	AHEAD = 3, /* pages on their way: asked for, parsed, stored */
	TRIES = 2,
	RULES_BYTES = 64
};

struct renorm_page {
	uint64_t last; /* block */
	bool is_there; /* its blocks are known */
	bool is_alone; /* it has one block */
};

struct renorm_run {
	struct renorm_page pages[AHEAD]; /* committed + 1, + 2, … */
	unsigned count;
	uint64_t committed; /* page */
	uint64_t committed_last; /* block */
	uint64_t after; /* behind which block the next page begins */
	uint64_t careful_until; /* up to this block one by one; 0: no */
	unsigned failures; /* of the page behind `after` */
	uint64_t left_out; /* blocks that cannot be read */
	uint64_t passed_over; /* records without their feed's head */
	bool is_over; /* no blocks are left */
	bool is_stopped;
	struct err err; /* why it was stopped, or why a block was left out */
	char rules[RULES_BYTES];
	char text[256]; /* state, where */
};

static uint64_t
number(const struct kv *kv, const char *key)
{
	uint64_t n = 0;

	str_to_u64(kv_get(kv, key), INT64_MAX, &n);
	return n;
}

struct renorm_run *
renorm_run_new(const struct harvest_open *open)
{
	struct renorm_run *r = xcalloc(1, sizeof(*r));
	struct kv kv = {0};

	r->committed = open->page_no;
	str_copy(r->rules, sizeof(r->rules), open->rules);
	kv_read(&kv, open->state);
	/* By other rules everything begins anew. */
	if (strcmp(kv_get(&kv, "rules"), r->rules) == 0) {
		r->after = r->committed_last = number(&kv, "after");
		r->left_out = number(&kv, "left_out");
	}
	if (r->left_out > 0)
		err_set(&r->err, ERR_XML, 0, "it could not be read");
	kv_release(&kv);
	return r;
}

void
renorm_run_free(struct renorm_run *r)
{
	free(r);
}

/* The pages from this one on are forgotten. */
static void
forget_from(struct renorm_run *r, unsigned i)
{
	if (i >= r->count)
		return;
	r->count = i;
	r->after = i > 0 ? r->pages[i - 1].last : r->committed_last;
}

static bool
is_careful(const struct renorm_run *r)
{
	return r->after < r->careful_until;
}

enum harvest_step
renorm_run_next(struct renorm_run *r, struct harvest_request *out)
{
	bool is_full = r->count == AHEAD || (is_careful(r) && r->count > 0) ||
		       (r->count > 0 && !r->pages[r->count - 1].is_there);

	if (r->is_stopped || r->is_over)
		return r->count > 0 ? HARVEST_STEP_WAIT : HARVEST_STEP_CLOSE;
	if (is_full)
		return HARVEST_STEP_WAIT;
	memset(out, 0, sizeof(*out));
	r->pages[r->count++] = (struct renorm_page){.is_alone = is_careful(r)};
	snprintf(r->text, sizeof(r->text), "blocks behind %" PRIu64, r->after);
	out->page_no = r->committed + r->count;
	out->verb = "stored";
	out->url = r->text;
	out->format = out->from = out->until = out->set = out->wanted = "";
	out->etag = out->last_modified = out->identity = out->want_after = "";
	out->after = r->after;
	out->blocks = is_careful(r) ? 1 : 0;
	return HARVEST_STEP_STORED;
}

static struct renorm_page *
page_of(struct renorm_run *r, uint64_t page_no)
{
	BUG_ON(page_no <= r->committed || page_no > r->committed + r->count);
	return &r->pages[page_no - r->committed - 1];
}

enum harvest_verdict
renorm_run_stored(struct renorm_run *r, const struct harvest_stored *s)
{
	struct renorm_page *p = page_of(r, s->page_no);

	if (s->blocks == 0) {
		r->passed_over = s->passed_over;
		r->is_over = true;
		r->count--;
		return HARVEST_DROP;
	}
	p->is_there = true;
	p->is_alone = s->blocks == 1;
	p->last = r->after = s->last;
	return HARVEST_PARSE;
}

static void
failed(struct renorm_run *r, uint64_t page_no, const struct err *why)
{
	unsigned i = (unsigned)(page_no - r->committed - 1);
	struct renorm_page p = *page_of(r, page_no);

	forget_from(r, i);
	r->is_over = false;
	/* It counts where nothing before it is on its way. */
	if (i > 0 || ++r->failures < TRIES)
		return;
	r->failures = 0;
	/* Store cannot even say which blocks it would have. */
	if (!p.is_there) {
		renorm_run_stop(r, why->class, why->text);
		return;
	}
	if (!p.is_alone) {
		r->careful_until = p.last;
		return;
	}
	r->left_out++;
	r->err = *why;
	r->committed_last = r->after = p.last;
}

enum harvest_verdict
renorm_run_facts(struct renorm_run *r, uint64_t page_no,
    const struct page_facts *f, struct err *why)
{
	if (f->err_class == ERR_NONE)
		return HARVEST_COMMIT;
	err_set(why, f->err_class, 0, "%s", f->err_text ? f->err_text : "");
	failed(r, page_no, why);
	return HARVEST_ABORT;
}

void
renorm_run_unparsed(
    struct renorm_run *r, uint64_t page_no, const struct err *why)
{
	failed(r, page_no, why);
}

const char *
renorm_run_state(struct renorm_run *r, uint64_t page_no, int64_t *advertised)
{
	*advertised = -1;
	snprintf(r->text, sizeof(r->text),
	    "rules=%s\nafter=%" PRIu64 "\nleft_out=%" PRIu64 "\n", r->rules,
	    page_of(r, page_no)->last, r->left_out);
	return r->text;
}

void
renorm_run_committed(struct renorm_run *r, uint64_t page_no)
{
	BUG_ON(page_no != r->committed + 1 || r->count == 0);
	r->committed = page_no;
	r->committed_last = r->pages[0].last;
	r->failures = 0;
	r->count--;
	memmove(&r->pages[0], &r->pages[1], r->count * sizeof(r->pages[0]));
}

void
renorm_run_lost(struct renorm_run *r)
{
	forget_from(r, 0);
	r->is_over = false;
}

static void
say_rest(const struct renorm_run *r, struct err *e)
{
	if (r->left_out > 0)
		err_prefix(e,
		    "%" PRIu64 " block%s of stored records cannot be read "
		    "again and %s; of the last one",
		    r->left_out, r->left_out == 1 ? "" : "s",
		    r->left_out == 1 ? "stays as it is" : "stay as they are");
	if (r->passed_over == 0)
		return;
	if (e->class == ERR_NONE)
		err_set(e, ERR_PROTO, 0,
		    "sheafctl harvest --full reads anew what the feed still "
		    "has");
	err_prefix(e,
	    "%" PRIu64 " records of the feed stay as they are: its head is "
	    "not stored with them (they came before heads were kept, or it "
	    "has more than %zu bytes)",
	    r->passed_over, LIMIT_FEED_HEAD_BYTES);
}

void
renorm_run_close(struct renorm_run *r, struct harvest_close *out)
{
	memset(out, 0, sizeof(*out));
	out->completed = r->is_over && !r->is_stopped;
	out->err = r->err;
	if (!r->is_stopped)
		say_rest(r, &out->err);
	out->suspicion = out->checkpoints = out->quirks = out->facts = "";
	out->advertised = -1;
}

void
renorm_run_stop(struct renorm_run *r, enum err_class class, const char *text)
{
	r->is_stopped = true;
	err_set(&r->err, class, 0, "%s", text);
	for (unsigned i = 0; i < r->count; i++) {
		if (!r->pages[i].is_there) {
			forget_from(r, i);
			return;
		}
	}
}

const char *
renorm_run_where(struct renorm_run *r)
{
	snprintf(r->text, sizeof(r->text), "renormalising, page %" PRIu64,
	    r->committed + r->count);
	return r->text;
}
