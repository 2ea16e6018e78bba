/* Permanent redirects, noted; see moved.h. */
#include "sched/moved.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"

static void
forget(struct kv *quirks)
{
	kv_set(quirks, "moved_url", NULL);
	kv_set(quirks, "moved_days", NULL);
	kv_set(quirks, "moved_on", NULL);
}

void
moved_note(struct kv *quirks, const char *to, int64_t now_us)
{
	char today[DATE_TEXT_BYTES], days[24];
	int64_t n = 0;

	if (to == NULL || to[0] == '\0') {
		forget(quirks);
		return;
	}
	date_format(today, now_us, GRANULARITY_DAY);
	if (strcmp(kv_get(quirks, "moved_url"), to) != 0)
		forget(quirks);
	if (strcmp(kv_get(quirks, "moved_on"), today) != 0) {
		if (str_to_i64(kv_get(quirks, "moved_days"), 0, 100000, &n) !=
		    0)
			n = 0;
		snprintf(days, sizeof(days), "%lld", (long long)n + 1);
		kv_set(quirks, "moved_days", days);
		kv_set(quirks, "moved_on", today);
	}
	kv_set_clean(quirks, "moved_url", to);
}
