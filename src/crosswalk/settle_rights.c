/* What a record's rights come to: licences by their codes and canonical
 * addresses. */
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "crosswalk/licence.h"
#include "crosswalk/settle.h"
#include "crosswalk/vocab.h"

/* A page has the same statements again and again. */
static void
find(struct crosswalk *x, struct licence *out, const char *text)
{
	uint64_t hash = hash64(text, strlen(text)) ^ 1;
	uint64_t *slot = &x->no_code[hash % NO_CODE_SLOTS];

	*out = (struct licence){0};
	if (*slot == hash)
		return;
	licence_find(out, x->a, text);
	if (out->code == NULL)
		*slot = hash;
}

/* A concept of access (COAR, OpenAIRE) is no licence. */
static bool
is_access(const struct rec_rights *r)
{
	const char *text = r->url ? r->url : r->text, *scheme, *local;

	if (text == NULL || strchr(text, ':') == NULL)
		return false;
	scheme = rules_concept(vocab_rules(), text, &local);
	return scheme != NULL &&
	       rules_code(vocab_rules(), RULES_ACCESS, scheme, local) != NULL;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
has_before(struct crosswalk *x, size_t count, const struct rec_rights *one)
{
	const char *text = one->url ? one->url : one->text;

	for (size_t i = 0, most = searched(x, count, text); i < most; i++) {
		const struct rec_rights *r = &x->r->rights.items[i];

		if (is_same(r->url, one->url) && is_same(r->text, one->text))
			return true;
	}
	return false;
}

void
settle_rights(struct crosswalk *x)
{
	struct record *r = x->r;
	size_t kept = 0;

	if (vocab_rules() == NULL)
		return;
	for (size_t i = 0; i < r->rights.count; i++) {
		struct rec_rights *one = &r->rights.items[i];
		struct licence licence = {0};

		if (is_access(one))
			continue;
		if (one->url != NULL)
			find(x, &licence, one->url);
		if (licence.code == NULL && one->text != NULL)
			find(x, &licence, one->text);
		one->code = licence.code;
		if (licence.url != NULL)
			one->url = licence.url;
		if (!has_before(x, kept, one))
			r->rights.items[kept++] = *one;
	}
	r->rights.count = kept;
}
