/* Languages that nobody declared. */
#include <string.h>

#include "crosswalk/detect.h"
#include "crosswalk/settle.h"

static void
detect(struct rec_text *texts, size_t n)
{
	for (size_t i = 0; i < n && i < LIMIT_TEXTS_DETECTED; i++)
		if (texts[i].lang == NULL && texts[i].text != NULL) {
			texts[i].lang = detect_language(texts[i].text);
			if (texts[i].lang != NULL)
				texts[i].lang_basis = "detected";
		}
}

/* What the metadata declare of a text is the metadata's language. */
static const char *
detected(const struct rec_text *texts, size_t n)
{
	return n > 0 && texts->lang != NULL &&
		       strcmp(texts->lang_basis, "detected") == 0
		   ? texts->lang
		   : NULL;
}

void
settle_language(struct crosswalk *x)
{
	struct record *r = x->r;
	const char *lang;
	struct rec_code *l;

	detect(r->titles.items, r->titles.count);
	detect(r->abstracts.items, r->abstracts.count);
	if (r->languages.count > 0)
		return;
	/* of the content: rather what the abstract is in than the title */
	lang = detected(r->abstracts.items, r->abstracts.count);
	if (lang == NULL)
		lang = detected(r->titles.items, r->titles.count);
	if (lang == NULL || (l = ADD(x, languages)) == NULL)
		return;
	l->code = lang;
	l->basis = "detected";
}
