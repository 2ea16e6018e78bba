/* What a date says of itself in front of it. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/dates.h"

static const struct {
	const char *label, *role;
} labels[] = {
    {"issued", "issued"},
    {"date issued", "issued"},
    {"published", "issued"},
    {"date published", "issued"},
    {"publication date", "issued"},
    {"publication", "issued"},
    {"copyrighted", "issued"},
    {"updated", "modified"},
    {"modified", "modified"},
    {"date modified", "modified"},
    {"last modified", "modified"},
    {"created", "created"},
    {"date created", "created"},
    {"creation", "created"},
    {"collected", "created"},
    {"accepted", "accepted"},
    {"available", "available"},
    {"date available", "available"},
    {"submitted", "deposited"},
    {"deposited", "deposited"},
    {"valid", "valid-from"},
};

const char *
when_label(const char **text)
{
	static const char embargo[] = "info:eu-repo/date/embargoEnd/";
	const char *colon;
	size_t n;

	if (str_case_starts(*text, embargo)) {
		*text += sizeof(embargo) - 1;
		return "embargo";
	}
	colon = strchr(*text, ':');
	if (colon == NULL || colon[1] != ' ')
		return NULL;
	n = (size_t)(colon - *text);
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strlen(labels[i].label) == n &&
		    strncasecmp(*text, labels[i].label, n) == 0) {
			*text = colon + 1 + strspn(colon + 1, " ");
			return labels[i].role;
		}
	return NULL;
}
