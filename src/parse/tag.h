/* Reading one tag of XML text, without libxml2: as much as is needed to find
 * where records begin and end, in pages that may be ill-formed. */
#ifndef SHEAF_PARSE_TAG_H
#define SHEAF_PARSE_TAG_H

#include <stdbool.h>
#include <stddef.h>

enum tag_kind {
	TAG_START,
	TAG_END,
	TAG_EMPTY, /* <a/> */
	TAG_COMMENT,
	TAG_CDATA,
	TAG_PI,
	TAG_DOCTYPE,
	TAG_STRAY, /* a '<' that begins none of these: text */
	TAG_MORE /* cut: more bytes are needed to tell */
};

struct tag {
	enum tag_kind kind;
	const char *name; /* qualified; START, END, EMPTY */
	size_t name_len;
	size_t len; /* from '<' to after '>' */
	unsigned attributes;
	bool has_entities; /* DOCTYPE: declares some */
};

/* p[0] is '<'; `from` is where a search for the end of a comment, CDATA, PI
 * or DOCTYPE may begin (0, or what was searched before). */
void tag_read(struct tag *t, const char *p, size_t n, size_t from);

/* For a text that is there as a whole and is read tag by tag: what never ends
 * is searched for its end once, and is TAG_STRAY from then on. */
struct tag_endless {
	bool comment, cdata, doctype, pi;
};
void tag_read_whole(
    struct tag *t, const char *p, size_t n, struct tag_endless *endless);

/* The part after the prefix. */
const char *tag_local(const char *name, size_t n, size_t *local_len);
bool tag_local_is(const char *name, size_t n, const char *local);

#endif
