/*
 * The message table: everything that one role can say to another.
 *
 * One row a message: its name, who sends it, who receives it, how many
 * descriptors it carries at most, and a sentence.  One list of fields below
 * it.  The enum, the structs, the codec, the log names, the receiver's check
 * and the manual are made from these two (wire/msg.h, wire/msg.c).
 *
 * Texts are never NULL once decoded ("" instead).  Instants are microseconds
 * (base/date.h), durations milliseconds, sizes bytes.
 */
#ifndef SHEAF_WIRE_MESSAGES_H
#define SHEAF_WIRE_MESSAGES_H

/* clang-format off */
#define MSG_TABLE(M) \
 /*  name            struct           from    to      fds  meaning */ \
 M(FETCH_SETUP,     fetch_setup,     SHEAFD, FETCH,  0, "once: User-Agent and the bounds of all transfers") \
 M(FETCH_START,     fetch_start,     SHEAFD, FETCH,  4, "asks for one URL; descriptors: those of password, token, ca, cert that `fds` names, in that order") \
 M(FETCH_CANCEL,    fetch_cancel,    SHEAFD, FETCH,  0, "stops a transfer; FETCH_DONE with class CANCEL follows") \
 M(FETCH_DONE,      fetch_done,      FETCH,  SHEAFD, 1, "a transfer ended; carries the sealed body where there is one") \
 M(PARSE_SETUP,     parse_setup,     SHEAFD, PARSE,  0, "once: how many pages at a time") \
 M(PARSE_RULES,     parse_rules,     SHEAFD, PARSE,  2, "vocabularies and crosswalks, before the first page and after each reload; descriptors: the compiled tables, and the texts of the crosswalks, sealed") \
 M(PARSE_PAGE,      parse_page,      SHEAFD, PARSE,  3, "reads a page; descriptors: body, stream (write end), and that of RUN_KNOWN where it came") \
 M(PARSE_KILL,      parse_kill,      SHEAFD, PARSE,  0, "ends the parser of a page") \
 M(PARSE_FORGET,    parse_forget,    SHEAFD, PARSE,  0, "a run has no more pages: ends the parsers that wait for one") \
 M(PARSE_EXIT,      parse_exit,      PARSE,  SHEAFD, 0, "the parser of a page has read it, or ended") \
 M(STORE_SETUP,     store_setup,     SHEAFD, STORE,  1, "once: where the database is; carries the password where there is one") \
 M(STORE_READY,     store_ready,     STORE,  SHEAFD, 0, "connected, schema fits; said again after every reconnect") \
 M(STORE_DOWN,      store_down,      STORE,  SHEAFD, 0, "the database went away or refuses; pages in hand are lost, runs are to be opened again") \
 M(AGENCY_SET,      agency_set,      SHEAFD, STORE,  0, "an agency of the configuration") \
 M(VOCABULARY_SET,  vocabulary_set,  SHEAFD, STORE,  1, "the vocabularies of the configuration, before its sources; carries them as a JSON array") \
 M(SOURCE_SET,      source_set,      SHEAFD, STORE,  0, "a source of the configuration") \
 M(SOURCES_END,     sources_end,     SHEAFD, STORE,  0, "all agencies and sources were named; the others are frozen") \
 M(SOURCE_STATE,    source_state,    STORE,  SHEAFD, 0, "what the database remembers of a source") \
 M(SOURCES_READY,   sources_ready,   STORE,  SHEAFD, 0, "every SOURCE_STATE was sent") \
 M(RUN_OPEN,        run_open,        SHEAFD, STORE,  0, "takes the lease of the host and begins a run, or goes on with the open one") \
 M(RUN_OPENED,      run_opened,      STORE,  SHEAFD, 0, "lease, run and the state to go on from") \
 M(RUN_REFUSED,     run_refused,     STORE,  SHEAFD, 0, "no run: leased elsewhere, harvested by another daemon (early), held, paused, retired or a database error") \
 M(LEASE_LOST,      lease_lost,      STORE,  SHEAFD, 0, "another daemon has the source; the run is over for us") \
 M(RUN_KNOWN,       run_known,       STORE,  SHEAFD, 1, "most of the run is known already; carries a table of what is, for its parsers") \
 M(PAGE_OPEN,       page_open,       SHEAFD, STORE,  2, "a page is being parsed; descriptors: stream (read end), body") \
 M(PAGE_FACTS,      page_facts_msg,  STORE,  SHEAFD, 0, "the page's trailer, checked") \
 M(PAGE_COMMIT,     page_commit,     SHEAFD, STORE,  0, "the parser exited 0 and the page is good: store it, with this state after it") \
 M(PAGE_ABORT,      page_abort,      SHEAFD, STORE,  0, "the page is not to be stored") \
 M(PAGE_DONE,       page_done,       STORE,  SHEAFD, 0, "the page is committed") \
 M(PAGE_FAILED,     page_failed,     STORE,  SHEAFD, 0, "the page cannot be stored: its stream is broken, or the run moved on without it") \
 M(WANT_LIST,       want_list,       SHEAFD, STORE,  0, "asks for identifiers that the run still wants by GetRecord") \
 M(WANTED,          wanted,          STORE,  SHEAFD, 0, "some of them") \
 M(STORED_ASK,      stored_ask,      SHEAFD, STORE,  0, "asks for the next stored records of a run that renormalises, as a page") \
 M(STORED,          stored,          STORE,  SHEAFD, 1, "that page; carries its body, sealed, where there is one") \
 M(RUN_REKEY,       run_rekey,       SHEAFD, STORE,  0, "what the run added may be what the source has under other identifiers: compare, and adopt them") \
 M(RUN_REKEYED,     run_rekeyed,     STORE,  SHEAFD, 0, "what came of it") \
 M(RUN_NOTE,        run_note,        SHEAFD, STORE,  0, "an error that the run's row shall show") \
 M(RUN_CLOSE,       run_close,       SHEAFD, STORE,  0, "the run ended: compute its outcome, apply or hold") \
 M(RUN_CLOSED,      run_closed,      STORE,  SHEAFD, 0, "the outcome and the counters, durable") \
 M(SOURCE_ACT,      source_act,      SHEAFD, STORE,  0, "an operator's word: pause, resume, approve, reject, retire") \
 M(SOURCE_ACTED,    source_acted,    STORE,  SHEAFD, 0, "it was done, or why not") \
 M(DRAIN,           drain,           SHEAFD, STORE,  0, "finish what is in hand, then end") \
 M(RESOLVE_SETUP,   resolve_setup,   SHEAFD, RESOLVE, 1, "once: where the database is; carries the password where there is one") \
 M(RESOLVE_SOURCE,  resolve_source,  SHEAFD, RESOLVE, 0, "a source of which the configuration says whether it is curated; before the first RESOLVE_WAKE, and after a reload") \
 M(RESOLVE_WAKE,    resolve_wake,    SHEAFD, RESOLVE, 0, "something was committed, or no run is open any more: look what waits") \
 M(RESOLVE_STATE,   resolve_state,   RESOLVE, SHEAFD, 0, "how much waits, and whether all that was there at a RESOLVE_WAKE is resolved")

/* --- fetch ------------------------------------------------------------ */
#define FIELDS_fetch_setup(F) F(STR, user_agent) F(U32, max_transfers) F(STR, spool_dir)
/* fds: bit 1 password, 2 token, 4 CA bundle, 8 client certificate and key (PEM) */
#define FIELDS_fetch_start(F) \
 F(U64, job) F(STR, source) F(STR, url) F(BOOL, allow_private) \
 F(U32, connect_ms) F(U32, stall_ms) F(U32, total_ms) F(U64, max_body) \
 F(STR, headers)       /* extra request headers, one a line */ \
 F(STR, etag) F(STR, last_modified) F(STR, proxy) F(STR, user) F(STR, ua_suffix) F(U32, fds)
#define FIELDS_fetch_cancel(F) F(U64, job)
/* http_version: 10, 11, 20; no descriptor when body_bytes is 0 or err_class is not NONE; effective_url without user and password */
#define FIELDS_fetch_done(F) \
 F(U64, job) F(U32, err_class) F(U32, err_code) F(STR, err_text) \
 F(U32, status) F(STR, effective_url) F(STR, moved_url) /* where the first hops led while all were 301 or 308 */ \
 F(STR, content_type) F(STR, etag) F(STR, last_modified) F(STR, retry_after) F(STR, cache_control) F(STR, expires) \
 F(STR, server) F(STR, peer) F(U32, http_version) F(U32, redirects) \
 F(U64, body_bytes) F(U64, wire_bytes) F(BLOB, body_hash) /* 16 bytes, hash128 */ \
 F(U32, connect_ms) F(U32, total_ms)

/* --- parse ------------------------------------------------------------ */
#define FIELDS_parse_setup(F) F(U32, max_children)
#define FIELDS_parse_rules(F) F(U64, bytes)
/* run: its other pages may be read by the same parser; 0: this one alone */
#define FIELDS_parse_page(F) \
 F(U64, page) F(U64, run) F(STR, source) F(STR, protocol) F(STR, format) F(STR, base_url) F(STR, content_type) \
 F(STR, kind) F(STR, licence) F(STR, keep) /* record/keep.h */ F(STR, from) F(STR, until) F(STR, set) /* what was asked, to count what does not fit */ \
 F(STR, identity) /* of a feed: guid, link or digest (record/words.h); empty: guid */ \
 F(STR, crosswalk) /* the one to read the metadata by; empty: what fits it */ \
 F(U64, body_bytes) F(U32, deadline_ms)
#define FIELDS_parse_kill(F) F(U64, page)
#define FIELDS_parse_forget(F) F(U64, run)
/* status: exit code of sysexits.h; signal: what killed it, or 0; deadline: it was killed for time; cpu_us: for this page */
#define FIELDS_parse_exit(F) F(U64, page) F(U32, status) F(U32, signal) F(BOOL, deadline) F(U64, cpu_us)

/* --- store ------------------------------------------------------------ */
#define FIELDS_store_setup(F) F(STR, connection) F(STR, user) F(STR, node) F(BOOL, has_password) F(U32, run_days) F(U32, page_days) F(U32, change_days) F(U32, history_days) F(U32, lease_ms)
#define FIELDS_store_ready(F) F(U32, schema_version)
/* retry_ms 0: the schema does not fit; somebody has to act */
#define FIELDS_store_down(F) F(STR, text) F(U32, retry_ms)
#define FIELDS_agency_set(F) F(STR, code) F(STR, name) F(STR, homepage) F(STR, organisation_id)
#define FIELDS_source_set(F) \
 F(STR, name) F(STR, was) F(STR, agency) F(STR, protocol) F(STR, url) F(STR, host) F(STR, format) F(STR, sets) \
 F(STR, kind) F(STR, licence) F(STR, keep) F(STR, credit) F(STR, homepage) F(STR, covers) F(BOOL, enabled) F(I64, interval_ms) F(I64, expire_ms) \
 F(STR, trust) F(BOOL, contacts)
#define FIELDS_vocabulary_set(F) F(U64, bytes)
#define FIELDS_sources_end(F) F(U32, count)
/* state: idle, paused, held, retired; text: why */
#define FIELDS_source_state(F) \
 F(STR, name) F(U32, source_id) F(STR, state) F(STR, text) F(I64, next_due) F(U32, failures) F(I64, compared_at) F(BOOL, open_run) F(STR, open_mode)
#define FIELDS_sources_ready(F) F(U32, count)
/* mode: incremental, full, compare, renormalise */
/* max_change, max_delete: the breaker's shares, looked at after every page;
 * both 0: only at RUN_CLOSE */
#define FIELDS_run_open(F) F(U32, source_id) F(STR, mode) F(STR, reason) F(DOUBLE, max_change) F(DOUBLE, max_delete)
/* state: the driver's own text, as the last committed page left it; "" for a new run.
 * checkpoints: lines "setSpec TAB from"; quirks: lines "key=value". */
#define FIELDS_run_opened(F) \
 F(U32, source_id) F(U64, run_id) F(U64, epoch) F(STR, mode) F(BOOL, resumed) F(U64, page_no) F(STR, state) F(STR, checkpoints) F(STR, quirks) \
 F(U64, active) F(U64, received) F(U64, wanted)
#define FIELDS_run_refused(F) F(U32, source_id) F(STR, why) F(STR, text) F(U32, retry_ms)
#define FIELDS_lease_lost(F) F(U64, run_id)
#define FIELDS_run_known(F) F(U64, run_id)
/* requests, retries, wire_bytes: since the run's last page, failed ones included */
#define FIELDS_page_open(F) \
 F(U64, page) F(U64, run_id) F(U64, epoch) F(U64, page_no) F(STR, verb) F(STR, url) F(STR, content_type) F(U32, status) F(U64, body_bytes) \
 F(BLOB, body_hash) F(I64, fetched_at) F(U32, requests) F(U32, retries) F(U64, wire_bytes) F(STR, wanted) /* identifier of a GetRecord */ \
 F(BOOL, dated) /* a deletion says nothing of a record that is newer */ \
 F(BLOB, rules) /* 16 bytes: by what its content is made (bin/made_by.h) */
#define FIELDS_page_facts_msg(F) F(U64, page) F(BLOB, facts) /* record/facts.h */
#define FIELDS_page_commit(F) F(U64, page) F(STR, state) F(I64, advertised) /* -1: not said */
#define FIELDS_page_abort(F) F(U64, page) F(U32, err_class) F(STR, text)
/* held: the run has reached its breaker and goes no further */
#define FIELDS_page_done(F) \
 F(U64, page) F(U64, run_id) F(U32, added) F(U32, changed) F(U32, touched) F(U32, unchanged) F(U32, deleted) F(U32, rejected) F(U32, wanted) \
 F(U32, filtered) F(U32, filtered_before) /* of the filtered: known as such */ F(BOOL, held)
#define FIELDS_page_failed(F) F(U64, page) F(U64, run_id) F(U32, err_class) F(STR, text) F(BOOL, reopen)
#define FIELDS_want_list(F) F(U64, run_id) F(U32, count) F(STR, after) /* in the order of bytes */
#define FIELDS_wanted(F) F(U64, run_id) F(STR, identifiers) /* one a line */
/* page: as in the PAGE_OPEN that follows, or PAGE_ABORT; after: blocks behind
 * this one, blocks: so many at most, 0: as many as make a page; rules: those
 * that were made by others; feed: only what has its feed's head can be read */
#define FIELDS_stored_ask(F) F(U64, page) F(U64, run_id) F(U64, after) F(U32, blocks) F(BLOB, rules) F(BOOL, feed)
/* blocks 0: no more are left, and so many records without their feed's head are passed over.  last: the last of the blocks.
 * protocol and base_url: those of the page (PARSE_PAGE); base_url empty: the source's */
#define FIELDS_stored(F) \
 F(U64, page) F(U64, run_id) F(U32, blocks) F(U64, last) F(U32, records) F(U64, passed_over) F(STR, protocol) F(STR, base_url) F(STR, format) \
 F(U64, body_bytes) F(BLOB, body_hash)
/* basis: link */
#define FIELDS_run_rekey(F) F(U64, run_id) F(STR, basis)
/* matched: added records that were there before; rekeyed: records that have
 * another identifier now, 0 when the basis was not adopted */
#define FIELDS_run_rekeyed(F) F(U64, run_id) F(U64, matched) F(U64, rekeyed)
#define FIELDS_run_note(F) F(U64, run_id) F(U32, err_class) F(U32, err_code) F(STR, text) F(U32, requests) F(U32, retries) F(U64, wire_bytes)
/* completed: every list was read to its end; complete_list: and together they are all that the source has */
#define FIELDS_run_close(F) \
 F(U64, run_id) F(BOOL, completed) F(BOOL, complete_list) F(U32, err_class) F(U32, err_code) F(STR, text) F(STR, checkpoints) F(STR, quirks) \
 F(I64, advertised) F(STR, suspicion) /* why the driver does not believe it, or "" */ \
 F(DOUBLE, max_change) F(DOUBLE, max_delete) F(I64, grace_ms) F(I64, next_due) F(U32, failures) \
 F(STR, facts) /* Identify's facts for the source's row, lines "key=value" */
#define FIELDS_run_closed(F) \
 F(U64, run_id) F(U32, source_id) F(STR, outcome) F(STR, text) F(U64, received) F(U64, added) F(U64, changed) F(U64, touched) F(U64, unchanged) \
 F(U64, deleted) F(U64, rejected) F(U64, filtered) F(U64, missing) F(U64, pages) F(U64, active)
#define FIELDS_source_act(F) F(U64, request) F(STR, source) F(STR, act) F(STR, author) F(STR, reason)
#define FIELDS_source_acted(F) F(U64, request) F(STR, source) F(BOOL, ok) F(STR, state) F(STR, text)
#define FIELDS_drain(F) F(U32, within_ms)

/* --- resolve ---------------------------------------------------------- */
/* once: tables that no longer fit what is there are learned and applied */
#define FIELDS_resolve_setup(F) F(STR, connection) F(STR, user) F(BOOL, has_password) F(BOOL, once)
#define FIELDS_resolve_source(F) F(STR, name) F(BOOL, curated) F(BOOL, last) /* last: no more are named; its name may be empty */
/* serial grows; runs_open: more is likely to come soon */
#define FIELDS_resolve_wake(F) F(U64, serial) F(BOOL, runs_open)
/* serial: of the last RESOLVE_WAKE that it knows of; drained: nothing waits
 * that was committed before it; waiting: records; version: of the model, 0:
 * none yet; text: what it does or why it does not */
#define FIELDS_resolve_state(F) F(U64, serial) F(BOOL, drained) F(U64, waiting) F(U32, version) F(BOOL, failing) F(STR, text)
/* clang-format on */

#endif
