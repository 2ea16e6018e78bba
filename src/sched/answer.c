/* What an answer means; see answer.h. */
#include "sched/answer.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

void
body_words(struct buf *out, const struct page_facts *f)
{
	static const char text[] = "text: ";
	const char *title = f->title != NULL ? f->title : "";

	switch (f->body) {
	case BODY_HTML:
		buf_adds(out, "an HTML page");
		if (title[0] != '\0')
			buf_printf(out, " titled \"%.150s\"", title);
		break;
	case BODY_STATIC:
		buf_adds(out, "an OAI static repository");
		break;
	case BODY_XML:
		buf_printf(out, "XML with the root \"%.100s\"", title);
		break;
	case BODY_OTHER:
		if (strncmp(title, text, sizeof(text) - 1) == 0)
			buf_printf(out, "the text \"%.150s\"",
			    title + sizeof(text) - 1);
		else
			buf_adds(out, title[0] ? title : "something else");
		break;
	default:
		buf_printf(out, "%s%s%.150s", body_class_name(f->body),
		    title[0] ? ": " : "", title);
	}
}

void
status_words(char *out, size_t n, unsigned status, const struct page_facts *f)
{
	struct buf b;

	buf_init(&b, 4 * KIB);
	buf_printf(&b, "HTTP %u", status);
	if (f != NULL && f->body != BODY_EMPTY && f->body != BODY_UNKNOWN) {
		buf_adds(&b, ", ");
		body_words(&b, f);
	}
	str_copy(out, n, buf_str(&b));
	buf_release(&b);
}

bool
status_passes(unsigned status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

int64_t
answer_retry_after_ms(
    const struct harvest_fetched *f, const struct conf_source *source)
{
	if (f->status != 429 && f->status < 500)
		return -1;
	return backoff_retry_after_bounded(f->retry_after, f->now_us,
	    source->retry_after_min_ms, source->retry_after_max_ms);
}
