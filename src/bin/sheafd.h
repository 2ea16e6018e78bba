/*
 * What the parts of sheafd share: the daemon and its sources.
 *
 * sheafd is one event loop.  Its parts are files sheafd_*.c, each with the
 * state it needs behind a pointer here and a small header of its own; they
 * call each other through those headers alone.
 *
 *	roles      keeps sheaf-fetch, sheaf-parse, sheaf-store, sheaf-resolve
 *alive sources    what is harvested, and what the database remembers of it
 *	schedule   which source is due when
 *	runs       a run, from RUN_OPEN to RUN_CLOSED
 *	transfers  asking for pages, politely
 *	stored     asking store for stored records, to read them again
 *	pages      a fetched page, from PAGE_OPEN to PAGE_DONE
 *	resolving  waking sheaf-resolve, and waiting for it
 */
#ifndef SHEAF_BIN_SHEAFD_H
#define SHEAF_BIN_SHEAFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "base/digest.h"
#include "base/err.h"
#include "config/config.h"
#include "sched/harvest.h"
#include "sched/source.h"

struct event_base;
struct roles;
struct sources;
struct schedule;
struct runs;
struct run;
struct transfers;
struct pages;
struct control;
struct progress;
struct stopper;
struct stored;
struct database;
struct old_config;
struct watchdog;
struct resolving;

/* The longest that --once waits for a Retry-After or a lease. */
enum { ONCE_PATIENCE_MS = 60 * 1000 };

struct options {
	const char *config_path;
	bool check, once, all, progress;
	char **names; /* sources named on the command line */
	size_t name_count;
};

struct daemon {
	const struct options *opt;
	struct config *config; /* the newest good one */
	int rules_fds[2]; /* its vocabularies and crosswalks, sealed */
	uint8_t rules[HASH128_BYTES]; /* their digest (bin/made_by.h) */
	struct old_config *old_configs;
	struct event_base *base;
	char node[64];
	int lock_fd;
	struct database *database;
	struct roles *roles;
	struct sources *sources;
	struct schedule *schedule;
	struct runs *runs;
	struct transfers *transfers;
	struct stored *stored;
	struct pages *pages;
	struct control *control;
	struct progress *progress;
	struct stopper *stopper;
	struct watchdog *watchdog;
	struct resolving *resolving;
	bool stopping; /* no new run and no new request */
	int exit_code;
};

struct source {
	struct sched_source sched; /* state, due time, failures */
	struct daemon *d;
	char *name;
	const struct conf_source
	    *conf; /* NULL: it has left the configuration */
	struct hours hours;
	uint32_t id; /* of the database; 0: not known */
	int64_t compared_at_us; /* the next comparison counts from then */
	int64_t moved_said_us; /* when the log last said where it is now; 0 */
	bool open_run; /* the database has a run of it that did not end */
	bool ask_full; /* the next run reads everything */
	bool ask_compare; /* the next run compares the complete list */
	bool asked; /* an operator wants it now */
	bool ask_renormalise; /* or wants its records read again, or a run
			       * that does so is open */
	int64_t harvest_due_us; /* when its harvest is due then */
	enum source_state rest; /* what it is again then */
	bool selected; /* --once is to harvest it */
	char outcome[16]; /* of its last run in this process, or "" */
	struct run *run;
	UT_hash_handle by_name, by_id;
};

#endif
