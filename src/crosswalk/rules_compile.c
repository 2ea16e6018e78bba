/* What was gathered to a block. */
#include "crosswalk/rules_compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crosswalk/rules_build.h"

static int
by_vocab_and_code(const void *a, const void *b)
{
	const struct build_thing *x = a, *y = b;

	if (x->vocab != y->vocab)
		return x->vocab < y->vocab ? -1 : 1;
	return strcmp(x->code, y->code);
}

/* Parents of another scheme keep their code alone. */
static uint32_t
parents_of(struct rules_build *b, const char *parents)
{
	const char *from;
	char *out, *to;

	if (parents == NULL)
		return 0;
	to = out = arena_strdup(&b->arena, parents);
	for (from = parents; *from != '\0'; from++) {
		if (*from == ':')
			while (to > out && to[-1] != '|')
				to--;
		else
			*to++ = *from;
	}
	*to = '\0';
	return build_list(b, out);
}

/* Things in their order, and their names behind each other. */
static void
add_things(struct rules_build *b, struct rules *head, struct buf *things,
    struct buf *names)
{
	uint32_t first[RULES_VOCABS + 1] = {0};

	if (b->thing_count > 0)
		qsort(b->things, b->thing_count, sizeof(*b->things),
		    by_vocab_and_code);
	for (size_t i = 0; i < b->thing_count; i++) {
		const struct build_thing *t = &b->things[i];
		struct block_thing out = {.code = build_text(b, t->code),
		    .parents = parents_of(b, t->parents),
		    .name_first = head->name_count};

		if (t->vocab < 0)
			continue;
		for (uint32_t n = t->name_first; n != UINT32_MAX;
		     n = b->names[n].next) {
			struct block_name name = {
			    .text = build_text(b, b->names[n].text),
			    .lang = build_text(b, b->names[n].lang),
			    .is_alternative = b->names[n].is_alternative};

			buf_add(names, &name, sizeof(name));
			out.name_count++;
		}
		head->name_count += out.name_count;
		buf_add(things, &out, sizeof(out));
		head->thing_count++;
		first[t->vocab + 1]++;
	}
	for (int v = 0; v < RULES_VOCABS; v++)
		first[v + 1] += first[v];
	memcpy(head->first, first, sizeof(first));
}

static void
add_slots(struct rules_build *b, struct rules *head, struct buf *out)
{
	uint32_t *slots, count = 16;

	if (b->term_count > RULES_TERMS_MOST) {
		out->full = true;
		return;
	}
	while (count < b->term_count + b->term_count / 2)
		count *= 2;
	slots = xcalloc(count, sizeof(*slots));
	for (uint32_t i = 0; i < b->term_count; i++) {
		const struct rules_term *t = &b->terms[i];
		uint64_t hash = rules_hash(
		    t->vocab, b->pool.data + t->scheme, b->pool.data + t->key);
		uint32_t at = (uint32_t)hash & (count - 1);

		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = rules_slot_tag(hash) | (i + 1);
	}
	buf_add(out, slots, count * sizeof(*slots));
	head->slot_count = count;
	free(slots);
}

static uint32_t
place(struct rules *head, const struct buf *part)
{
	uint32_t at = head->bytes;

	head->bytes += (uint32_t)part->len;
	return at;
}

static int
write_block(struct rules_build *b, struct buf *out)
{
	struct rules head = {
	    .version = RULES_VERSION, .bytes = sizeof(struct rules)};
	struct buf things, names, slots;
	struct table_place nowhere = {.file = "the vocabularies"};

	memcpy(head.magic, RULES_MAGIC, sizeof(head.magic));
	buf_init(&things, LIMIT_RULES_BYTES);
	buf_init(&names, LIMIT_RULES_BYTES);
	buf_init(&slots, LIMIT_RULES_BYTES);
	add_things(b, &head, &things, &names);
	add_slots(b, &head, &slots);
	if (b->pool.len == 0)
		buf_addc(&b->pool, '\0');
	buf_addc(&b->pool, '\0');
	head.slot_at = place(&head, &slots);
	head.term_at = head.bytes;
	head.term_count = (uint32_t)b->term_count;
	head.bytes += head.term_count * (uint32_t)sizeof(*b->terms);
	head.thing_at = place(&head, &things);
	head.name_at = place(&head, &names);
	head.pool_at = place(&head, &b->pool);
	head.pool_bytes = (uint32_t)b->pool.len;
	buf_add(out, &head, sizeof(head));
	buf_add(out, slots.data, slots.len);
	buf_add(out, b->terms, b->term_count * sizeof(*b->terms));
	buf_add(out, things.data, things.len);
	buf_add(out, names.data, names.len);
	buf_add(out, b->pool.data, b->pool.len);
	if (out->full || b->pool.full || slots.full || things.full ||
	    names.full)
		table_mistake(&b->log, nowhere,
		    "take too much room; expected at most %zu bytes compiled",
		    LIMIT_RULES_BYTES);
	buf_release(&things);
	buf_release(&names);
	buf_release(&slots);
	return b->log.count > 0 ? -1 : 0;
}

int
rules_build_end(struct rules_build *b, struct buf *block)
{
	build_terms(b);
	if (b->log.count > 0)
		return -1;
	return write_block(b, block);
}

int
rules_compile(const char *dir, struct buf *block, struct buf *mistakes)
{
	struct rules_build *b = rules_build_new(mistakes);
	int rc;

	rules_build_dir(b, dir);
	rc = rules_build_end(b, block);
	rules_build_free(b);
	return rc;
}
