/*
 * Lists that end short of what their completeListSize promised, or at exactly
 * 10,000 records: is it a cap, or is the size wrong?
 *
 * The list is asked for once more in date windows.  Where these bring more
 * than came before, the list was capped, and windows are the way to read it.
 * Where they do not, the size is wrong: that is remembered, so that no later
 * run asks twice, and this run is suspicious.  Which windows are cut finer in
 * between is limited, so that a server whose sizes are all nonsense costs one
 * such pass and no more.
 */
#include "sched/oai_priv.h"

enum {
	CAP_UNSAID = 10000, /* where lists end that do not tell their size */
	CAP_CUTS = 8, /* windows cut finer before a cap is proved */
	LOST_LEAST = 5, /* fewer missing records prove nothing */
};

enum { CAP_UNKNOWN, CAP_ASKED, CAP_TRUE, CAP_FALSE };

bool
oai_clearly_fewer(int64_t received, int64_t promised)
{
	return promised - received >= LOST_LEAST &&
	       received * 10 < promised * 9;
}

bool
oai_cap_asked(const struct oai_pos *p)
{
	return p->cap == CAP_ASKED;
}

bool
oai_cap_disproved(const struct oai_pos *p)
{
	return p->cap == CAP_FALSE && p->cap_size >= 0;
}

/* More than a tenth is missing, and more than one page could hold. */
static bool
ends_short(const struct oai_pos *p)
{
	if (p->w_size < 0)
		return p->w_received > 0 && p->w_received % CAP_UNSAID == 0;
	return oai_clearly_fewer(p->w_received, p->w_size) &&
	       p->w_size - p->w_received > p->w_most;
}

static bool
worth_cutting(const struct oai_pos *p)
{
	switch (p->cap) {
	case CAP_FALSE:
		return false;
	case CAP_ASKED:
		/* A size that is the same in every window says nothing, unless
		 * this window holds all that there is. */
		return p->cap_cuts < CAP_CUTS &&
		       (p->w_size < p->cap_size || p->w_received >= p->cap_got);
	default:
		return true;
	}
}

static bool
cut(struct oai_run *r)
{
	struct oai_pos *p = &r->head;
	const struct oai_pos was = *p;

	if (oai_window_cut(r) != 0)
		return false;
	if (was.cap == CAP_ASKED)
		p->cap_cuts++;
	if (was.cap != CAP_UNKNOWN)
		return true;
	p->cap = CAP_ASKED;
	p->cap_got = was.w_received;
	p->cap_size = was.w_size;
	p->cap_until = was.w_until;
	p->cap_unit = was.unit;
	p->cap_received = was.received;
	p->cap_sum = was.size;
	return true;
}

void
oai_list_ended(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;

	if (!ends_short(p) || !worth_cutting(p) || !cut(r))
		oai_window_next(r);
}

static void
proved(struct oai_run *r)
{
	struct oai_know *k = &r->know;

	r->head.cap = CAP_TRUE;
	if (!k->window_trial)
		return;
	k->window_trial = 0;
	oai_quirk(r, "window", window_name((enum window)k->base_unit));
}

static void
disproved(struct oai_run *r)
{
	struct oai_know *k = &r->know;
	struct oai_pos *p = &r->head;

	p->cap = CAP_FALSE;
	p->size = p->cap_sum + (p->cap_size >= 0 ? p->cap_size : p->cap_got);
	p->size_known |= p->cap_size >= 0;
	if (p->cap_size >= 0)
		oai_quirk(r, "list_size", "wrong");
	if (k->window_trial)
		k->base_unit = p->cap_unit;
	k->window_trial = 0;
}

void
oai_cap_window_read(struct oai_run *r, int64_t read_until)
{
	const struct oai_pos *p = &r->head;
	int64_t got = p->received - p->cap_received;

	if (p->cap != CAP_ASKED)
		return;
	/* A list may grow a little while it is read. */
	if (got > p->cap_got + p->cap_got / 100)
		proved(r);
	else if (read_until == DATE_NONE ||
		 (p->cap_until != DATE_NONE && read_until >= p->cap_until))
		disproved(r);
}

bool
oai_cap_failed(struct oai_run *r)
{
	struct oai_pos *p = &r->head;

	if (p->cap != CAP_ASKED)
		return false;
	/* The list had been read to its end before. */
	p->received = p->cap_received + p->cap_got;
	p->w_received = 0;
	disproved(r);
	return true;
}
