/* The address that a permanent redirect led to, without the arguments that are
 * ours; see moved.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sched/moved.h"
#include "sched/oai_priv.h"

static size_t
base_length(const char *url)
{
	for (const char *s = url; (s = strstr(s, "verb=")) != NULL; s++)
		if (s > url && (s[-1] == '?' || s[-1] == '&'))
			return (size_t)(s - url) - 1;
	return strlen(url);
}

void
oai_moved(struct oai_run *r, const char *to, int64_t now_us)
{
	char *base = to != NULL ? xstrndup(to, base_length(to)) : xstrdup("");

	moved_note(&r->know.quirks, base, now_us);
	free(base);
}
