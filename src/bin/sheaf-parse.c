/*
 * sheaf-parse: a page on standard input, the record stream on standard
 * output, the verdict in the exit status; or, started by sheafd with a
 * channel on descriptor 3, the zygote that does so for many pages.
 */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/limits.h"
#include "base/log.h"
#include "bin/crosswalk_dir.h"
#include "bin/vocab_dir.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/feed.h"
#include "crosswalk/vocab.h"
#include "parse/feed_page.h"
#include "parse/html.h"
#include "parse/page.h"
#include "parse/xml.h"
#include "parse/zygote.h"
#include "record/keep.h"
#include "record/words.h"

/* The store's table of what is known; without it everything is read. */
static void
open_known(struct page_request *q, int fd)
{
	struct stat st;
	size_t n;
	void *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	n = (size_t)st.st_size / sizeof(uint64_t);
	if (n == 0 || (n & (n - 1)) != 0)
		return;
	p = mmap(NULL, n * sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return;
	q->known = p;
	q->known_slots = n;
}

static void
close_known(struct page_request *q)
{
	if (q->known != NULL)
		munmap((void *)(uintptr_t)q->known,
		    q->known_slots * sizeof(uint64_t));
}

static struct xwalk_set *walks; /* in use */

/* What is made of a page is told by what is known of it from outside. */
static int
read_page(
    const struct msg_parse_page *m, int body_fd, int stream_fd, int known_fd)
{
	struct crosswalk_config config = {.format = m->format,
	    .base_url = m->base_url,
	    .kind = m->kind,
	    .licence = m->licence,
	    .identity = m->identity,
	    .walks = walks,
	    .crosswalk = m->crosswalk,
	    .keep = m->keep,
	    .html_text = html_text};
	struct page_request q = {.protocol = m->protocol,
	    .format = m->format,
	    .content_type = m->content_type,
	    .from = m->from,
	    .until = m->until,
	    .set = m->set,
	    .ops = &crosswalk_ops};
	struct stream_writer *out;
	struct crosswalk *x;
	int code;

	if (strcmp(m->protocol, "oai-pmh") != 0 &&
	    strcmp(m->protocol, "oai-static") != 0 &&
	    strcmp(m->protocol, "feed") != 0) {
		log_error(*m->source ? m->source : NULL,
		    "the protocol %s is not one that can be parsed",
		    m->protocol);
		return EX_SOFTWARE;
	}
	if (*m->identity != '\0' && !word_known(words_identity, m->identity)) {
		log_error(*m->source ? m->source : NULL,
		    "the identity %s is none of guid, link and digest",
		    m->identity);
		return EX_SOFTWARE;
	}
	open_known(&q, known_fd);
	out = stream_writer_new(stream_fd);
	x = crosswalk_new(&config);
	q.ops_arg = x;
	if (strcmp(m->protocol, "feed") == 0) {
		struct feed_request feed = {.content_type = m->content_type,
		    .base_url = m->base_url,
		    .ops = &crosswalk_feed_ops,
		    .ops_arg = x};

		code = feed_parse(body_fd, &feed, out);
	} else
		code = page_parse(body_fd, &q, out);
	crosswalk_free(x);
	stream_writer_free(out);
	close_known(&q);
	return code;
}

/* libxml2's and our own tables, before any fork and any filter. */
static void
warm_up(void)
{
	struct buf b;

	xml_begin();
	buf_init(&b, 1024);
	html_text(&b, "<p>a&eacute;</p>", 16);
	buf_release(&b);
}

/* A child's memory comes from the heap that it was forked with and is given
 * back by its end alone (LIMIT_PARSE_KEPT_HEAP): each call and each mapping
 * that a page does without is one less for every page. */
static void
keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
	mallopt(M_TOP_PAD, 1024 * 1024);
}

/* The vocabularies are mapped once; children share them. */
static void
take_vocabularies(int fd)
{
	static const struct rules *mapped;
	const struct rules *old = mapped, *fresh;
	struct err e;

	fresh = vocab_dir_map(fd, &e);
	if (fresh == NULL) {
		log_error(
		    NULL, "the vocabularies stay as they were: %s", e.text);
		return;
	}
	mapped = fresh;
	vocab_use(fresh);
	vocab_dir_unmap(old);
}

/* They are compiled here, by what found no mistake in them where they were
 * read; children share what came of it. */
static void
take_crosswalks(int fd)
{
	struct xwalk_set *fresh;
	struct buf mistakes;

	buf_init(&mistakes, 64 * KIB);
	fresh = crosswalk_dir_take(fd, &mistakes);
	if (fresh == NULL)
		log_error(NULL, "the crosswalks stay as they were: %s",
		    buf_str(&mistakes));
	else {
		xwalk_free(walks);
		walks = fresh;
	}
	buf_release(&mistakes);
}

/* Compiling takes its memory from mappings of its own, so that the heap that
 * children are forked with stays small and whole. */
static void
take_rules(const int *fds)
{
	mallopt(M_MMAP_THRESHOLD, 4 * 1024);
	take_vocabularies(fds[0]);
	take_crosswalks(fds[1]);
	malloc_trim(0);
	keep_memory();
}

/* A filter has no sheafd that would send them. */
static void
read_tables(const char *vocab, const char *crosswalks, const char *preview)
{
	struct buf mistakes;
	int fd, walks_fd;

	buf_init(&mistakes, 64 * KIB);
	vocab = vocab_dir(vocab);
	crosswalks = crosswalk_dir(crosswalks);
	fd = vocab_dir_open(vocab, &mistakes);
	walks_fd = crosswalk_dir_open(crosswalks, preview, &walks, &mistakes);
	if (fd < 0 || walks_fd < 0) {
		fputs(buf_str(&mistakes), stderr);
		log_fatal(EX_CONFIG,
		    "the %s cannot be used, so that nothing is read: mend "
		    "what is said above",
		    fd < 0 ? "vocabularies" : "crosswalks");
	}
	take_vocabularies(fd);
	close(fd);
	close(walks_fd);
	buf_release(&mistakes);
}

static int
serve(int argc, char **argv)
{
	struct zygote_config config = {
	    .read_page = read_page, .take_rules = take_rules};
	struct sandbox_program *filter;
	struct role_ctx ctx;
	struct err e;
	int code;

	keep_memory();
	role_begin(&ctx, ROLE_PARSE, argc, argv);
	warm_up();
	crosswalk_begin();
	filter = sandbox_compile(SANDBOX_PARSE, &e);
	if (filter == NULL || sandbox_limit_memory(LIMIT_PARSE_MEMORY, &e) < 0)
		log_fatal(EX_OSERR, "%s", e.text);
	config.filter = filter;
	role_confine(&ctx);
	code = zygote_run(&ctx, &config);
	sandbox_program_free(filter);
	return code;
}

static const char usage[] =
    "usage: sheaf-parse [--protocol NAME] [--format PREFIX] [--url BASE]\n"
    "                   [--content-type TYPE] [--kind KIND] [--licence URL]\n"
    "                   [--from DATE] [--until DATE] [--set SPEC]\n"
    "                   [--identity guid|link|digest] [--keep SELECTION]\n"
    "                   [--vocab DIR] [--crosswalks DIR] [--crosswalk FILE]\n"
    "                   [--by NAME]\n"
    "                   <PAGE >STREAM\n"
    "Reads a page in a sandbox and writes its records in sheaf's own form;\n"
    "`sheafctl parse` shows them.  Exits 65 when the page as a whole cannot\n"
    "be read.\n";

/* The value goes to the field at (code - FIELD). */
enum { FIELD = 1024 };
#define FIELD_OF(field) FIELD + offsetof(struct msg_parse_page, field)
static const struct option options[] = {
    {"protocol", required_argument, NULL, FIELD_OF(protocol)},
    {"format", required_argument, NULL, FIELD_OF(format)},
    {"url", required_argument, NULL, FIELD_OF(base_url)},
    {"content-type", required_argument, NULL, FIELD_OF(content_type)},
    {"kind", required_argument, NULL, FIELD_OF(kind)},
    {"licence", required_argument, NULL, FIELD_OF(licence)},
    {"from", required_argument, NULL, FIELD_OF(from)},
    {"until", required_argument, NULL, FIELD_OF(until)},
    {"set", required_argument, NULL, FIELD_OF(set)},
    {"identity", required_argument, NULL, FIELD_OF(identity)},
    {"keep", required_argument, NULL, FIELD_OF(keep)},
    {"by", required_argument, NULL, FIELD_OF(crosswalk)},
    {"vocab", required_argument, NULL, 'v'},
    {"crosswalks", required_argument, NULL, 'w'},
    {"crosswalk", required_argument, NULL, 'x'},
    {"no-sandbox", no_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
check_keep(const char *text)
{
	struct arena a;
	struct keep keep;
	struct err e;

	arena_init(&a, 0);
	if (keep_read(&keep, &a, text, &e) < 0)
		log_fatal(EX_USAGE, "--keep: %s", e.text);
	arena_release(&a);
}

static bool
may_skip_sandbox(void)
{
#ifdef SHEAF_SANITIZED
	return true;
#else
	return false;
#endif
}

static void
read_options(struct msg_parse_page *m, bool *no_sandbox, int argc, char **argv)
{
	const char *tables = NULL, *dir = NULL, *preview = NULL;
	int c;

	m->protocol = "oai-pmh";
	m->crosswalk = "";
	m->source = m->format = m->base_url = m->content_type = m->kind =
	    m->licence = m->keep = m->from = m->until = m->set = m->identity =
		"";
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'h':
			fputs(usage, stdout);
			exit(EX_OK);
		case 'v':
			tables = optarg;
			break;
		case 'w':
			dir = optarg;
			break;
		case 'x':
			preview = optarg;
			break;
		case 'n':
			if (!may_skip_sandbox())
				log_fatal(EX_USAGE,
				    "--no-sandbox exists only in builds with "
				    "sanitizers");
			*no_sandbox = true;
			break;
		case '?':
			fputs(usage, stderr);
			exit(EX_USAGE);
		default:
			*(const char **)((char *)m + c - FIELD) = optarg;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
	read_tables(tables, dir, preview);
	if (*m->kind != '\0' && vocab_family(m->kind) == NULL)
		log_fatal(EX_USAGE, "--kind: there is no kind %s", m->kind);
	check_keep(m->keep);
	if (*m->identity != '\0' && !word_known(words_identity, m->identity))
		log_fatal(EX_USAGE,
		    "--identity %s is none of guid, link and digest",
		    m->identity);
}

static bool
has_channel(void)
{
	int type = 0;
	socklen_t n = sizeof(type);

	return getsockopt(ROLE_FD, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	       type == SOCK_SEQPACKET;
}

int
main(int argc, char **argv)
{
	struct msg_parse_page m = {0};
	bool no_sandbox = false;
	struct err e;

	if (argc == 1 && has_channel())
		return serve(argc, argv);
	log_init("sheaf-parse", LOG_LEVEL_INFO);
	read_options(&m, &no_sandbox, argc, argv);
	if (isatty(STDOUT_FILENO))
		log_fatal(EX_USAGE,
		    "the record stream is not for a terminal: see `sheafctl "
		    "parse`");
	signal(SIGPIPE, SIG_IGN);
	warm_up();
	if (sandbox_limit_memory(LIMIT_PARSE_MEMORY, &e) < 0 ||
	    sandbox_limit_cpu(LIMIT_PARSE_CPU_S, &e) < 0 ||
	    (!no_sandbox && sandbox_enter(SANDBOX_PARSE, &e) < 0))
		log_fatal(EX_OSERR, "%s", e.text);
	return read_page(&m, STDIN_FILENO, STDOUT_FILENO, -1);
}
