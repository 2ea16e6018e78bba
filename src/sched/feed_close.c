/* The end of a feed's run: what it says of itself, and what is kept. */
#include <string.h>

#include "base/limits.h"
#include "sched/feed_priv.h"

/* All that the feed held was new.  Where older pages could be read to their
 * end nothing is missing, though none of it was known. */
static bool
was_missed(const struct feed_run *r)
{
	return r->gap && !r->guessed && r->known == 0 &&
	       (r->place.followed == 0 || r->rest_err.class != ERR_NONE);
}

static void
add_missed(struct feed_run *r, struct buf *note)
{
	int64_t at = feed_number(&r->quirks, "missed_at");
	char day[DATE_TEXT_BYTES];

	if (at == 0)
		return;
	if (r->now_us - at > FEED_WEEK_US) {
		kv_set(&r->quirks, "missed_at", NULL);
		return;
	}
	date_format(day, at, GRANULARITY_SECOND);
	buf_printf(note,
	    "items were probably missed before %s: all that the feed held then "
	    "were new; set a shorter interval%s",
	    day,
	    r->source->page_param[0] == '\0' ? ", or page_param if it has pages"
					     : "");
}

static void
add_identity(const struct feed_run *r, struct buf *note)
{
	const char *identity = kv_get(&r->quirks, "identity");
	bool digest = strcmp(identity, "digest") == 0;

	if (identity[0] == '\0')
		return;
	buf_printf(note, "%sits %s: items are known by their %s",
	    note->len > 0 ? "; " : "",
	    strcmp(kv_get(&r->quirks, "identity_why"), "change") == 0
		? "guids change at every poll"
	    : digest ? "items share guids and links"
		     : "items share guids",
	    digest ? "content" : "links");
}

/* For the operator, as long as it holds. */
static void
write_note(struct feed_run *r)
{
	const char *found = kv_get(&r->quirks, "feed_url");
	struct buf note;

	buf_init(&note, LIMIT_FEED_URL_BYTES + KIB);
	static_note(r, &note);
	add_missed(r, &note);
	add_identity(r, &note);
	if (found[0] != '\0')
		buf_printf(&note,
		    "%surl is a web page; its feed was found and is read: set "
		    "url = %s",
		    note.len > 0 ? "; " : "", found);
	kv_set_clean(&r->facts, "note", buf_str(&note));
	buf_release(&note);
}

void
feed_run_close(struct feed_run *r, struct harvest_close *out)
{
	bool ended = !r->over && r->place.done;

	*out = (struct harvest_close){
	    .completed = ended && r->rest_err.class == ERR_NONE,
	    .suspicion = "",
	    .checkpoints = "",
	    .advertised = -1,
	    .pause = r->pause,
	};
	out->complete_list = out->completed && r->complete && !r->same;
	/* Stopped on its way: the next run goes on from there. */
	if (!ended)
		feed_keep_rest(r, false);
	/* Neither a list that was not read to its end is equal to itself, nor
	 * what another process read the beginning of. */
	if ((r->complete && !out->complete_list && !r->same) || r->behind)
		kv_set(&r->quirks, "read_at", NULL);
	if (was_missed(r) && ended)
		feed_set_number(&r->quirks, "missed_at", r->now_us);
	if (ended && !feed_is_static(r))
		out->next_ms = feed_next_ms(r);
	/* Facts replace what was said before, so they are whole or none. */
	if (r->read)
		write_note(r);
	buf_clear(&r->quirks_out);
	buf_clear(&r->facts_out);
	kv_write(&r->quirks, &r->quirks_out);
	if (r->read)
		kv_write(&r->facts, &r->facts_out);
	out->err = r->over ? r->err : r->rest_err;
	out->quirks = buf_str(&r->quirks_out);
	out->facts = buf_str(&r->facts_out);
}
