/*
 * Asking an endpoint one thing, outside of any harvest: through the same
 * sandboxed sheaf-fetch and sheaf-parse that a harvest uses, without a daemon
 * or a database.  For the endpoint doctor.
 */
#ifndef SHEAF_CONTROL_DOCTOR_ASK_H
#define SHEAF_CONTROL_DOCTOR_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "config/config.h"
#include "record/facts.h"
#include "record/record.h"

enum { DOCTOR_RECORDS = 5000 }; /* records of one answer that are kept */

/* What a question brought.  Everything lives in `arena`. */
struct doctor_answer {
	struct arena arena;
	/* the transfer */
	enum err_class err_class; /* NONE when a body came */
	const char *err_text;
	unsigned status;
	const char *content_type, *retry_after, *moved_url, *server, *peer;
	const char *url; /* that it came from, behind redirects */
	const char *etag, *last_modified, *cache_control, *expires;
	unsigned http_version, connect_ms, total_ms, redirects;
	uint64_t body_bytes, wire_bytes;
	uint8_t body_hash[HASH128_BYTES];
	/* the page */
	bool parsed; /* a trailer came and the parser ended well or with 65 */
	struct page_facts facts;
	RECORD_LIST(struct record) records;
	RECORD_LIST(struct reject) rejects;
};

struct doctor_asker;

/* Starts both roles.  rules_fds: vocabularies and crosswalks for the parser
 * (PARSE_RULES), or NULL: then no value is mapped.  NULL when a role cannot be
 * started. */
struct doctor_asker *doctor_asker_new(const char *user_agent,
    const char *spool_dir, const int rules_fds[2], struct err *e);
void doctor_asker_free(struct doctor_asker *a);

struct doctor_question {
	const struct conf_source *source;
	enum protocol protocol; /* how the answer is read */
	const char *url; /* the whole request */
	const char *etag, *last_modified; /* of a conditional GET, or "" */
	const char *format; /* metadataPrefix, or "" */
	const char *from, *until, *set;
	const int
	    *secrets; /* descriptors of FETCH_START, `secret_bits` of them */
	size_t secret_count;
	uint32_t secret_bits;
};
/* Asks and waits.  0 with *out filled (also when the server failed: see its
 * err_class and facts), or -1 when a role went away.  Release in any case. */
int doctor_ask(struct doctor_asker *a, const struct doctor_question *q,
    struct doctor_answer *out, struct err *e);
void doctor_answer_release(struct doctor_answer *a);

#endif
