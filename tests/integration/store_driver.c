/*
 * Plays sheafd and the parser to a real sheaf-store, for test_store.py.
 *
 * `store_driver init CONNECTION` makes the schema.  Otherwise its argument is
 * the program; commands come on standard input, a line each, words separated by
 *TABs; every message of sheaf-store goes to standard output as a line of JSON.
 * Between `page` and `.` stand the records of a page:
 *
 *	r identifier datestamp sets flags title url   (flags: d deleted, f
 *filtered, h header only, e comes as an element; url or nothing) x identifier
 *reason                       (a reject) fill count prefix bytes seed (many
 *records)
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/init.h"
#include "proc/role.h"
#include "record/stream.h"

enum { WORDS = 16 };

static struct event_base *base;
static struct chan *chan;
static struct event *input;
static struct buf lines;

/* The page that is being told. */
static char *page_words[WORDS];
static struct buf body;
static struct stream_writer *writer;
static struct page_facts facts;
static struct arena arena;
static struct record *records;
static size_t record_count, record_cap;
static struct reject *rejects;
static size_t reject_count, reject_cap;

/* --- what sheaf-store says --- */
static void
json_blob(struct json *j, struct blob b)
{
	json_i64(j, (int64_t)b.len);
}

#define SHOW_U32(j, v)	  json_i64(j, (int64_t)(v))
#define SHOW_U64(j, v)	  json_i64(j, (int64_t)(v))
#define SHOW_I64(j, v)	  json_i64(j, (v))
#define SHOW_BOOL(j, v)	  json_bool(j, (v))
#define SHOW_DOUBLE(j, v) json_i64(j, (int64_t)(v))
#define SHOW_STR(j, v)	  json_str(j, (v))
#define SHOW_BLOB(j, v)	  json_blob(j, (v))
#define SHOW(type, field)                                                      \
	json_key(&j, #field);                                                  \
	SHOW_##type(&j, m->THIS.field);

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct buf b;
	struct json j;

	(void)arg;
	(void)fds;
	(void)nfds;
	buf_init(&b, 16 * MIB);
	json_init(&j, &b);
	json_open(&j, '{');
	json_key(&j, "msg");
	json_str(&j, msg_info(m->type)->name);
	switch (m->type) {
#define THIS store_ready
	case MSG_STORE_READY:
		FIELDS_store_ready(SHOW) break;
#undef THIS
#define THIS store_down
	case MSG_STORE_DOWN:
		FIELDS_store_down(SHOW) break;
#undef THIS
#define THIS source_state
	case MSG_SOURCE_STATE:
		FIELDS_source_state(SHOW) break;
#undef THIS
#define THIS run_opened
	case MSG_RUN_OPENED:
		FIELDS_run_opened(SHOW) break;
#undef THIS
#define THIS run_refused
	case MSG_RUN_REFUSED:
		FIELDS_run_refused(SHOW) break;
#undef THIS
#define THIS lease_lost
	case MSG_LEASE_LOST:
		FIELDS_lease_lost(SHOW) break;
#undef THIS
#define THIS page_facts_msg
	case MSG_PAGE_FACTS:
		FIELDS_page_facts_msg(SHOW) break;
#undef THIS
#define THIS page_done
	case MSG_PAGE_DONE:
		FIELDS_page_done(SHOW) break;
#undef THIS
#define THIS page_failed
	case MSG_PAGE_FAILED:
		FIELDS_page_failed(SHOW) break;
#undef THIS
#define THIS wanted
	case MSG_WANTED:
		FIELDS_wanted(SHOW) break;
#undef THIS
#define THIS run_rekeyed
	case MSG_RUN_REKEYED:
		FIELDS_run_rekeyed(SHOW) break;
#undef THIS
#define THIS run_closed
	case MSG_RUN_CLOSED:
		FIELDS_run_closed(SHOW) break;
#undef THIS
#define THIS source_acted
	case MSG_SOURCE_ACTED:
		FIELDS_source_acted(SHOW) break;
#undef THIS
	default:
		break;
	}
	json_close(&j, '}');
	puts(buf_str(&b));
	fflush(stdout);
	buf_release(&b);
}

static void
on_close(void *arg, const struct err *why)
{
	(void)arg;
	(void)why;
	puts("{\"msg\":\"CLOSED\"}");
	fflush(stdout);
	event_base_loopbreak(base);
}

static const struct chan_ops ops = {on_msg, on_close};

/* --- pages --- */
static const char doc_head[] = "<record xmlns=\"http://example.org/r\">";

static void
add_record(const char *identifier, const char *datestamp, const char *sets,
    const char *flags, const char *title, const char *abstract, const char *url)
{
	struct record *r;
	struct digest d;
	const char **set;

	GROW(records, record_cap, record_count + 1);
	r = &records[record_count++];
	memset(r, 0, sizeof(*r));
	r->identifier = arena_strdup(&arena, identifier);
	r->identifier_basis = "oai";
	r->datestamp = arena_strdup(&arena, datestamp);
	if (*sets != '\0') {
		set = record_add(&arena, &r->sets);
		*set = arena_strdup(&arena, sets);
	}
	r->deleted = strchr(flags, 'd') != NULL;
	r->header_only = strchr(flags, 'h') != NULL;
	r->filtered = strchr(flags, 'f') != NULL;
	r->context = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
	r->offset = body.len;
	buf_printf(&body, "%s<dc:title>%s</dc:title>", doc_head, title);
	if (*abstract != '\0')
		buf_printf(
		    &body, "<dc:description>%s</dc:description>", abstract);
	buf_adds(&body, "</record>");
	r->length = body.len - r->offset;
	buf_addc(&body, '\n');
	if (strchr(flags, 'e')) {
		r->element = arena_printf(&arena, "<mended>%s</mended>", title);
		r->element_len = strlen(r->element);
	}
	if (r->deleted || r->header_only)
		return;
	if (*title != '\0') {
		struct rec_text *t = record_add(&arena, &r->titles);

		t->text = arena_strdup(&arena, title);
		t->role = "main";
	}
	/* A short title is a type, too; the half of them are known. */
	if (*title != '\0' && strlen(title) < 4) {
		struct rec_type *t = record_add(&arena, &r->types);

		t->text = arena_strdup(&arena, title);
		r->kind.code = title[strlen(title) - 1] % 2 ? "event" : NULL;
	}
	if (*abstract != '\0') {
		struct rec_text *t = record_add(&arena, &r->abstracts);

		t->text = arena_strdup(&arena, abstract);
	}
	if (url != NULL) {
		struct rec_link *l = record_add(&arena, &r->links);

		l->role = "landing";
		l->url = arena_strdup(&arena, url);
	}
	digest_init(&d);
	digest_add(&d, title, strlen(title));
	digest_end(&d, r->digest);
}

static void
fill(char **w)
{
	size_t count = strtoul(w[1], NULL, 10), bytes = strtoul(w[3], NULL, 10);
	unsigned seed = (unsigned)strtoul(w[4], NULL, 10);
	char *title = xmalloc(bytes + 64);
	char id[128], short_title[160];

	for (size_t n = 0; n < count; n++) {
		size_t len =
		    (size_t)snprintf(title, 64, "%s %zu of %u ", w[2], n, seed);
		uint32_t x = (uint32_t)(n * 2654435761u + seed);

		/* Compresses about as prose does: words from a small list. */
		while (len + 8 < bytes) {
			static const char *const list[] = {"water", "of", "the",
			    "energy", "and", "policy", "in", "report", "for",
			    "countries", "trade", "small", "health", "data",
			    "climate", "labour"};

			x = x * 1664525u + 1013904223u;
			len += (size_t)snprintf(title + len, 16, "%s%u ",
			    list[x >> 28], x >> 20 & 63);
		}
		snprintf(short_title, sizeof(short_title), "%.70s", title);
		snprintf(id, sizeof(id), "%s:%zu", w[2], n);
		add_record(id, "2024-05-01T10:00:00Z", "", "", short_title,
		    title, NULL);
	}
	free(title);
}

static int
body_fd(void)
{
	int fd = memfd_create("body", MFD_CLOEXEC);
	size_t at = 0;

	if (fd < 0)
		abort();
	while (at < body.len) {
		ssize_t n = write(fd, body.data + at, body.len - at);

		if (n < 0)
			abort();
		at += (size_t)n;
	}
	return fd;
}

/* The stream is written by a child, as a parser would. */
static void
write_stream(int fd, bool cut)
{
	pid_t pid = fork();

	if (pid != 0)
		return;
	writer = stream_writer_new(fd);
	for (size_t n = 0; n < record_count; n++)
		stream_write_record(writer, &records[n]);
	for (size_t n = 0; n < reject_count; n++)
		stream_write_reject(writer, &rejects[n]);
	facts.protocol = "oai-pmh";
	facts.format = "oai_dc";
	facts.verb = page_words[5];
	facts.body = BODY_OAI;
	facts.cursor = facts.list_size = -1;
	facts.records = record_count;
	facts.rejected = reject_count;
	for (size_t n = 0; n < record_count; n++)
		facts.deleted += records[n].deleted;
	if (!cut && stream_write_page(writer, &facts) < 0)
		_exit(1);
	stream_writer_free(writer);
	_exit(0);
}

static void
end_page(void)
{
	struct msg m = {.type = MSG_PAGE_OPEN};
	uint8_t hash[HASH128_BYTES];
	int fds[2], p[2];
	char **w = page_words;

	hash128(hash, buf_str(&body), body.len);
	m.page_open = (struct msg_page_open){
	    .page = strtoull(w[1], NULL, 10),
	    .run_id = strtoull(w[2], NULL, 10),
	    .epoch = strtoull(w[3], NULL, 10),
	    .page_no = strtoull(w[4], NULL, 10),
	    .verb = w[5],
	    .url = "http://example.org/oai?verb=x",
	    .content_type = "text/xml",
	    .status = 200,
	    .body_bytes = body.len,
	    .body_hash = {hash, sizeof(hash)},
	    .fetched_at = 1700000000000000,
	    .requests = 1,
	    .wire_bytes = body.len,
	    .wanted = w[6] != NULL ? w[6] : "",
	};
	if (pipe(p) < 0)
		abort();
	fds[0] = p[0];
	fds[1] = body_fd();
	chan_send(chan, &m, fds, 2);
	close(fds[0]);
	close(fds[1]);
	write_stream(p[1], w[7] != NULL && !strcmp(w[7], "cut"));
	close(p[1]);
	for (size_t n = 0; n < WORDS; n++) {
		free(w[n]);
		w[n] = NULL;
	}
	buf_clear(&body);
	record_count = reject_count = 0;
	arena_clear(&arena);
}

static bool
page_line(char **w)
{
	if (page_words[0] == NULL)
		return false;
	if (!strcmp(w[0], ".")) {
		end_page();
	} else if (!strcmp(w[0], "fill")) {
		fill(w);
	} else if (!strcmp(w[0], "x")) {
		struct reject *r;

		GROW(rejects, reject_cap, reject_count + 1);
		r = &rejects[reject_count++];
		r->identifier = *w[1] ? arena_strdup(&arena, w[1]) : NULL;
		r->reason = arena_strdup(&arena, w[2]);
		r->offset = body.len;
		buf_printf(&body, "<broken>%s", w[2]);
		r->length = body.len - r->offset;
	} else {
		add_record(w[1], w[2], w[3], w[4], w[5], "", w[6]);
	}
	return true;
}

/* --- commands --- */
static int64_t
num(const char *s)
{
	return s != NULL ? strtoll(s, NULL, 10) : 0;
}

static const char *
str(const char *s)
{
	return s != NULL ? s : "";
}

static void
command(char **w)
{
	struct msg m = {0};
	const char *c = w[0];

	if (page_line(w))
		return;
	if (!strcmp(c, "page")) {
		for (size_t n = 0; n < WORDS && w[n] != NULL; n++)
			page_words[n] = xstrdup(w[n]);
		return;
	} else if (!strcmp(c, "setup")) {
		m.type = MSG_STORE_SETUP;
		m.store_setup = (struct msg_store_setup){.connection = w[1],
		    .user = str(w[3]),
		    .node = w[2],
		    .run_days = 30,
		    .page_days = 30,
		    .change_days = 30,
		    .history_days = 30,
		    .lease_ms = (uint32_t)num(w[4])};
	} else if (!strcmp(c, "agency")) {
		m.type = MSG_AGENCY_SET;
		m.agency_set.code = w[1];
		m.agency_set.name = w[1];
	} else if (!strcmp(c, "source")) {
		m.type = MSG_SOURCE_SET;
		m.source_set = (struct msg_source_set){.name = w[1],
		    .agency = w[2],
		    .protocol = "oai-pmh",
		    .url = w[3],
		    .host = w[3],
		    .was = str(w[4]),
		    .enabled = true,
		    .interval_ms = 3600000,
		    .expire_ms = num(w[5])};
	} else if (!strcmp(c, "end")) {
		m.type = MSG_SOURCES_END;
	} else if (!strcmp(c, "open")) {
		m.type = MSG_RUN_OPEN;
		m.run_open =
		    (struct msg_run_open){.source_id = (uint32_t)num(w[1]),
			.mode = w[2],
			.reason = "test",
			.max_change = w[3] ? strtod(w[3], NULL) : 0,
			.max_delete = w[4] ? strtod(w[4], NULL) : 0};
	} else if (!strcmp(c, "commit")) {
		m.type = MSG_PAGE_COMMIT;
		m.page_commit =
		    (struct msg_page_commit){.page = (uint64_t)num(w[1]),
			.state = str(w[2]),
			.advertised = w[3] ? num(w[3]) : -1};
	} else if (!strcmp(c, "abort")) {
		m.type = MSG_PAGE_ABORT;
		m.page_abort.page = (uint64_t)num(w[1]);
	} else if (!strcmp(c, "want")) {
		m.type = MSG_WANT_LIST;
		m.want_list.run_id = (uint64_t)num(w[1]);
		m.want_list.count = (uint32_t)num(w[2]);
		m.want_list.after = str(w[3]);
	} else if (!strcmp(c, "rekey")) {
		m.type = MSG_RUN_REKEY;
		m.run_rekey.run_id = (uint64_t)num(w[1]);
		m.run_rekey.basis = w[2];
	} else if (!strcmp(c, "note")) {
		m.type = MSG_RUN_NOTE;
		m.run_note =
		    (struct msg_run_note){.run_id = (uint64_t)num(w[1]),
			.err_class = ERR_HTTP,
			.err_code = 503,
			.text = w[2],
			.requests = 1,
			.retries = 1};
	} else if (!strcmp(c, "close")) {
		/* A TAB would end the word. */
		for (char *at = w[8]; at != NULL && *at != '\0'; at++)
			*at = *at == '|' ? '\t' : *at;
		m.type = MSG_RUN_CLOSE;
		m.run_close =
		    (struct msg_run_close){.run_id = (uint64_t)num(w[1]),
			.completed = num(w[2]),
			.complete_list = num(w[3]),
			.max_change = strtod(w[4], NULL),
			.max_delete = strtod(w[5], NULL),
			.grace_ms = num(w[6]),
			.advertised = num(w[7]),
			.checkpoints = str(w[8]),
			.err_class = (uint32_t)num(w[9]),
			.text = str(w[10]),
			.quirks = str(w[11]),
			.next_due = 1800000000000000};
	} else if (!strcmp(c, "act")) {
		m.type = MSG_SOURCE_ACT;
		m.source_act = (struct msg_source_act){.request = 7,
		    .source = w[1],
		    .act = w[2],
		    .author = "tester",
		    .reason = str(w[3])};
	} else if (!strcmp(c, "drain")) {
		m.type = MSG_DRAIN;
		m.drain.within_ms = 5000;
	} else {
		fprintf(stderr, "no command %s\n", c);
		exit(2);
	}
	chan_send(chan, &m, NULL, 0);
}

static void
on_input(int fd, short what, void *arg)
{
	char chunk[65536];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	char *end;

	(void)what;
	(void)arg;
	if (n <= 0) {
		event_base_loopbreak(base);
		return;
	}
	buf_add(&lines, chunk, (size_t)n);
	while ((end = memchr(lines.data, '\n', lines.len)) != NULL) {
		char *words[WORDS] = {0}, *at = lines.data;
		size_t count = 0;

		*end = '\0';
		while (at != NULL && count < WORDS)
			words[count++] = strsep(&at, "\t");
		command(words);
		buf_consume(&lines, (size_t)(end - lines.data) + 1);
	}
}

static int
make_schema(const char *connection)
{
	struct init_options o = {.connection = connection};
	struct err e;

	if (init_run(&o, stderr, &e) == 0)
		return 0;
	fprintf(stderr, "%s\n", e.text);
	return 1;
}

int
main(int argc, char **argv)
{
	struct err e;
	pid_t pid;
	int fd;

	log_init("store_driver", LOG_LEVEL_INFO);
	if (argc == 3 && !strcmp(argv[1], "init"))
		return make_schema(argv[2]);
	if (argc != 2)
		return 64;
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	buf_init(&lines, 64 * MIB);
	buf_init(&body, GIB);
	arena_init(&arena, 0);
	pid = proc_spawn_role(argv[1], ROLE_STORE, &fd, &e);
	if (pid < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	printf("{\"msg\":\"PID\",\"pid\":%d}\n", (int)pid);
	fflush(stdout);
	chan = chan_new(base, fd, ROLE_SHEAFD, ROLE_STORE, &ops, NULL);
	input = event_new(base, 0, EV_READ | EV_PERSIST, on_input, NULL);
	event_add(input, NULL);
	event_base_dispatch(base);
	return 0;
}
