/* What is derived of a profile's texts: words, hashes, initials. */
#include "resolve/profile_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "resolve/word.h"

/* The next word from *s on, which moves on behind it; its length, 0 at the
 * end.  One space stands between words. */
static size_t
next_word(const char **s, const char **word)
{
	size_t n;

	while (**s == ' ')
		++*s;
	n = strcspn(*s, " ");
	*word = *s;
	*s += n;
	return n;
}

/* Where the hash is in words, or belongs. */
static size_t
place_of(const struct profile_word *words, size_t count, uint64_t hash)
{
	size_t at = count;

	while (at > 0 && words[at - 1].hash >= hash)
		at--;
	return at;
}

/* Adds a word unless it is there, keeping them sorted. */
static void
put_word(
    struct profile_word *words, size_t *count, const struct profile_word *w)
{
	size_t at = place_of(words, *count, w->hash);

	if (at < *count && words[at].hash == w->hash)
		return;
	memmove(words + at + 1, words + at, (*count - at) * sizeof(*words));
	words[at] = *w;
	++*count;
}

static char *
squeeze(const struct profile_title *t, struct arena *a, size_t *length)
{
	char *out = arena_alloc(a, strlen(t->text) + 1);
	size_t n = 0;

	for (size_t i = 0; i < t->order_count; i++) {
		const struct profile_word *w = &t->words[t->order[i]];
		bool marked = (w->flags & (WORD_NUMBER | WORD_PLACE)) != 0;

		memcpy(out + n, w->text + marked, w->length - marked);
		n += w->length - marked;
	}
	out[n] = '\0';
	*length = n;
	return out;
}

static uint64_t
title_hash(const struct profile_title *t)
{
	uint64_t hashes[LIMIT_PROFILE_WORDS];

	for (size_t i = 0; i < t->count; i++)
		hashes[i] = t->words[i].hash;
	return profile_hash(HASH_TITLE, hashes, t->count * sizeof(*hashes));
}

static void
build_title(struct profile_title *t, struct arena *a)
{
	struct profile_word words[LIMIT_PROFILE_WORDS];
	uint64_t order[LIMIT_PROFILE_WORDS];
	char *copy = arena_strdup(a, t->text);
	const char *s = copy, *word;
	size_t n;

	t->count = t->order_count = 0;
	while (t->order_count < LIMIT_PROFILE_WORDS &&
	       (n = next_word(&s, &word)) > 0) {
		struct profile_word w;

		if (*s == ' ')
			copy[s++ - copy] = '\0';
		word_make(&w, word, n);
		order[t->order_count++] = w.hash;
		put_word(words, &t->count, &w);
	}
	t->words = arena_alloc(a, t->count * sizeof(*words));
	memcpy(t->words, words, t->count * sizeof(*words));
	t->order = arena_alloc(a, t->order_count);
	for (size_t i = 0; i < t->order_count; i++)
		t->order[i] = (uint8_t)place_of(words, t->count, order[i]);
	t->squeezed = squeeze(t, a, &t->squeezed_length);
	t->hash = title_hash(t);
	t->times = 0;
}

/* First letters of the words, all of them or without the small ones. */
static uint64_t
initials(const struct profile_word *words, size_t count, bool with_small)
{
	char letters[4 * LIMIT_PROFILE_WORDS];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const char *s = words[i].text;
		size_t end = 1;

		if (!with_small && (words[i].flags & WORD_SMALL) != 0)
			continue;
		while (
		    end < words[i].length && ((uint8_t)s[end] & 0xC0) == 0x80)
			end++;
		memcpy(letters + n, s, end);
		n += end;
	}
	return profile_hash(HASH_WORD, letters, n);
}

static void
find_initial(struct profile_name *name, const struct profile_word *words)
{
	const struct profile_word *one = words, *other = words + 1;

	if (one->length > other->length) {
		one = words + 1;
		other = words;
	}
	if (one->characters > 2 || other->characters < 3)
		return;
	name->initial = *one->text;
	name->beside = other->text;
	name->beside_length = other->length;
}

/* Words that stand in names and are nobody's. */
static bool
is_beside_names(const struct profile_word *w)
{
	static const char *const words[] = {"and", "et", "al", "eds", "ed",
	    "editor", "editors", "jr", "sr", "dr", "prof", "others", "van",
	    "von", "der", "den", "de", "la", "le", "di", "da", "del", "dos",
	    "ten", "ter", "the", "of", "for", "in", "und", "mr", "mrs"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == w->length &&
		    memcmp(words[i], w->text, w->length) == 0)
			return true;
	return (w->flags & WORD_DIGITS) != 0;
}

static void
put_name_word(struct profile *p, const struct profile_word *w, size_t name)
{
	struct profile_name_word *words = p->name_words;
	size_t at = p->name_word_count;

	while (at > 0 && words[at - 1].word.hash >= w->hash)
		at--;
	if (at < p->name_word_count && words[at].word.hash == w->hash) {
		words[at].names |= UINT32_C(1) << name;
		return;
	}
	if (p->name_word_count == LIMIT_PROFILE_WORDS)
		return;
	memmove(words + at + 1, words + at,
	    (p->name_word_count - at) * sizeof(*words));
	words[at] = (struct profile_name_word){
	    .word = *w,
	    .name_hash = profile_hash(HASH_NAME, w->text, w->length),
	    .names = UINT32_C(1) << name,
	};
	p->name_word_count++;
}

/* Short words are initials and particles, unless a name has nothing else. */
static void
put_name_words(struct profile *p, size_t name, const struct profile_word *words,
    size_t count)
{
	for (size_t least = 3; least >= 2; least--) {
		size_t put = 0;

		for (size_t i = 0; i < count; i++) {
			if (words[i].length < least ||
			    is_beside_names(&words[i]))
				continue;
			put_name_word(p, &words[i], name);
			put++;
		}
		if (put > 0)
			return;
	}
}

static void
build_name(struct profile *p, size_t at)
{
	struct profile_name *name = &p->names[at];
	struct profile_word words[LIMIT_PROFILE_WORDS];
	char solid[LIMIT_MATCH_NAME_BYTES + 1];
	const char *s = name->text, *word;
	size_t count = 0, n, length = 0;

	while (count < LIMIT_PROFILE_WORDS && (n = next_word(&s, &word)) > 0) {
		word_make(&words[count], word, n);
		if ((words[count].flags & WORD_BODY) != 0 && !name->is_person)
			name->is_organisation = true;
		count++;
		memcpy(solid + length, word, n);
		length += n;
	}
	name->length = strlen(name->text);
	name->hash = profile_hash(HASH_VENUE, name->text, name->length);
	name->solid = profile_hash(HASH_WORD, solid, length);
	name->initial = '\0';
	name->beside = NULL;
	name->beside_length = 0;
	name->initials[0] = name->initials[1] = 0;
	if (count > 1) {
		name->initials[0] = initials(words, count, true);
		name->initials[1] = initials(words, count, false);
	}
	if (count == 2)
		find_initial(name, words);
	put_name_words(p, at, words, count);
}

/* "2nd", "4th" … of a venue count as numbers, as they do in titles. */
static size_t
number_length(const char *s, size_t n)
{
	static const char *const ends[] = {
	    "", "st", "nd", "rd", "th", "e", "eme"};
	size_t digits = 0;

	while (digits < n && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	for (size_t i = 0; digits > 0 && i < sizeof(ends) / sizeof(*ends); i++)
		if (strlen(ends[i]) == n - digits &&
		    memcmp(ends[i], s + digits, n - digits) == 0)
			return digits;
	return 0;
}

static const char *
number_word(struct arena *a, const char *s, size_t n)
{
	while (n > 1 && *s == '0') {
		s++;
		n--;
	}
	return arena_printf(a, "#%.*s", (int)n, s);
}

static void
build_venue_words(struct profile *p, struct arena *a)
{
	struct profile_word words[LIMIT_PROFILE_VENUE_WORDS + 1], w;
	const char *s = p->venue, *word;
	size_t n, digits;

	while (p->venue_word_count < LIMIT_PROFILE_VENUE_WORDS &&
	       (n = next_word(&s, &word)) > 0) {
		if ((digits = number_length(word, n)) > 0) {
			word = number_word(a, word, digits);
			n = strlen(word);
		}
		word_make(&w, word, n);
		if (n > 1 && (w.flags & WORD_SMALL) == 0)
			put_word(words, &p->venue_word_count, &w);
	}
	p->venue_words = arena_alloc(a, p->venue_word_count * sizeof(*words));
	memcpy(p->venue_words, words, p->venue_word_count * sizeof(*words));
}

size_t
profile_venue_plain(char *out, const char *venue)
{
	size_t n = 0;

	for (const char *s = venue; *s; s++)
		if (*s < '0' || *s > '9')
			out[n++] = *s;
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n;
}

static uint64_t
venue_hash(const char *venue)
{
	char text[LIMIT_MATCH_VENUE_BYTES + 1];
	size_t n = profile_venue_plain(text, venue);

	return n ? profile_hash(HASH_VENUE, text, n) : 0;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct profile_id *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static void
build_ids(struct profile *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->id_count; i++) {
		struct profile_id *id = &p->ids[i];
		char text[LIMIT_PROFILE_ID_BYTES + 32];
		int n = snprintf(text, sizeof(text), "%s:%s",
		    profile_scheme_name(id->scheme), id->value);

		id->hash = profile_hash(HASH_IDENTIFIER, text, (size_t)n);
		id->holders = 1;
	}
	qsort(p->ids, p->id_count, sizeof(*p->ids), compare_ids);
	for (size_t i = 0; i < p->id_count; i++)
		if (kept == 0 || p->ids[kept - 1].hash != p->ids[i].hash)
			p->ids[kept++] = p->ids[i];
	p->id_count = kept;
}

static void
build_year(struct profile *p)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "#%d", p->year);

	if (p->year == 0)
		return;
	p->year_words[0] = profile_hash(HASH_WORD, text, (size_t)n);
	n = snprintf(text, sizeof(text), "#%d", p->year % 100);
	p->year_words[1] = profile_hash(HASH_WORD, text, (size_t)n);
}

void
profile_build(struct profile *p, struct arena *a)
{
	struct profile_name_word name_words[LIMIT_PROFILE_WORDS];

	for (size_t i = 0; i < p->title_count; i++)
		build_title(&p->titles[i], a);
	p->name_words = name_words;
	for (size_t i = 0; i < p->name_count; i++)
		build_name(p, i);
	p->name_words =
	    arena_alloc(a, p->name_word_count * sizeof(*name_words));
	memcpy(p->name_words, name_words,
	    p->name_word_count * sizeof(*name_words));
	if (p->venue) {
		build_venue_words(p, a);
		p->venue_hash = venue_hash(p->venue);
	}
	build_ids(p);
	build_year(p);
}
