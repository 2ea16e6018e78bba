/*
 * A permanent redirect is proposed to the operator and never taken over: a
 * hijacked or broken server says 301 too.  On how many days it was said is
 * kept with what is known of the server, so that the proposal gains weight.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "sched/oai_priv.h"

/* The address without the arguments that are ours. */
static size_t
base_length(const char *url)
{
	for (const char *s = url; (s = strstr(s, "verb=")) != NULL; s++)
		if (s > url && (s[-1] == '?' || s[-1] == '&'))
			return (size_t)(s - url) - 1;
	return strlen(url);
}

static void
forget(struct oai_run *r)
{
	oai_quirk(r, "moved_url", NULL);
	oai_quirk(r, "moved_days", NULL);
	oai_quirk(r, "moved_on", NULL);
}

void
oai_moved(struct oai_run *r, const char *to, int64_t now_us)
{
	const struct kv *quirks = &r->know.quirks;
	char *base, today[DATE_TEXT_BYTES], days[24];
	int64_t n = 0;

	if (to == NULL || to[0] == '\0') {
		forget(r);
		return;
	}
	base = xstrndup(to, base_length(to));
	date_format(today, now_us, GRANULARITY_DAY);
	if (strcmp(kv_get(quirks, "moved_url"), base) != 0)
		forget(r);
	if (strcmp(kv_get(quirks, "moved_on"), today) != 0) {
		if (str_to_i64(kv_get(quirks, "moved_days"), 0, 100000, &n) !=
		    0)
			n = 0;
		snprintf(days, sizeof(days), "%lld", (long long)n + 1);
		oai_quirk(r, "moved_days", days);
		oai_quirk(r, "moved_on", today);
	}
	kv_set_clean(&r->know.quirks, "moved_url", base);
	free(base);
}
