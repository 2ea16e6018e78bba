/* Allocation that does not return without memory: the role ends and is
 * restarted.  Sizes from outside are checked against base/limits.h before
 * they come here.  Everything is freed with free(). */
#ifndef SHEAF_BASE_ALLOC_H
#define SHEAF_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size); /* checks n * size */
void *xreallocarray(void *p, size_t n, size_t size); /* checks n * size */
char *xstrdup(const char *s); /* s must not be NULL */
char *xstrndup(const char *s, size_t n); /* n bytes and a NUL */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Grows a typed array of *cap items to hold at least `need`. */
#define GROW(array, cap, need)                                                 \
	do {                                                                   \
		if ((need) > (cap)) {                                          \
			size_t grow_ = (cap) ? (cap)*2 : 8;                    \
			if (grow_ < (size_t)(need))                            \
				grow_ = (need);                                \
			(array) =                                              \
			    xreallocarray((array), grow_, sizeof(*(array)));   \
			(cap) = grow_;                                         \
		}                                                              \
	} while (0)

#endif
