/*
 * What each role may do, one profile each: seccomp filters (libseccomp),
 * no_new_privs, resource limits.  The only home of <seccomp.h>.
 *
 * fetch, store, resolve, serve: a filter that answers EPERM or the errno that
 * makes a library fall back, with no exec, no fork (threads are legal), no
 * kill and no ptrace; files open for reading alone, and O_TMPFILE for writing
 * (else EACCES); fetch: socket() of AF_UNIX answers EAFNOSUPPORT, listen
 * EPERM; clone3 answers ENOSYS.
 * zygote: an allow list that answers EPERM: its channel, its loop, fork
 * without namespaces, socket pairs, wait, kill, limits, another filter.
 * parse: kill-by-default; reads and writes of descriptors it has, recvmsg on
 * SANDBOX_PARSE_FD, memory, clocks, exit; openat and its kin answer EACCES
 * (glibc's iconv asks).
 *
 * Built with sanitizers (SHEAF_SANITIZED) the filters allow what ASan needs,
 * by name, and RLIMIT_AS is left alone.  SHEAF_NO_SANDBOX=1 in the
 * environment turns filters off in sanitizer builds only.
 */
#ifndef SHEAF_SANDBOX_SANDBOX_H
#define SHEAF_SANDBOX_SANDBOX_H

#include <stddef.h>

#include "base/err.h"

enum sandbox_profile {
	SANDBOX_FETCH,
	SANDBOX_PARSE_ZYGOTE, /* forks and reaps, receives descriptors; no files
			       */
	SANDBOX_PARSE, /* pages */
	SANDBOX_STORE,
	SANDBOX_PROFILE_COUNT
};

/* The descriptor on which the parser's profile lets it receive. */
enum { SANDBOX_PARSE_FD = 3 };

/* Enters the profile for good.  0 or -1. */
int sandbox_enter(enum sandbox_profile profile, struct err *e);

/* The parser's filter as a compiled program, made once in the zygote (before
 * it enters its own profile, which has no memfd), so that a child's entry
 * costs two system calls.  Limits come before the entry. */
struct sandbox_program;
struct sandbox_program *sandbox_compile(enum sandbox_profile p, struct err *e);
int sandbox_enter_program(const struct sandbox_program *p, struct err *e);
void sandbox_program_free(struct sandbox_program *p);

/* RLIMIT_AS (what is mapped now plus `memory`), RLIMIT_CORE 0, RLIMIT_MEMLOCK
 * 0, before the entry; children inherit them, so the zygote takes them once
 * for all.  Not RLIMIT_FSIZE: standard output and error may be files. */
int sandbox_limit_memory(size_t memory, struct err *e);
/* RLIMIT_NOFILE: what is open already stays; no descriptor of this number or a
 * higher one is opened or received any more. */
int sandbox_limit_files(unsigned count, struct err *e);
/* RLIMIT_CPU of a parser: it counts anew in each process. */
int sandbox_limit_cpu(unsigned seconds, struct err *e);

#endif
