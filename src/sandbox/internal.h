/* Inside the room: rules are added to a filter that filter_begin made. */
#ifndef SHEAF_SANDBOX_INTERNAL_H
#define SHEAF_SANDBOX_INTERNAL_H

#include <seccomp.h>
#include <stdbool.h>

#include "sandbox/sandbox.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The first fault is kept; adding goes on being legal, and does nothing. */
struct filter {
	scmp_filter_ctx ctx;
	int failed; /* 0 or -errno */
};

/* Conditions on the argument of that number.  Comparisons are of all 64 bits:
 * legal to allow by, since what is wider is then refused; to deny an int by,
 * mask it with the low 32. */
static inline struct scmp_arg_cmp
arg_is(unsigned arg, uint64_t value)
{
	return (struct scmp_arg_cmp){arg, SCMP_CMP_EQ, value, 0};
}

static inline struct scmp_arg_cmp
arg_from(unsigned arg, uint64_t least)
{
	return (struct scmp_arg_cmp){arg, SCMP_CMP_GE, least, 0};
}

static inline struct scmp_arg_cmp
arg_masked(unsigned arg, uint64_t mask, uint64_t value)
{
	return (struct scmp_arg_cmp){arg, SCMP_CMP_MASKED_EQ, mask, value};
}

void filter_add(struct filter *f, uint32_t action, int syscall);
void filter_add_if(struct filter *f, uint32_t action, int syscall,
    struct scmp_arg_cmp condition);
void filter_add_list(
    struct filter *f, uint32_t action, const int *syscalls, size_t n);

/* sandbox/profile_parse.c: allow lists. */
void profile_parse(struct filter *f);
void profile_zygote(struct filter *f);
/* sandbox/profile_net.c: deny lists, for roles with network and threads. */
void profile_fetch(struct filter *f);
void profile_store(struct filter *f);

#endif
