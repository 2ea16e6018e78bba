/*
 * A static repository (Specification for an OAI Static Repository): one
 * document that is all of it, driven as a feed that is complete at every poll.
 * What is different is here: what it must be, and what it says of itself.
 */
#include <string.h>

#include "base/limits.h"
#include "sched/answer.h"
#include "sched/feed_priv.h"
#include "sched/format.h"

/* What cannot be read seldom becomes readable. */
enum { READ_TRIES = 2 };

bool
feed_is_static(const struct feed_run *r)
{
	return r->source->protocol == PROTOCOL_OAI_STATIC;
}

static enum harvest_verdict
not_static(struct feed_run *r, const struct page_facts *f)
{
	struct buf b;

	buf_init(&b, 4 * KIB);
	body_words(&b, f);
	feed_say(r, ERR_XML, 0,
	    "the answer is %.200s, not a static repository%s", buf_str(&b),
	    f->body == BODY_OAI ? ": set protocol = oai-pmh" : "");
	buf_release(&b);
	feed_failed(r, READ_TRIES, -1);
	return HARVEST_ABORT;
}

static void
keep_facts(struct feed_run *r, const struct page_facts *f)
{
	struct buf names;

	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < f->formats.count; i++)
		if (f->formats.items[i].prefix != NULL)
			buf_printf(&names, "%s%.64s", names.len > 0 ? ", " : "",
			    f->formats.items[i].prefix);
	kv_set_clean(&r->facts, "repository", f->repository_name);
	kv_set_clean(&r->facts, "base_url", f->base_url);
	kv_set_clean(&r->facts, "earliest", f->earliest_datestamp);
	kv_set_clean(&r->facts, "admin_email", f->admin_email);
	kv_set_clean(&r->facts, "formats", buf_str(&names));
	buf_release(&names);
}

const char *
static_format(const struct feed_run *r)
{
	return r->source->format[0] != '\0' ? r->source->format
					    : kv_get(&r->quirks, "list_format");
}

static void
refuse(struct feed_run *r, const char *prefix)
{
	struct buf b;

	buf_init(&b, 4 * KIB);
	buf_printf(&b, "%s %s", kv_get(&r->quirks, "list_refused"), prefix);
	kv_set(&r->quirks, "list_refused", b.full ? prefix : buf_str(&b));
	buf_release(&b);
}

/* Where none is configured, the list that says most is read, and is kept to:
 * what it is only the file itself tells.  True when that is another one than
 * was read, which is then asked for.  is_missing: there was no such list. */
static bool
choose_format(struct feed_run *r, const struct page_facts *f, bool is_missing)
{
	const char *had = static_format(r), *refused;
	const struct facts_format *best;

	if (r->source->format[0] != '\0' ||
	    r->lists_missing >= LIMIT_FORMAT_TRIES)
		return false;
	r->lists_missing += is_missing;
	if (is_missing)
		refuse(r, had[0] != '\0' ? had : "oai_dc");
	else if (had[0] != '\0')
		return false;
	refused = kv_get(&r->quirks, "list_refused");
	best = format_best(f, refused).format;
	if (best == NULL || best->prefix == NULL ||
	    format_in(refused, best->prefix))
		return false;
	kv_set(&r->quirks, "list_format", best->prefix);
	if (f->format != NULL && strcmp(f->format, best->prefix) == 0)
		return false;
	r->attempt = 0;
	r->wait_ms = 0;
	return true;
}

enum harvest_verdict
static_judge(struct feed_run *r, const struct page_facts *f)
{
	if (f->body != BODY_STATIC && f->body != BODY_TRUNCATED)
		return not_static(r, f);
	if ((f->err_class == ERR_NONE || f->err_class == ERR_PROTO) &&
	    choose_format(r, f, f->err_class == ERR_PROTO))
		return HARVEST_ABORT;
	if (f->err_class != ERR_NONE) {
		feed_say(r, f->err_class, 0, "%.300s",
		    f->err_text != NULL ? f->err_text
					: "the static repository cannot be "
					  "read");
		feed_failed(r, READ_TRIES, -1);
		return HARVEST_ABORT;
	}
	/* Section 2.3 has no resumptionToken.  Where there is one the rest
	 * stands somewhere, and what is not here is not missing. */
	r->cut = f->has_token && f->token != NULL && f->token[0] != '\0';
	r->complete = !r->cut && f->rejected == 0;
	keep_facts(r, f);
	return HARVEST_COMMIT;
}

void
static_note(const struct feed_run *r, struct buf *note)
{
	if (r->cut)
		buf_adds(note,
		    "it ends with a resumptionToken, which a static "
		    "repository cannot have: what is behind it is not read, "
		    "and nothing is taken as deleted");
}
