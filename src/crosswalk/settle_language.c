/* Languages that nobody declared. */
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

void
settle_language(struct crosswalk *x)
{
	struct record *r = x->r;
	const struct rec_text *from = NULL;
	struct rec_code *l;

	detect(r->titles.items, r->titles.count);
	detect(r->abstracts.items, r->abstracts.count);
	if (r->languages.count > 0)
		return;
	/* of the content: rather what the abstract is in than the title */
	if (r->abstracts.count > 0 && r->abstracts.items[0].lang != NULL)
		from = &r->abstracts.items[0];
	else if (r->titles.count > 0 && r->titles.items[0].lang != NULL)
		from = &r->titles.items[0];
	if (from == NULL || (l = ADD(x, languages)) == NULL)
		return;
	l->code = from->lang;
	l->basis = "detected";
}
