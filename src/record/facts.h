/* The trailer of a page: what was said beside the records. */
#ifndef SHEAF_RECORD_FACTS_H
#define SHEAF_RECORD_FACTS_H

#include "record/record.h"

/* What a body turned out to be, before and while it was parsed. */
enum body_class {
	BODY_UNKNOWN,
	BODY_OAI, /* an OAI-PMH answer */
	BODY_FEED,
	BODY_HTML, /* an HTML page; title says which */
	BODY_CHALLENGE, /* a bot challenge of a WAF or CDN; title names it */
	BODY_EMPTY,
	BODY_TRUNCATED, /* began well and stopped */
	BODY_XML, /* XML of another kind; title is its root element */
	BODY_OTHER, /* JSON, PDF, plain text …; title says what it looks like */
	BODY_CLASS_COUNT
};
const char *body_class_name(enum body_class c); /* "oai-pmh", "html", … */

struct facts_error {
	const char *code, *text;
};
struct facts_format {
	const char *prefix, *schema, *ns;
};
struct facts_set {
	const char *spec, *name;
};

/* A feed that an HTML page offers: <link rel="alternate" type=…>. */
struct facts_offer {
	const char *url; /* absolute, or as written where no base is known */
	const char *type; /* media type, in lower case */
	const char *title;
};

/* What a feed says of itself; NULL where it does not.  Links are absolute. */
struct facts_feed {
	const char *title, *link, *description, *language;
	const char *updated; /* an instant or a day, as rec_date.value */
	/* How often it wants to be read.  Numbers in ASCII. */
	const char *ttl_minutes; /* ttl, else update_minutes; 1 to 9999999 */
	const char *update_minutes; /* sy:updatePeriod by updateFrequency */
	const char *update_base; /* sy:updateBase, an instant or a day */
	RECORD_LIST(const char *) skip_hours; /* 0 to 23 in UTC, ascending */
	RECORD_LIST(const char *) skip_days; /* monday … sunday, in UTC */
	/* RFC 5005: pages (next, previous, first, last) and archives. */
	const char *next, *previous, *first, *last;
	const char *prev_archive, *next_archive, *current;
	bool complete; /* fh:complete: all there is, absence is removal */
	bool archive; /* fh:archive: a page that does not change */
	const char *self;
	const char *hub; /* WebSub; the first of several */
	const char *cloud; /* RSS's cloud: "protocol://domain:port/path" */
	const char *generator; /* the software that wrote it, as it says */
	/* Identity, counted over the live items of this page (of a page with
	 * more, the first LIMIT_FEED_IDS), whatever basis was asked for. */
	uint64_t items_without_id; /* neither guid nor id */
	uint64_t items_with_link; /* basis "link" would find one */
	uint64_t ids_repeated; /* distinct ids that stand with several links */
	uint64_t links_repeated; /* distinct links of items of several ids,
				    or, without ids, of several digests.  In
				    both: one id with one link that stand with
				    three titles or more */
};
/* The format that `want` means among those that a decoded page offers: a
 * prefix, a namespace or a schema; "" is oai_dc, which every repository owes
 * (OAI-PMH 3.4), else the first that has a name.  NULL: it is not offered. */
struct page_facts;
const struct facts_format *
facts_format_wanted(const struct page_facts *f, const char *want);
/* The feed asks not to be read in the hour (UTC) of that instant. */
bool facts_feed_skips(const struct facts_feed *f, int64_t at_us);

struct page_facts {
	const char *protocol; /* oai-pmh, feed, oai-static */
	const char *format; /* oai_dc, …; rss-2.0, … */
	const char *verb; /* the verb element found, else the request's */
	const char *response_date;
	enum body_class body;
	const char *title; /* of an HTML page, root element, … */
	/* Why the page as a whole could not be read: class ERR_NONE when it
	 * could.  A page with err set is a failed page. */
	enum err_class err_class;
	const char *err_text;
	/* resumptionToken (OAI-PMH 3.5): has_token when the element is there;
	 * token "" when it is empty.  -1 where a number is not given. */
	bool has_token;
	const char *token, *token_expires;
	int64_t cursor, list_size;
	RECORD_LIST(struct facts_error) errors; /* <error code=…> */
	/* Identify (OAI-PMH 4.2) */
	const char *repository_name, *base_url, *protocol_version;
	const char *earliest_datestamp, *deleted_record, *granularity;
	const char *compression, *admin_email;
	RECORD_LIST(struct facts_format) formats;
	RECORD_LIST(struct facts_set) sets;
	struct facts_feed feed;
	RECORD_LIST(struct facts_offer) offers; /* of an HTML page: its feeds */
	/* counts */
	uint64_t records, deleted, rejected; /* records includes the deleted */
	uint64_t
	    outside_window; /* datestamps not within the asked from/until */
	uint64_t outside_set; /* headers that do not name the asked set */
	const char *min_datestamp, *max_datestamp;
	uint8_t ids_hash[HASH128_BYTES]; /* over all identifiers in order */
	/* bytes */
	const char *encoding;
	bool recovered; /* something was repaired, or the end was cut to the
			   root */
	uint64_t repairs;
	RECORD_LIST(struct rec_warning) warnings;
};

int facts_encode(struct buf *out, const struct page_facts *f);
int facts_decode(struct page_facts *f, struct arena *a, const void *data,
    size_t n, struct err *e);
void
facts_json(struct buf *out, const struct page_facts *f); /* RECORD.md "page" */

#endif
