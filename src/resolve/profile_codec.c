/*
 * The bytes of sheaf.profile.data, written and read.  What profile_build()
 * derives is not in them.
 *
 *	u8 version, u8 flags (enum saved_flag), u64 hash of the identifier
 *	varint year, varint day since 1600 + 1 (0: none)
 *	u8 family, u8 kind of venue
 *	text kind, language, languages, venue ("" where there is none)
 *	u8 count of titles, a text each
 *	u8 count of names, u8 flags (enum saved_name) and a text each
 *	u8 count of identifiers, u8 scheme and a text each, by rising hash
 *
 * Texts and varints are those of record/codec.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "record/codec.h"
#include "resolve/profile_build.h"

enum saved_flag { SAVED_IS_CUT = 1 };
enum saved_name { SAVED_ORGANISATION = 1, SAVED_PERSON = 2 };
enum { HASH_BYTES = 8, DAYS_FROM_1600 = 135140, DAY_MOST = 4000000 };

static void
put_text(struct buf *out, const char *s)
{
	encode_text(out, s ? s : "", s ? strlen(s) : 0);
}

static void
put_names(struct buf *out, const struct profile *p)
{
	buf_addc(out, (char)p->name_count);
	for (size_t i = 0; i < p->name_count; i++) {
		const struct profile_name *name = &p->names[i];
		int flags = (name->is_organisation ? SAVED_ORGANISATION : 0) |
			    (name->is_person ? SAVED_PERSON : 0);

		buf_addc(out, (char)flags);
		put_text(out, name->text);
	}
}

void
profile_encode(struct buf *out, const struct profile *p)
{
	uint8_t hash[HASH_BYTES];

	for (int i = 0; i < HASH_BYTES; i++)
		hash[i] = (uint8_t)(p->identifier_hash >> 8 * i);
	buf_addc(out, PROFILE_VERSION);
	buf_addc(out, p->is_cut ? SAVED_IS_CUT : 0);
	buf_add(out, hash, sizeof(hash));
	encode_varint(out, (uint64_t)p->year);
	encode_varint(out, p->day == PROFILE_NO_DAY
			       ? 0
			       : (uint64_t)(p->day + DAYS_FROM_1600 + 1));
	buf_addc(out, (char)p->family);
	buf_addc(out, (char)p->venue_kind);
	put_text(out, p->kind);
	put_text(out, p->lang);
	put_text(out, p->languages);
	put_text(out, p->venue);
	buf_addc(out, (char)p->title_count);
	for (size_t i = 0; i < p->title_count; i++)
		put_text(out, p->titles[i].text);
	put_names(out, p);
	buf_addc(out, (char)p->id_count);
	for (size_t i = 0; i < p->id_count; i++) {
		buf_addc(out, (char)p->ids[i].scheme);
		put_text(out, p->ids[i].value);
	}
}

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_PROTO, 0, "a stored profile: %s", what);
}

/* A byte of at most `most`. */
static int
get_byte(struct cursor *c, unsigned most, unsigned *out, struct err *e)
{
	if (c->p == c->end)
		return bad(e, "it is cut off");
	*out = *c->p++;
	return *out <= most ? 0 : bad(e, "a number is out of range");
}

static int
get_number(struct cursor *c, uint64_t most, uint64_t *out, struct err *e)
{
	if (decode_varint(c, out, e) < 0)
		return -1;
	return *out <= most ? 0 : bad(e, "a number is out of range");
}

/* Of 1 to `most` bytes; "" becomes NULL where it may be. */
static int
get_text(struct cursor *c, size_t most, bool may_be_empty, const char **out,
    struct err *e)
{
	size_t n;

	if (decode_text(c, out, &n, e) < 0)
		return -1;
	if (n > most || (n == 0 && !may_be_empty))
		return bad(e, "a text is too long, or empty");
	if (!utf8_valid(*out, n) || memchr(*out, '\0', n))
		return bad(e, "a text is not valid UTF-8");
	if (n == 0)
		*out = NULL;
	return 0;
}

static int
get_head(struct profile *p, struct cursor *c, struct err *e)
{
	unsigned version, flags, family, kind;
	uint64_t year, day;

	if (get_byte(c, UINT8_MAX, &version, e) < 0)
		return -1;
	if (version != PROFILE_VERSION)
		return bad(e, "it is of another version");
	if (get_byte(c, SAVED_IS_CUT, &flags, e) < 0)
		return -1;
	if (c->end - c->p < HASH_BYTES)
		return bad(e, "it is cut off");
	for (int i = 0; i < HASH_BYTES; i++)
		p->identifier_hash |= (uint64_t)*c->p++ << 8 * i;
	if (get_number(c, 9999, &year, e) < 0 ||
	    get_number(c, DAY_MOST, &day, e) < 0 ||
	    get_byte(c, FAMILY_ACTIVITY, &family, e) < 0 ||
	    get_byte(c, VENUE_REPORT, &kind, e) < 0)
		return -1;
	p->is_cut = flags != 0;
	p->year = (int)year;
	p->day = day == 0 ? PROFILE_NO_DAY : (int32_t)day - DAYS_FROM_1600 - 1;
	p->family = family;
	p->venue_kind = kind;
	return 0;
}

static int
get_titles(struct profile *p, struct cursor *c, struct err *e)
{
	unsigned count;

	if (get_byte(c, PROFILE_TITLES, &count, e) < 0)
		return -1;
	for (p->title_count = 0; p->title_count < count; p->title_count++)
		if (get_text(c, LIMIT_MATCH_TITLE_BYTES, false,
			&p->titles[p->title_count].text, e) < 0)
			return -1;
	return 0;
}

static int
get_names(struct profile *p, struct arena *a, struct cursor *c, struct err *e)
{
	unsigned count, flags;

	if (get_byte(c, LIMIT_MATCH_NAMES, &count, e) < 0)
		return -1;
	p->names = arena_calloc(a, count + 1, sizeof(*p->names));
	for (p->name_count = 0; p->name_count < count; p->name_count++) {
		struct profile_name *name = &p->names[p->name_count];

		if (get_byte(c, SAVED_PERSON, &flags, e) < 0 ||
		    get_text(c, LIMIT_MATCH_NAME_BYTES, false, &name->text, e) <
			0)
			return -1;
		name->is_organisation = flags == SAVED_ORGANISATION;
		name->is_person = flags == SAVED_PERSON;
	}
	return 0;
}

static int
get_ids(struct profile *p, struct arena *a, struct cursor *c, struct err *e)
{
	unsigned count, scheme;

	if (get_byte(c, LIMIT_PROFILE_IDS, &count, e) < 0)
		return -1;
	p->ids = arena_calloc(a, count + 1, sizeof(*p->ids));
	for (p->id_count = 0; p->id_count < count; p->id_count++) {
		struct profile_id *id = &p->ids[p->id_count];

		if (get_byte(c, ID_SCHEMES - 1, &scheme, e) < 0 ||
		    get_text(c, LIMIT_PROFILE_ID_BYTES, false, &id->value, e) <
			0)
			return -1;
		id->scheme = scheme;
	}
	return 0;
}

int
profile_decode(struct profile *p, struct arena *a, int32_t source_id,
    int64_t record_id, const void *data, size_t n, struct err *e)
{
	struct cursor c;

	*p = (struct profile){.record_id = record_id,
	    .source_id = source_id,
	    .day = PROFILE_NO_DAY};
	if (n > LIMIT_PROFILE_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "a stored profile has %zu bytes, more than "
		    "LIMIT_PROFILE_BYTES",
		    n);
	c.p = memcpy(arena_alloc(a, n + 1), n ? data : "", n);
	c.end = c.p + n;
	if (get_head(p, &c, e) < 0 ||
	    get_text(&c, LIMIT_PROFILE_CODE_BYTES, true, &p->kind, e) < 0 ||
	    get_text(&c, LIMIT_PROFILE_CODE_BYTES, true, &p->lang, e) < 0 ||
	    get_text(&c, LIMIT_PROFILE_CODE_BYTES, true, &p->languages, e) <
		0 ||
	    get_text(&c, LIMIT_MATCH_VENUE_BYTES, true, &p->venue, e) < 0 ||
	    get_titles(p, &c, e) < 0 || get_names(p, a, &c, e) < 0 ||
	    get_ids(p, a, &c, e) < 0)
		return -1;
	if (c.p != c.end)
		return bad(e, "something follows it");
	profile_build(p, a);
	return 0;
}
