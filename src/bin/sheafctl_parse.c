/*
 * sheafctl parse: one page from a file, through the sandboxed parser, as JSON
 * lines.  No daemon, no database.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "bin/sheafctl.h"
#include "proc/role.h"
#include "record/facts.h"
#include "record/keep.h"
#include "record/stream.h"
#include "record/words.h"

struct reading {
	struct arena arena; /* of one record */
	struct buf line;
	unsigned with; /* enum record_json_with, beyond the place */
	bool has_page;
	bool unreadable; /* the page as a whole */
};

static void
warn(const char *about, const char *code, const char *text)
{
	verb_complain(NULL, "%s%s%s: %s", about != NULL ? about : "",
	    about != NULL ? ": " : "", code, text != NULL ? text : "");
}

static void
print_line(struct reading *r)
{
	fwrite(r->line.data, 1, r->line.len, stdout);
	putchar('\n');
	buf_clear(&r->line);
}

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct reading *r = arg;
	struct record rec = {0};

	if (record_from_head(&rec, &r->arena, h, e) != 0)
		return -1;
	record_json(&r->line, &rec, RECORD_PLACE | r->with);
	print_line(r);
	for (size_t i = 0; i < rec.warnings.count; i++)
		warn(rec.identifier, rec.warnings.items[i].code,
		    rec.warnings.items[i].text);
	arena_clear(&r->arena);
	return 0;
}

static int
on_reject(void *arg, const struct reject *reject, struct err *e)
{
	struct reading *r = arg;

	(void)e;
	reject_json(&r->line, reject);
	print_line(r);
	warn(reject->identifier, "rejected", reject->reason);
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct reading *r = arg;

	(void)e;
	facts_json(&r->line, f);
	print_line(r);
	r->has_page = true;
	r->unreadable = f->err_class != ERR_NONE;
	if (r->unreadable)
		warn(NULL, err_class_name(f->err_class), f->err_text);
	for (size_t i = 0; i < f->warnings.count; i++)
		warn(
		    NULL, f->warnings.items[i].code, f->warnings.items[i].text);
	return 0;
}

/* A body that the parser can map and seek in: the file itself, or a copy of
 * what comes by a pipe. */
static int
open_body(const char *path, uint64_t *bytes, struct err *e)
{
	static char chunk[64 * 1024];
	struct stat st;
	ssize_t n;
	int from = strcmp(path, "-") == 0 ? STDIN_FILENO
					  : open(path, O_RDONLY | O_CLOEXEC);
	int copy;

	if (from < 0 || fstat(from, &st) != 0)
		return err_sys(e, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(
		    e, ERR_SYSTEM, EISDIR, "%s is a directory", path);
	*bytes = (uint64_t)st.st_size;
	if (S_ISREG(st.st_mode) && lseek(from, 0, SEEK_CUR) == 0)
		return from;
	copy = memfd_create("page", MFD_CLOEXEC);
	*bytes = 0;
	while ((n = read(from, chunk, sizeof(chunk))) > 0) {
		if (copy < 0 || write(copy, chunk, (size_t)n) != n)
			return err_sys(e, "no room for %s", path);
		*bytes += (uint64_t)n;
		if (*bytes > LIMIT_BODY_DEFAULT)
			return err_set(e, ERR_LIMIT, 0,
			    "%s has more than %zu bytes", path,
			    LIMIT_BODY_DEFAULT);
	}
	if (n < 0 || lseek(copy, 0, SEEK_SET) != 0)
		return err_sys(e, "%s", path);
	return copy;
}

/* sheaf-parse as a filter, its options those of the verb: the exit status in
 * *status. */
static int
parse(const struct verb_ctx *ctx, struct reading *r, int body, uint64_t bytes,
    int *status, struct err *e)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	static const char *const passed[] = {"protocol", "format", "url",
	    "content-type", "identity", "keep", "vocab", "crosswalks",
	    "crosswalk"};
	enum { PASSED = sizeof(passed) / sizeof(passed[0]) };
	char *argv[2 + PASSED] = {NULL};
	size_t n = 1;
	int rc;

	for (size_t i = 0; i < PASSED; i++) {
		const char *value = verb_option(ctx, passed[i]);
		if (value != NULL)
			argv[n++] = xasprintf("--%s=%s", passed[i], value);
	}
	fflush(stdout);
	rc = ctl_parser_read(argv, body, bytes, &ops, r, status, e);
	for (size_t i = 1; i < n; i++)
		free(argv[i]);
	return rc;
}

static int
verdict(const struct reading *r, int rc, int status, const struct err *e)
{
	if (WIFSIGNALED(status)) {
		verb_complain("please report the page: a parser never crashes "
			      "on what it reads",
		    "the parser was stopped by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
		return EX_SOFTWARE;
	}
	if (WEXITSTATUS(status) == EX_UNAVAILABLE && !r->has_page) {
		verb_complain("SHEAF_LIBEXEC names the directory where it is",
		    "%s/sheaf-parse cannot be started", proc_libexec());
		return EX_UNAVAILABLE;
	}
	/* What is wrong with its tables the parser has told. */
	if (WEXITSTATUS(status) == EX_CONFIG)
		return EX_CONFIG;
	if (rc != 0) {
		verb_complain(NULL, "%s", e->text);
		return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status)
						: EX_DATAERR;
	}
	return r->unreadable ? EX_DATAERR : WEXITSTATUS(status);
}

/* EX_OK, or the exit status for a protocol that is not read. */
static int
check_protocol(const char *protocol)
{
	if (protocol == NULL || strcmp(protocol, "oai-pmh") == 0 ||
	    strcmp(protocol, "feed") == 0 ||
	    strcmp(protocol, "oai-static") == 0)
		return EX_OK;
	verb_complain(NULL,
	    "--protocol %s is not known; expected oai-pmh, feed or oai-static",
	    protocol);
	return EX_USAGE;
}

static int
check_identity(const char *basis)
{
	if (basis == NULL || word_known(words_identity, basis))
		return EX_OK;
	verb_complain(NULL,
	    "--identity %s is not known; expected guid, link or digest", basis);
	return EX_USAGE;
}

static int
check_keep(const char *text)
{
	struct arena a;
	struct keep keep;
	struct err e;
	int rc;

	if (text == NULL)
		return EX_OK;
	arena_init(&a, 0);
	rc = keep_read(&keep, &a, text, &e);
	arena_release(&a);
	if (rc == 0)
		return EX_OK;
	verb_complain("sheaf.conf(5), SELECTION", "--keep: %s", e.text);
	return EX_USAGE;
}

static int
run(struct verb_ctx *ctx)
{
	struct reading r = {0};
	struct err e = {0};
	uint64_t bytes = 0;
	int body, rc, status = 0, code;

	code = check_protocol(verb_option(ctx, "protocol"));
	if (code == EX_OK)
		code = check_identity(verb_option(ctx, "identity"));
	if (code == EX_OK)
		code = check_keep(verb_option(ctx, "keep"));
	if (code != EX_OK)
		return code;
	body = open_body(ctx->operands[0], &bytes, &e);
	if (body < 0) {
		verb_complain(NULL, "%s", e.text);
		return EX_NOINPUT;
	}
	r.with = verb_option(ctx, "match") != NULL ? RECORD_MATCH : 0;
	arena_init(&r.arena, 0);
	buf_init(&r.line, 4 * LIMIT_RECORD_BYTES);
	rc = parse(ctx, &r, body, bytes, &status, &e);
	close(body);
	code = verdict(&r, rc, status, &e);
	arena_release(&r.arena);
	buf_release(&r.line);
	return code;
}

static const struct verb_option options[] = {
    {"protocol", "NAME", "oai-pmh, feed or oai-static"},
    {"format", "NAME", "metadata format (from the page)"},
    {"url", "BASE", "where the page came from, for relative links"},
    {"content-type", "TYPE", "as the server said it"},
    {"identity", "BASIS",
	"what tells a feed's items apart: guid (default), link or digest"},
    {"keep", "SELECTION", "what a source's keep would select of it"},
    {"vocab", "DIR", "the vocabularies' tables (those that are installed)"},
    {"crosswalks", "DIR", "the crosswalks (those that are installed)"},
    {"crosswalk", "FILE",
	"a crosswalk to try: it stands for the one of its name and goes "
	"before the others"},
    {"match", NULL, "also the normal form that duplicates are recognised by"},
    {0},
};

const struct verb verb_parse = {
    .name = "parse",
    .operands = "FILE|-",
    .summary = "what Sheaf makes of a page: one JSON object a record",
    .help = "The form is that of sheaf-record(5); warnings go to standard "
	    "error.  Exits 65 when\nthe page as a whole could not be read.",
    .min = 1,
    .max = 1,
    .needs = VERB_ALONE,
    .options = options,
    .run = run,
};
