/*
 * The profiles of roles that talk to a network through large libraries with
 * threads: fetch (libcurl, the resolver), store (libpq).  Lists of what is
 * denied, since what those libraries need is theirs to change.
 *
 * Both: no program, no process, no look into others, no file changed.
 * fetch besides: sockets of the internet and netlink (the resolver asks for
 * addresses), so no way into PostgreSQL's or the bus's socket; no server.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sandbox/internal.h"

#define LOW32 UINT64_C(0xffffffff)

static const int denied[] = {
    /* programs and processes */
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp), SCMP_SYS(process_madvise),
    /* namespaces, mounts, identities */
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2),
    SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount),
    SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr),
    SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setresuid),
    SCMP_SYS(setresgid), SCMP_SYS(setreuid), SCMP_SYS(setregid),
    SCMP_SYS(setgroups), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid),
    SCMP_SYS(capset),
    /* the kernel */
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl),
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(syslog),
    SCMP_SYS(quotactl), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex), SCMP_SYS(clock_adjtime), SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname), SCMP_SYS(iopl), SCMP_SYS(ioperm),
    SCMP_SYS(personality), SCMP_SYS(vhangup), SCMP_SYS(lookup_dcookie),
    SCMP_SYS(name_to_handle_at), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(fanotify_init)};

/* What changes names or what stands behind them. */
static const int denied_files[] = {SCMP_SYS(creat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink),
    SCMP_SYS(symlinkat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir),
    SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(truncate), SCMP_SYS(chmod),
    SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(lchown), SCMP_SYS(fchownat),
    SCMP_SYS(utime), SCMP_SYS(utimes), SCMP_SYS(utimensat), SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr), SCMP_SYS(removexattr), SCMP_SYS(lremovexattr)};

/* Absent, as on an older kernel, so that callers fall back to calls whose
 * arguments a filter can see. */
static const int absent[] = {SCMP_SYS(clone3), SCMP_SYS(openat2),
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register)};

/* Opening for writing is for files without a name alone (O_TMPFILE: bodies
 * that are too large for memory). */
static void
deny_writing(struct filter *f, int syscall, unsigned arg)
{
	const uint64_t tmpfile = O_TMPFILE & ~O_DIRECTORY;
	static const int modes[] = {O_WRONLY, O_RDWR, O_ACCMODE};

	for (size_t i = 0; i < COUNT(modes); i++)
		filter_add_if(f, SCMP_ACT_ERRNO(EACCES), syscall,
		    arg_masked(arg, O_ACCMODE | tmpfile, (uint64_t)modes[i]));
	filter_add_if(f, SCMP_ACT_ERRNO(EACCES), syscall,
	    arg_masked(arg, O_CREAT, O_CREAT));
	filter_add_if(f, SCMP_ACT_ERRNO(EACCES), syscall,
	    arg_masked(arg, O_TRUNC, O_TRUNC));
}

static void
common(struct filter *f)
{
	static const unsigned terminal[] = {TIOCSTI, TIOCLINUX};

	filter_add_list(f, SCMP_ACT_ERRNO(EPERM), denied, COUNT(denied));
	filter_add_list(
	    f, SCMP_ACT_ERRNO(EACCES), denied_files, COUNT(denied_files));
	filter_add_list(f, SCMP_ACT_ERRNO(ENOSYS), absent, COUNT(absent));
	deny_writing(f, SCMP_SYS(open), 1);
	deny_writing(f, SCMP_SYS(openat), 2);
	/* Threads are legal, processes are not. */
	filter_add_if(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone),
	    arg_masked(0, CLONE_THREAD, 0));
	for (size_t i = 0; i < COUNT(terminal); i++)
		filter_add_if(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl),
		    arg_masked(1, LOW32, terminal[i]));
}

static void
allow_families(struct filter *f, const unsigned *families, size_t n)
{
	for (unsigned family = 0; family < AF_MAX; family++) {
		bool is_allowed = false;

		for (size_t i = 0; i < n; i++)
			is_allowed |= families[i] == family;
		if (!is_allowed)
			filter_add_if(f, SCMP_ACT_ERRNO(EAFNOSUPPORT),
			    SCMP_SYS(socket), arg_is(0, family));
	}
	filter_add_if(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket),
	    arg_from(0, AF_MAX));
}

void
profile_fetch(struct filter *f)
{
	static const unsigned families[] = {AF_INET, AF_INET6, AF_NETLINK};

	common(f);
	allow_families(f, families, COUNT(families));
	filter_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(listen));
	filter_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(accept));
	filter_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(accept4));
}

void
profile_store(struct filter *f)
{
	static const unsigned families[] = {
	    AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

	common(f);
	allow_families(f, families, COUNT(families));
}
