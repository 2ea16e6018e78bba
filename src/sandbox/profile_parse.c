/*
 * The parser's two profiles, as lists of what is allowed.
 *
 * parse: reads and writes descriptors that it was given, and memory; receives
 * its run's next page on SANDBOX_PARSE_FD.  What is not named kills.  Look-ups
 * of files answer EACCES, because glibc's iconv asks and libxml2 then turns to
 * ICU. zygote: besides that forks, waits, receives descriptors, keeps time.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "sandbox/internal.h"

static const int common_allowed[] = {
    /* descriptors that are there */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    /* clocks, waiting for oneself, the end */
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(clock_getres), SCMP_SYS(getrusage), SCMP_SYS(times),
    SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* What asks for a name in the file system: there is none. */
static const int no_files[] = {SCMP_SYS(open), SCMP_SYS(openat),
    SCMP_SYS(openat2), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat)};

#ifdef SHEAF_SANITIZED
/* Shadow memory, reports, the unwinder, and the stack for signals. */
static const int for_sanitizers[] = {SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction), SCMP_SYS(sched_getaffinity), SCMP_SYS(getppid),
    SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(setrlimit)};
#endif

static void
common(struct filter *f)
{
	filter_add_list(
	    f, SCMP_ACT_ALLOW, common_allowed, COUNT(common_allowed));
	filter_add_list(f, SCMP_ACT_ERRNO(EACCES), no_files, COUNT(no_files));
	/* fstat() of glibc: a look at a descriptor, without a name. */
	filter_add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat),
	    arg_masked(3, AT_EMPTY_PATH, AT_EMPTY_PATH));
	filter_add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat),
	    arg_masked(3, AT_EMPTY_PATH, 0));
	/* Never memory that can be executed. */
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), arg_masked(2, PROT_EXEC, 0));
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), arg_masked(2, PROT_EXEC, 0));
	filter_add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), arg_is(1, F_GETFL));
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), arg_is(1, F_GET_SEALS));
	/* stdio asks whether it writes to a terminal. */
	filter_add(f, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl));
#ifdef SHEAF_SANITIZED
	filter_add_list(
	    f, SCMP_ACT_ALLOW, for_sanitizers, COUNT(for_sanitizers));
#endif
}

void
profile_parse(struct filter *f)
{
	common(f);
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), arg_is(0, SANDBOX_PARSE_FD));
#ifndef SHEAF_SANITIZED
	/* abort() then dies of its second way, so that a crash is told from a
	 * call that the filter forbids (SIGSYS). */
	filter_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill));
	filter_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(rt_sigaction));
#endif
}

static const int zygote_allowed[] = {
    /* its channel and its loop */
    SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(pipe2),
    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(signalfd4), SCMP_SYS(dup),
    SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(close_range),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    /* its children */
    SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(wait4), SCMP_SYS(waitid),
    SCMP_SYS(kill), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(getppid), SCMP_SYS(setpriority), SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit), SCMP_SYS(seccomp),
    /* signals; abort */
    SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill)};

static const int prctl_allowed[] = {PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS,
    PR_SET_SECCOMP, PR_SET_PDEATHSIG, PR_SET_NAME, PR_GET_NAME,
    PR_SET_DUMPABLE};

static const int fcntl_allowed[] = {F_SETFL, F_GETFD, F_SETFD, F_DUPFD,
    F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ};

void
profile_zygote(struct filter *f)
{
	const uint64_t kinds = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
			       CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
			       CLONE_NEWNET;

	common(f);
	filter_add_list(
	    f, SCMP_ACT_ALLOW, zygote_allowed, COUNT(zygote_allowed));
	/* A fork, with no new namespace; clone3's flags are in memory, where
	 * a filter cannot look, and glibc falls back when it is not there. */
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(clone), arg_masked(0, kinds, 0));
	filter_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
	/* One to each child. */
	filter_add_if(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), arg_is(0, AF_UNIX));
	/* Its own limits; another process's are refused. */
#ifndef SHEAF_SANITIZED
	filter_add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), arg_is(0, 0));
#endif
	for (size_t i = 0; i < COUNT(prctl_allowed); i++)
		filter_add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl),
		    arg_is(0, (unsigned)prctl_allowed[i]));
	for (size_t i = 0; i < COUNT(fcntl_allowed); i++)
		filter_add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
		    arg_is(1, (unsigned)fcntl_allowed[i]));
}
