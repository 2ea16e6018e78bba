#include "bin/sheafd_vocabulary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "bin/sheafd_roles.h"
#include "bin/vocab_dir.h"

/* Codes of countries in other lists, by the country's number in its
 * vocabulary: what is found by trying all that could be. */
struct other_codes {
	char alpha2[3], m49[4];
};

static void
note(const struct rules *r, struct other_codes *of, const char *scheme,
    const char *term)
{
	const char *code = rules_code(r, RULES_COUNTRY, scheme, term);
	struct rules_thing t;

	for (size_t i = 0; code != NULL && i < rules_count(r, RULES_COUNTRY);
	     i++) {
		rules_thing(r, RULES_COUNTRY, i, &t);
		if (strcmp(t.code, code) != 0)
			continue;
		if (strlen(term) == 2)
			memcpy(of[i].alpha2, term, 3);
		else
			memcpy(of[i].m49, term, 4);
	}
}

static struct other_codes *
other_codes(const struct rules *r)
{
	struct other_codes *of =
	    xcalloc(rules_count(r, RULES_COUNTRY) + 1, sizeof(*of));
	char term[4];

	for (int i = 0; i < 26 * 26; i++) {
		term[0] = (char)('A' + i / 26);
		term[1] = (char)('A' + i % 26);
		term[2] = '\0';
		note(r, of, "iso3166-1", term);
	}
	for (int i = 0; i < 1000; i++) {
		term[0] = (char)('0' + i / 100);
		term[1] = (char)('0' + i / 10 % 10);
		term[2] = (char)('0' + i % 10);
		term[3] = '\0';
		note(r, of, "m49", term);
	}
	return of;
}

/* The first label of each language. */
static void
put_labels(struct json *j, const struct rules *r, const struct rules_thing *t)
{
	const char *last = "";

	json_key(j, "labels");
	json_open(j, '{');
	for (size_t i = 0; i < t->name_count; i++) {
		struct rules_name n;

		rules_name(r, t->name_first + i, &n);
		if (n.is_alternative || *n.lang == '\0' ||
		    strcmp(n.lang, last) == 0)
			continue;
		json_field(j, n.lang, n.text);
		last = n.lang;
	}
	json_close(j, '}');
}

/* Of 8,000 languages those that are told in one language alone are left out:
 * nobody labels by them. */
static bool
is_shown(const struct rules *r, enum rules_vocab v, size_t i)
{
	struct rules_thing t;
	struct rules_name first, n;

	if (v != RULES_LANGUAGE)
		return true;
	rules_thing(r, v, i, &t);
	for (size_t k = 0; k < t.name_count; k++) {
		rules_name(r, t.name_first + k, &n);
		if (k == 0)
			first = n;
		else if (strcmp(n.lang, first.lang) != 0)
			return true;
	}
	return false;
}

static void
put_thing(struct json *j, const struct rules *r, enum rules_vocab v, size_t i,
    const struct other_codes *of)
{
	struct rules_thing t;

	rules_thing(r, v, i, &t);
	json_open(j, '{');
	json_field(j, "scheme", rules_vocab_name(v));
	json_field(j, "code", t.code);
	json_key(j, "parents");
	json_open(j, '[');
	for (const char *p = t.parents; p != NULL; p = rules_next(p))
		json_str(j, p);
	json_close(j, ']');
	if (v == RULES_COUNTRY) {
		json_field(j, "alpha2", *of[i].alpha2 ? of[i].alpha2 : NULL);
		json_field(j, "m49", *of[i].m49 ? of[i].m49 : NULL);
	}
	put_labels(j, r, &t);
	json_close(j, '}');
}

static void
write_all(struct buf *out, const struct rules *r)
{
	static const enum rules_vocab shown[] = {
	    RULES_KIND, RULES_SECTOR, RULES_COUNTRY, RULES_SDG, RULES_LANGUAGE};
	struct other_codes *of = other_codes(r);
	struct json j;

	json_init(&j, out);
	json_open(&j, '[');
	for (size_t v = 0; v < sizeof(shown) / sizeof(*shown); v++)
		for (size_t i = 0; i < rules_count(r, shown[v]); i++)
			if (is_shown(r, shown[v], i))
				put_thing(&j, r, shown[v], i, of);
	json_close(&j, ']');
	free(of);
}

void
vocabulary_tell(struct daemon *d)
{
	struct msg m = {.type = MSG_VOCABULARY_SET};
	struct err e = {0};
	const struct rules *r = vocab_dir_map(d->rules_fds[0], &e);
	struct buf out;
	int fd = memfd_create("vocabulary", MFD_CLOEXEC);

	buf_init(&out, LIMIT_RULES_BYTES);
	if (r != NULL)
		write_all(&out, r);
	if (r == NULL || out.full || fd < 0 ||
	    write(fd, out.data, out.len) != (ssize_t)out.len)
		log_error(NULL,
		    "the registry's vocabularies stay as they "
		    "are: %s",
		    r == NULL ? e.text : "there is no memory for them");
	else {
		m.vocabulary_set.bytes = out.len;
		roles_send(d, ROLE_STORE, &m, &fd, 1);
	}
	if (fd >= 0)
		close(fd);
	buf_release(&out);
	vocab_dir_unmap(r);
}
