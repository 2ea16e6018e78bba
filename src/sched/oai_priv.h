/*
 * Inside the OAI-PMH driver: what its files share.
 *
 *	oai_run.c    the calls of oai_run.h: pages in flight, what comes next
 *	oai_judge.c  facts of a page → believed or not
 *	oai_error.c  OAI-PMH errors and HTTP statuses → what they mean here
 *	oai_fail.c   a page failed: try again, begin again, cut finer, give up
 *	oai_plan.c   lists and their date windows
 *	oai_cap.c    a list that ends short of what was promised
 *	oai_state.c  state as text, and back
 *	oai_url.c    the request
 *	oai_moved.c  permanent redirects
 *	oai_close.c  how it ended
 */
#ifndef SHEAF_SCHED_OAI_PRIV_H
#define SHEAF_SCHED_OAI_PRIV_H

#include "base/date.h"
#include "sched/kv.h"
#include "sched/oai_run.h"
#include "sched/seen.h"

enum oai_phase {
	OAI_IDENTIFY,
	OAI_FORMATS, /* ListMetadataFormats */
	OAI_SETS, /* ListSets: is the set of this list there at all? */
	OAI_LIST, /* ListRecords or ListIdentifiers */
	OAI_WANT, /* ask store what to get one by one */
	OAI_GET, /* GetRecord */
	OAI_PROBE, /* Identify, when many GetRecords failed: is it the server?
		    */
	OAI_DONE,
	OAI_PHASE_COUNT
};

/*
 * Where the run is.  A copy belongs to each page in flight; what a lost page
 * said is forgotten by taking an older copy.  Numbers are all int64_t, so that
 * one table in oai_state.c writes and reads them.
 */
struct oai_pos {
	int64_t phase, list;
	int64_t identifiers; /* ListIdentifiers, then GetRecord */
	/* bounds of the list, [from, until), DATE_NONE where open */
	int64_t from, until;
	/* the window: its unit (enum window; WINDOW_NONE: the whole list), its
	 * bounds, and for each unit the end of the window that was cut finer */
	int64_t unit, w_from, w_until, outer[WINDOW_HOUR + 1];
	int64_t window; /* counts windows, so that `seen` knows its own */
	int64_t failures; /* of this window: restarts */
	int64_t looped; /* this list looped once already */
	int64_t w_pages, w_received,
	    w_size; /* w_size: completeListSize or -1 */
	int64_t cursor_fits; /* every cursor so far was the count so far */
	int64_t one_token; /* the last page was asked by the token it brought */
	int64_t last_ids, last_token, last_body; /* hashes of the last page */
	int64_t empties, repeats; /* in a row */
	int64_t token_expires; /* by the server's word; DATE_NONE: unsaid */
	int64_t w_most; /* records of its largest page */
	int64_t set_fits; /* the first page of the window was all of its set */
	/* of the whole run, windows read to their end only */
	int64_t received, size, size_known, short_lists, short_by;
	int64_t failed_lists;
	int64_t dated; /* some list that ended had a from or until */
	int64_t any; /* list pages believed so far */
	int64_t in_windows, outside; /* records asked by date; not fitting */
	int64_t in_sets, outside_set, set_forgotten;
	/* a list that ended short (oai_cap.c): what is known of it, what it
	 * brought and promised, where its second reading ends, what it was cut
	 * from, the sums before it, and the further cuts */
	int64_t cap, cap_got, cap_size, cap_until, cap_unit, cap_received,
	    cap_sum, cap_cuts;
	char *token; /* owned; NULL: the first page of a window */
};

/* What the run knows of the server: never undone, true whatever gets lost. */
struct oai_know {
	int64_t granularity; /* in use, enum granularity */
	int64_t declared; /* by Identify */
	int64_t granularity_trial; /* badArgument made us change it */
	int64_t earliest; /* DATE_NONE when unknown or nonsense */
	int64_t start; /* the next from, before overlap */
	int64_t base_unit; /* windows of this unit, enum window */
	int64_t cuts; /* of windows of base_unit */
	int64_t formats_asked, sets_asked;
	int64_t formats_passed; /* offered, and refused in this run */
	int64_t format_new; /* chosen by this run, not kept from another */
	int64_t format_changed; /* what was kept is gone: all is read anew */
	/* changed in this run; quirks once they brought a page */
	int64_t window_trial, identifiers_trial;
	int64_t no_dates; /* from and until are refused */
	int64_t windows_useless; /* from and until are ignored */
	int64_t http_empty; /* 404 and 422 taken for "no records" */
	int64_t token_raw, token_trial, token_tried, token_proved;
	int64_t sizes_wrong; /* completeListSize is not to be used */
	char *format;
	struct kv quirks, facts;
	struct kv failed; /* lists by number, that were given up */
};

struct oai_page { /* in flight */
	uint64_t no;
	bool fetched, judged;
	bool token; /* asked by token */
	int64_t now_us; /* when it was fetched */
	unsigned status;
	int64_t retry_after_ms; /* -1 when none was given */
	uint64_t body_hash, body_bytes;
	unsigned attempt; /* tries before it */
	uint64_t wanted_hash; /* of the identifier of a GetRecord */
	uint64_t ids_hash; /* of a judged list page with records, else 0 */
	struct oai_pos after;
};

struct oai_run {
	const struct conf_source *source;
	enum run_mode mode;
	struct backoff_policy policy;
	uint64_t random;
	uint64_t active, wanted, committed;
	char *checkpoints;
	struct oai_know know;
	struct oai_pos base; /* after the last committed page */
	struct oai_pos head; /* of the next request */
	struct oai_page page[2];
	size_t pages;
	struct seen seen; /* identifiers of committed pages of seen_window */
	int64_t seen_window;
	/* the request at head */
	unsigned attempt;
	int64_t wait_ms;
	bool resumed; /* the stored token was not yet answered */
	unsigned failed, lost; /* tries in all; losses in a row */
	/* the end */
	bool over, pause, ask_full;
	bool holds_back; /* the checkpoints stay where they are */
	struct err err, list_err, last_err;
	/* while ListSets or ListMetadataFormats is asked to explain what the
	 * list was answered: that answer */
	bool set_refused, format_refused;
	struct err asked_why;
	/* GetRecord */
	char *ids;
	size_t id_at;
	/* behind which identifier ids were asked for, and their last; the place
	 * moves on only when none of their pages can be lost any more */
	char *want_after, *want_last;
	bool want_asked;
	struct seen given_up;
	unsigned gets_good, gets_failed, gets_failed_row;
	/* texts handed out */
	struct buf url, state, text, checkpoints_out, quirks_out, facts_out;
	struct buf suspicion;
	char from[DATE_TEXT_BYTES], until[DATE_TEXT_BYTES];
	char *wanted_id;
};

/* oai_state.c */
void oai_pos_init(struct oai_pos *p);
void oai_pos_release(struct oai_pos *p);
void oai_pos_copy(struct oai_pos *to, const struct oai_pos *from);
void oai_state_write(
    const struct oai_run *r, const struct oai_pos *p, struct buf *out);
/* 0, or -1 when the state does not fit the configuration any more. */
int oai_state_read(struct oai_run *r, const char *text, int64_t now_us);

/* oai_plan.c */
const char *oai_set(const struct oai_run *r, const struct oai_pos *p);
void oai_list_begin(struct oai_run *r, int64_t list);
/* The end of what the configuration wants, exclusive; DATE_NONE: open. */
int64_t oai_list_until(const struct oai_run *r);
/* The window was read to its end, or is empty. */
void oai_window_next(struct oai_run *r);
void oai_list_next(struct oai_run *r);
/* The list at head was read to its end. */
void oai_list_read(struct oai_run *r);
/* Notes that the list at head was given up, or that it was not after all. */
void oai_list_failed(struct oai_run *r, bool failed);
/* The same window again from its first page. */
void oai_window_restart(struct oai_run *r);
/* Cuts the current window finer; -1 when it cannot be. */
int oai_window_cut(struct oai_run *r);
/* Asked from and until, as text in the source's granularity. */
void oai_window_text(const struct oai_run *r, char from[DATE_TEXT_BYTES],
    char until[DATE_TEXT_BYTES]);
bool oai_dated(const struct oai_pos *p);
void oai_after_identify(struct oai_run *r);
void oai_quirk(struct oai_run *r, const char *key, const char *value);

/* oai_url.c */
const char *oai_verb(const struct oai_pos *p);
/* Builds r->url; -1 when it is longer than LIMIT_URL_BYTES. */
int oai_url_build(struct oai_run *r);
bool oai_token_special(const char *token);
const char *oai_get_id(const struct oai_run *r); /* "" when none is left */
void oai_get_next(struct oai_run *r);

/* oai_judge.c */
enum harvest_verdict
oai_judge(struct oai_run *r, struct oai_page *p, const struct page_facts *f);
/* oai_error.c */
enum harvest_verdict
oai_judge_errors(struct oai_run *r, const struct page_facts *f);
/* f: what came with the status; NULL: nothing that was read. */
enum harvest_verdict oai_judge_status(
    struct oai_run *r, const struct oai_page *p, const struct page_facts *f);
/* A body that is not OAI-PMH, in words: 'an HTML page titled "…"'. */
enum harvest_verdict oai_token_refused(struct oai_run *r, const char *what);
/* A request was refused for good: true when its token, which is percent-encoded
 * already and was never yet accepted, is to be tried as it is. */
bool oai_token_try_raw(struct oai_run *r);
enum harvest_verdict
oai_sets_judged(struct oai_run *r, const struct page_facts *f);
/* ListSets did not help: what the list said stands. */
void oai_sets_unknown(struct oai_run *r);

/* Names of what is offered, for an error's text. */
void oai_offered(struct buf *out, const struct page_facts *f, bool sets);

/* oai_formats.c */
enum harvest_verdict
oai_formats_judged(struct oai_run *r, const struct page_facts *f);
/* They were not told: what the list said stands, if it was asked at all. */
enum harvest_verdict oai_formats_unknown(struct oai_run *r);
/* The same where no format is asked for: what was harvested so far. */
enum harvest_verdict oai_formats_untold(struct oai_run *r);
/* The configuration asks for this one: what was chosen before is forgotten. */
void oai_format_asked(struct oai_run *r, const char *prefix);
/* The run ends. */
void oai_format_settle(struct oai_run *r, bool completed);
/* The list refuses the format: was it chosen by this run, which has read
 * nothing in it yet, so that the next best may do? */
bool oai_format_may_pass(const struct oai_run *r);

/* oai_cap.c */
/* A list or window came to its end: it is cut, if it ends short; else the next
 * one is due. */
void oai_list_ended(struct oai_run *r);
/* A window was read, up to there (DATE_NONE: open), and counted. */
void oai_cap_window_read(struct oai_run *r, int64_t read_until);
/* The list at head failed: true when that was only its second reading. */
bool oai_cap_failed(struct oai_run *r);
bool oai_cap_asked(const struct oai_pos *p);
/* Windows brought no more, whatever completeListSize had promised. */
bool oai_cap_disproved(const struct oai_pos *p);
/* Sizes lie, and lists begun again send records twice: only a clear loss, of
 * more than a tenth and of some records, is one. */
bool oai_clearly_fewer(int64_t received, int64_t promised);

/* oai_moved.c */
/* An answer came by a permanent redirect to this address; "": it did not. */
void oai_moved(struct oai_run *r, const char *to, int64_t now_us);

/* oai_close.c */
void oai_checkpoints_write(const struct oai_run *r, struct buf *out);

/* oai_fail.c: how a page failed decides what is tried. */
enum oai_fail {
	FAIL_NET, /* no answer */
	FAIL_SERVER, /* 5xx */
	FAIL_BUSY, /* it asks to be left alone: 429, Retry-After, challenge */
	FAIL_BODY, /* an answer that cannot be read */
	FAIL_TOKEN, /* a token that is refused, or leads astray */
};
/* All of these leave r->last_err and return HARVEST_ABORT; head says how to go
 * on, or the run is over. */
enum harvest_verdict oai_failed(struct oai_run *r, enum oai_fail how,
    enum err_class class, int code, int64_t retry_after_ms, const char *fmt,
    ...) __attribute__((format(printf, 6, 7)));
/* The list cannot go on as it is: begin it again, cut it, or give it up. */
enum harvest_verdict oai_list_trouble(struct oai_run *r, enum oai_fail how);
enum harvest_verdict oai_list_fail(struct oai_run *r);
enum harvest_verdict oai_over(struct oai_run *r);
/* Says what happened, with the request, in r->last_err. */
void oai_say(struct oai_run *r, enum err_class class, int code, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
void oai_get_failed(struct oai_run *r);

#endif
