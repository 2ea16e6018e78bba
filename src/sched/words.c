/* What came, in words; see words.h. */
#include "sched/words.h"

#include <string.h>

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
