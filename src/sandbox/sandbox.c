/*
 * Making filters and entering them; which calls a profile allows stands in
 * sandbox/profile_*.c.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifdef SHEAF_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif
#include "base/alloc.h"
#include "sandbox/internal.h"

struct profile {
	const char *name;
	uint32_t otherwise; /* what is not named */
	void (*rules)(struct filter *f);
};

static const struct profile profiles[SANDBOX_PROFILE_COUNT] = {
    [SANDBOX_FETCH] = {"fetch", SCMP_ACT_ALLOW, profile_fetch},
    /* A call that nobody thought of must not take the parser down for all
     * pages: the zygote reads no stranger's byte, so it is only refused. */
    [SANDBOX_PARSE_ZYGOTE] = {"parse-zygote", SCMP_ACT_ERRNO(EPERM),
	profile_zygote},
    [SANDBOX_PARSE] = {"parse", SCMP_ACT_KILL_PROCESS, profile_parse},
    [SANDBOX_STORE] = {"store", SCMP_ACT_ALLOW, profile_store},
};

struct sandbox_program {
	struct sock_fprog prog;
};

#ifdef SHEAF_SANITIZED
/* LeakSanitizer looks by ptrace from another thread, which the filters
 * forbid: a confined process ends without its look. */
static bool is_confined;

int
__lsan_is_turned_off(void)
{
	return is_confined;
}
#endif

void
filter_add(struct filter *f, uint32_t action, int syscall_no)
{
	int r;

	if (f->failed)
		return;
	r = seccomp_rule_add(f->ctx, action, syscall_no, 0);
	if (r < 0)
		f->failed = r;
}

void
filter_add_if(struct filter *f, uint32_t action, int syscall_no,
    struct scmp_arg_cmp condition)
{
	int r;

	if (f->failed)
		return;
	r = seccomp_rule_add_array(f->ctx, action, syscall_no, 1, &condition);
	if (r < 0)
		f->failed = r;
}

void
filter_add_list(
    struct filter *f, uint32_t action, const int *syscalls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		filter_add(f, action, syscalls[i]);
}

static int
filter_make(struct filter *f, enum sandbox_profile profile, struct err *e)
{
	const struct profile *p = &profiles[profile];

	f->failed = 0;
	f->ctx = seccomp_init(p->otherwise);
	if (!f->ctx)
		return err_set(e, ERR_SYSTEM, 0,
		    "sandbox %s: cannot begin a filter", p->name);
	/* Looked up by a tree: the zygote's children make many calls.  Older
	 * libraries do not know it. */
	(void)seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	p->rules(f);
	if (f->failed) {
		seccomp_release(f->ctx);
		return err_set(e, ERR_SYSTEM, -f->failed,
		    "sandbox %s: cannot make the filter: %s", p->name,
		    strerror(-f->failed));
	}
	return 0;
}

/* Only where the filter and a sanitizer would fight. */
static bool
is_off(void)
{
#ifdef SHEAF_SANITIZED
	const char *s = getenv("SHEAF_NO_SANDBOX");

	return s && strcmp(s, "1") == 0;
#else
	return false;
#endif
}

struct sandbox_program *
sandbox_compile(enum sandbox_profile profile, struct err *e)
{
	struct sandbox_program *p;
	struct filter f;
	off_t size;
	int fd, r;

	BUG_ON((unsigned)profile >= SANDBOX_PROFILE_COUNT);
	if (filter_make(&f, profile, e) < 0)
		return NULL;
	fd = memfd_create("sandbox", MFD_CLOEXEC);
	if (fd < 0) {
		err_sys(e, "sandbox: no memory for a filter");
		seccomp_release(f.ctx);
		return NULL;
	}
	r = seccomp_export_bpf(f.ctx, fd);
	seccomp_release(f.ctx);
	size = lseek(fd, 0, SEEK_END);
	p = xcalloc(1, sizeof(*p));
	p->prog.len =
	    (unsigned short)((size_t)size / sizeof(struct sock_filter));
	p->prog.filter = xmalloc(size > 0 ? (size_t)size : 1);
	if (r < 0 || size <= 0 ||
	    (size_t)size / sizeof(struct sock_filter) > BPF_MAXINSNS ||
	    pread(fd, p->prog.filter, (size_t)size, 0) != (ssize_t)size) {
		err_set(e, ERR_SYSTEM, r < 0 ? -r : 0,
		    "sandbox %s: cannot compile the filter",
		    profiles[profile].name);
		sandbox_program_free(p);
		p = NULL;
	}
	close(fd);
	return p;
}

void
sandbox_program_free(struct sandbox_program *p)
{
	if (!p)
		return;
	free(p->prog.filter);
	free(p);
}

int
sandbox_enter_program(const struct sandbox_program *p, struct err *e)
{
	if (is_off())
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "sandbox: cannot give privileges up");
	/* TSYNC: of all threads, where a library has started any. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_TSYNC, &p->prog) != 0)
		return err_sys(e, "sandbox: the kernel refuses the filter");
#ifdef SHEAF_SANITIZED
	is_confined = true;
#endif
	return 0;
}

int
sandbox_enter(enum sandbox_profile profile, struct err *e)
{
	struct sandbox_program *p = sandbox_compile(profile, e);
	int r;

	if (!p)
		return -1;
	r = sandbox_enter_program(p, e);
	sandbox_program_free(p);
	return r;
}

static int
limit(int what, rlim_t soft, rlim_t hard, const char *name, struct err *e)
{
	struct rlimit rl;

	if (getrlimit(what, &rl) < 0)
		return err_sys(e, "sandbox: cannot read the limit of %s", name);
	rl.rlim_cur = soft < rl.rlim_max ? soft : rl.rlim_max;
	rl.rlim_max = hard < rl.rlim_max ? hard : rl.rlim_max;
	if (setrlimit(what, &rl) < 0)
		return err_sys(e, "sandbox: cannot limit %s", name);
	return 0;
}

#ifndef SHEAF_SANITIZED
static int
mapped_now(size_t *bytes)
{
	char text[64];
	ssize_t n;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	*bytes =
	    (size_t)strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int
limit_memory(size_t memory, struct err *e)
{
	size_t mapped;

	if (mapped_now(&mapped) < 0)
		return err_set(e, ERR_SYSTEM, 0,
		    "sandbox: /proc is not there to read how much memory is "
		    "in use");
	return limit(RLIMIT_AS, mapped + memory, mapped + memory, "memory", e);
}
#endif

int
sandbox_limit_memory(size_t memory, struct err *e)
{
	if (limit(RLIMIT_CORE, 0, 0, "core dumps", e) < 0 ||
	    limit(RLIMIT_MEMLOCK, 0, 0, "locked memory", e) < 0)
		return -1;
#ifndef SHEAF_SANITIZED
	return limit_memory(memory, e);
#else
	(void)memory;
	return 0;
#endif
}

int
sandbox_limit_files(unsigned count, struct err *e)
{
	return limit(RLIMIT_NOFILE, count, count, "descriptors", e);
}

int
sandbox_limit_cpu(unsigned seconds, struct err *e)
{
	/* Between the two the process dies of SIGXCPU, which names the
	 * reason; SIGKILL is for one that would ignore it. */
	return limit(RLIMIT_CPU, seconds, (rlim_t)seconds + 5, "CPU time", e);
}
