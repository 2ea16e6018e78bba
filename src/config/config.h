/*
 * The configuration: INI files read into one immutable tree.
 *
 * sheaf.conf first, then sources.d/ *.conf beside it in the order of their
 * names.  Every key stands in one table (config/keys.c) with its section,
 * type, default, bounds and one sentence; conf/sheaf.conf and the manual
 * sheaf.conf(5) are compared with it by a test.
 *
 * A mistake is answered with `file:line: what is wrong, and what was
 * expected`; an unknown key or section suggests the nearest.  Reading goes on
 * after a mistake, so that one --check shows all of them; but a tree with a
 * mistake is never handed out.
 */
#ifndef SHEAF_CONFIG_CONFIG_H
#define SHEAF_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum protocol {
	PROTOCOL_OAI_PMH,
	PROTOCOL_FEED,
	PROTOCOL_OAI_STATIC,
	PROTOCOL_NONE
};
const char *protocol_name(enum protocol p);
/* Whether sheafd knows how to harvest it; NONE is only declared. */
bool protocol_is_harvested(enum protocol p);
/* Whether a poll asks for all that there is, so that there are no checkpoints
 * and no comparisons: feeds and static repositories. */
bool protocol_is_polled(enum protocol p);

enum verb_mode { VERB_MODE_AUTO, VERB_MODE_RECORDS, VERB_MODE_IDENTIFIERS };
enum window {
	WINDOW_AUTO,
	WINDOW_NONE,
	WINDOW_YEAR,
	WINDOW_MONTH,
	WINDOW_DAY,
	WINDOW_HOUR
};
const char *window_name(enum window w);

struct conf_place {
	const char *file;
	unsigned line;
};

struct conf_agency {
	const char *code, *name, *homepage, *organisation_id, *trust;
	struct conf_place place;
};

struct conf_source {
	const char *name, *agency;
	enum protocol protocol;
	const char *url;
	const char *host; /* scheme://host[:port] of url: politeness, leases;
			   * "file:" of a file on disk, "" of none */
	const char *file; /* the path of such a file, else "" */
	const char *format; /* metadataPrefix; "" : the best one offered */
	const char **sets; /* NULL-terminated; empty: everything */
	const char *keep; /* record/keep.h; "": everything */
	const char *crosswalk; /* "": the one that fits */
	struct conf_place keep_place, crosswalk_place,
	    covers_place; /* of their lines */
	const char *kind, *licence, *credit, *homepage, *covers, *was;
	const char *from, *until; /* OAI dates, "" when open */
	int64_t interval_min_ms; /* feeds: the shortest; interval the longest */
	const char *page_param; /* feeds: "page" of ?page=2; "" none */
	unsigned page_first; /* the number of the second page */
	int64_t interval_ms, overlap_ms, complete_ms,
	    grace_ms; /* complete 0: never */
	const char *hours; /* "20:00-06:00", UTC, "" any time */
	enum window window;
	enum verb_mode verb_mode;
	int64_t delay_ms, retry_after_min_ms, retry_after_max_ms;
	int64_t connect_timeout_ms, stall_timeout_ms, timeout_ms;
	unsigned tries; /* of one request in a run */
	int64_t retry_delay_ms; /* longest wait before the second try */
	unsigned concurrency; /* of its host; the smallest given wins */
	uint64_t max_body;
	double max_change, max_delete; /* shares in [0, 1] */
	bool allow_private, enabled, contacts;
	const char *trust, *curated;
	int64_t expire_ms; /* 0: never */
	const char *proxy, *ca_file, *client_cert, *user, *password_file,
	    *token_file;
	const char *headers; /* one a line */
	const char *user_agent_suffix;
	struct conf_place place;
};

struct conf_set { /* [set SOURCE SPEC] */
	const char *source, *spec, *agency, *kind, *sector, *country;
	struct conf_place place;
};

struct config {
	struct arena arena; /* everything below */
	const char *path; /* the file that was read first */
	/* [daemon] */
	const char *contact, *user_agent; /* user_agent: made from version and
					     contact when not given */
	const char *state_dir, *run_dir, *user, *node, *log_level;
	const char *vocab_dir, *crosswalk_dir; /* "": what was installed */
	bool resolve; /* starts sheaf-resolve */
	unsigned parsers, max_transfers, max_runs;
	int64_t stop_timeout_ms;
	int64_t lease_ms;
	unsigned run_retention_days, page_retention_days; /* 0: for ever */
	unsigned change_retention_days, history_retention_days;
	/* [database] */
	bool embedded;
	const char *connection, *pg_bindir;
	const char *store_user, *resolve_user, *serve_user, *reader_user,
	    *operator_user;
	const char *store_password_file, *resolve_password_file,
	    *serve_password_file, *reader_password_file,
	    *operator_password_file;
	int64_t reader_timeout_ms, reader_idle_timeout_ms; /* 0: none */
	/* the rest */
	struct conf_agency *agencies;
	size_t agency_count;
	struct conf_source *sources;
	size_t source_count;
	struct conf_set *sets;
	size_t set_count;
	const struct conf_agency **by_code; /* agency_count, sorted by code */
	const struct conf_source **by_name; /* source_count, sorted by name */
};

/* Reads path and sources.d beside it.  Every mistake is one line in
 * `mistakes` ("file:line: …\n", without the number where it is about a whole
 * file).  NULL when there was one.  What is returned is freed with
 * config_free. */
struct config *config_read(const char *path, struct buf *mistakes);
void config_free(struct config *c);
/* The default path: SHEAF_SYSCONFDIR "/sheaf.conf". */
const char *config_default_path(void);

const struct conf_source *
config_source(const struct config *c, const char *name);
const struct conf_agency *
config_agency(const struct config *c, const char *code);

/* What a reload changes.  Sources are compared by name, key by key. */
enum conf_change {
	CONF_SAME,
	CONF_ADDED,
	CONF_REMOVED,
	CONF_CHANGED,
	CONF_RELIST
};
/* CONF_RELIST: protocol, url, format, sets, from, until or keep changed, so
 * the list is harvested in full. */
enum conf_change config_source_change(
    const struct conf_source *old, const struct conf_source *new_);
/* True, and a sentence in `why`, when [daemon] or [database] changed in a way
 * that needs a restart. */
bool config_needs_restart(
    const struct config *old, const struct config *new_, struct buf *why);

/* The table, for the manual, the sample and their test. */
enum conf_type {
	CONF_STRING, /* const char *, "" when not given */
	CONF_BOOL, /* bool */
	CONF_UINT, /* unsigned */
	CONF_DURATION, /* int64_t, milliseconds */
	CONF_DAYS, /* unsigned: a duration of whole days */
	CONF_BYTES, /* uint64_t */
	CONF_SHARE, /* double in [0, 1] */
	CONF_LIST, /* const char **, NULL-terminated */
	CONF_FILE, /* a secret's or certificate's file, absolute once read */
	CONF_PATH, /* const char *, absolute */
	CONF_URL, /* const char *, http or https unless the check says more */
	CONF_WORD, /* const char *, one of `words` */
	CONF_CHOICE /* an enum whose values are numbered as `words` are */
};
/* How the type is called where people read it: "duration", … */
const char *conf_type_name(enum conf_type type);

struct conf_key {
	const char *section, *name;
	enum conf_type type;
	const char *fallback; /* default as written; NULL: required */
	const char *words; /* allowed words, space-separated; NULL: any */
	const char *meaning; /* one sentence */
	size_t offset; /* into the section's struct */
	int64_t min, max; /* numbers, in the field's unit; 0, 0: no bounds */
	bool repeat; /* may be given several times (header) */
	bool live; /* [daemon], [database]: a reload is enough */
};
const struct conf_key *config_keys(size_t *count);

#endif
