/*
 * One transfer: a request of sheafd from FETCH_START to FETCH_DONE, over as
 * many hops as its redirects take.
 *
 * Redirects are followed by hand, hop by hop on the same easy handle, because
 * each hop decides again what it may be sent: credentials, extra headers and
 * the client certificate go to the origin of the configured URL and to no
 * other; and each hop's host is judged before it is asked.
 *
 * Transfers are pooled with their easy handle: transfer_begin/transfer_clear
 * frame one use.  Private to src/fetch.
 */
#ifndef SHEAF_FETCH_TRANSFER_H
#define SHEAF_FETCH_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/err.h"
#include "fetch/answer.h"
#include "base/body.h"
#include "fetch/policy.h"
#include "fetch/secret.h"
#include "wire/msg.h"

enum transfer_state {
	TRANSFER_IDLE, /* in the pool */
	TRANSFER_WAITING, /* max_transfers are running */
	TRANSFER_RUNNING, /* its easy handle is in the multi handle */
};

/* What is done with the body of the answer at hand. */
enum body_use {
	BODY_UNDECIDED,
	BODY_KEEP, /* up to max_body, more is an error */
	BODY_OF_ERROR, /* up to LIMIT_ERROR_BODY, the rest is not read */
	BODY_DROP, /* of a redirect */
};

struct transfer {
	enum transfer_state state;
	struct transfer *prev, *next; /* of the list of its state */
	UT_hash_handle hh; /* by job, unless idle */
	CURL *easy;

	/* The request.  Texts live in mem. */
	struct arena mem;
	uint64_t job;
	struct msg_fetch_start ask;
	const char *user_agent;
	struct secret password, token, ca, cert;

	/* The hop. */
	const char *url; /* without user and password */
	const char *host;
	bool trusted; /* same origin as ask.url: may see credentials */
	unsigned redirects;
	bool all_permanent;
	const char *moved_url; /* NULL: none */
	bool plain_encoding; /* asked again without Accept-Encoding */
	bool http1; /* asked again without HTTP/2 */
	struct curl_slist *headers;

	/* The answer. */
	bool asked; /* connected; the request goes out */
	struct answer answer;
	enum body_use use;
	bool cut; /* the rest of the body was not wanted; no error */
	uint64_t dropped_bytes;
	struct body body;
	char peer[POLICY_ADDRESS_BYTES + 8];
	struct err err; /* why a callback ended it; wins over libcurl's code */
	struct err refused; /* the policy's word on an address */
	int socket_errno;
	char curl_text[CURL_ERROR_SIZE];
	uint64_t wire_bytes; /* of hops that are over */

	/* Time, of date_monotonic_ms. */
	int64_t started_ms;
	int64_t progress_ms; /* when progress_bytes was reached */
	uint64_t progress_bytes; /* on the wire, of this hop */
};

struct transfer *transfer_new(const char *spool_dir);
void transfer_free(struct transfer *t);
/* Copies the request, reads the descriptors (the caller's to close) and makes
 * the first hop ready.  0, or -1 with the reason. */
int transfer_begin(struct transfer *t, const struct msg_fetch_start *ask,
    const int *fds, size_t nfds, const char *user_agent, struct err *e);
void transfer_clear(struct transfer *t);
/* Bytes that came over the wire in this hop so far. */
uint64_t transfer_hop_bytes(const struct transfer *t);

/* request.c: sets what differs from hop to hop, and from use to use. */
void request_fixed(struct transfer *t);
int request_prepare(struct transfer *t, struct err *e);

/* hop.c: splits and judges a URL and makes it the next hop's.  0 or -1. */
int hop_set(struct transfer *t, const char *url, struct err *e);
/* After an answer: 1 when the transfer goes on with another hop, which is
 * prepared, 0 when it is over, -1 with the reason when the redirect cannot be
 * followed. */
int hop_follow(struct transfer *t, struct err *e);
/* After a failure that plainer HTTP may avoid (broken Content-Encoding, broken
 * HTTP/2): true when the same hop was prepared again without it. */
bool hop_plainer(struct transfer *t, CURLcode code);

/* explain.c: fills *e for a libcurl code other than CURLE_OK. */
void explain(const struct transfer *t, CURLcode code, struct err *e);
/* A deadline of ours passed: what was being waited for. */
void explain_stall(const struct transfer *t, struct err *e);
void explain_total(const struct transfer *t, struct err *e);

#endif
