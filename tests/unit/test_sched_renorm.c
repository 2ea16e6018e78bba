/* Which stored records a run that renormalises asks for, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sched/harvest.h"

static const struct conf_source source = {.protocol = PROTOCOL_OAI_PMH};

static struct harvest *
begin(uint64_t page_no, const char *state, const char *rules)
{
	struct harvest_open open = {.mode = RUN_RENORMALISE,
	    .state = state,
	    .page_no = page_no,
	    .rules = rules};

	return harvest_new(&source, &open);
}

/* It asks for a page behind this block, of so many blocks. */
static void
asks(struct harvest *h, uint64_t page_no, uint64_t after, uint32_t blocks)
{
	struct harvest_request q;

	assert_int_equal(harvest_next(h, &q), HARVEST_STEP_STORED);
	assert_int_equal(q.page_no, page_no);
	assert_int_equal(q.after, after);
	assert_int_equal(q.blocks, blocks);
}

static void
waits(struct harvest *h)
{
	struct harvest_request q;

	assert_int_equal(harvest_next(h, &q), HARVEST_STEP_WAIT);
}

/* Blocks come, the last of them `last`. */
static void
gets(struct harvest *h, uint64_t page_no, uint32_t blocks, uint64_t last)
{
	struct harvest_stored s = {page_no, blocks, last, 0};

	assert_int_equal(
	    harvest_stored(h, &s), blocks > 0 ? HARVEST_PARSE : HARVEST_DROP);
}

static void
is_good(struct harvest *h, uint64_t page_no)
{
	struct page_facts f = {.body = BODY_OAI};
	struct err why = {0};

	assert_int_equal(harvest_facts(h, page_no, &f, &why), HARVEST_COMMIT);
}

static void
is_stored(struct harvest *h, uint64_t page_no)
{
	struct harvest_counts none = {0};

	harvest_committed(h, page_no, &none);
}

static void
fails(struct harvest *h, uint64_t page_no)
{
	struct err why;

	err_set(&why, ERR_XML, 0, "the parser crashed");
	harvest_unparsed(h, page_no, &why, 0);
}

static struct harvest_close
closes(struct harvest *h)
{
	struct harvest_request q;
	struct harvest_close c;

	assert_int_equal(harvest_next(h, &q), HARVEST_STEP_CLOSE);
	harvest_close(h, &c);
	assert_false(c.complete_list);
	assert_string_equal(c.checkpoints, "");
	return c;
}

static void
blocks_come_in_their_order_some_pages_ahead(void **state)
{
	struct harvest *h = begin(0, "", "abc");
	int64_t advertised;

	(void)state;
	asks(h, 1, 0, 0);
	waits(h); /* where the next one begins only this one tells */
	gets(h, 1, 50, 70);
	asks(h, 2, 70, 0);
	gets(h, 2, 50, 150);
	asks(h, 3, 150, 0);
	gets(h, 3, 10, 160);
	waits(h); /* no more than three */
	is_good(h, 2); /* parsers end in any order */
	is_good(h, 1);
	assert_non_null(strstr(harvest_state(h, 1, &advertised), "after=70\n"));
	assert_non_null(
	    strstr(harvest_state(h, 2, &advertised), "after=150\n"));
	is_stored(h, 1);
	asks(h, 4, 160, 0);
	gets(h, 4, 0, 0);
	waits(h);
	is_good(h, 3);
	is_stored(h, 2);
	waits(h);
	is_stored(h, 3);
	struct harvest_close c = closes(h);
	assert_true(c.completed);
	assert_int_equal(c.err.class, ERR_NONE);
	harvest_free(h);
}

static void
it_goes_on_from_its_state_unless_rules_have_changed(void **state)
{
	struct harvest *h = begin(2, "rules=abc\nafter=150\n", "abc");

	(void)state;
	asks(h, 3, 150, 0);
	harvest_free(h);
	h = begin(2, "rules=abc\nafter=150\n", "abd");
	asks(h, 3, 0, 0);
	harvest_free(h);
	h = begin(2, "rules=abc\nafter=-1\nleft_out=x\n", "abc");
	asks(h, 3, 0, 0);
	harvest_free(h);
}

static void
what_fails_is_tried_again_then_in_parts(void **state)
{
	struct harvest *h = begin(0, "", "abc");

	(void)state;
	asks(h, 1, 0, 0);
	gets(h, 1, 3, 30);
	asks(h, 2, 30, 0);
	gets(h, 2, 3, 60);
	is_good(h, 2);
	fails(h, 1); /* and what was behind it is forgotten */
	asks(h, 1, 0, 0);
	gets(h, 1, 3, 30);
	fails(h, 1);
	for (uint64_t block = 10; block <= 30; block += 10) {
		asks(h, block == 30 ? 2 : block / 10, block - 10, 1);
		gets(h, block == 30 ? 2 : block / 10, 1, block);
		if (block < 30)
			waits(h); /* one after the other */
		if (block == 20) {
			fails(h, 2);
			asks(h, 2, 10, 1);
			gets(h, 2, 1, 20);
			fails(h, 2); /* it is the cause: left as it is */
			continue;
		}
		is_good(h, block == 30 ? 2 : 1);
		is_stored(h, block == 30 ? 2 : 1);
	}
	asks(h, 3, 30, 0);
	gets(h, 3, 0, 0);
	struct harvest_close c = closes(h);
	assert_true(c.completed);
	assert_int_equal(c.err.class, ERR_XML);
	assert_non_null(strstr(c.err.text, "1 block of stored records"));
	assert_non_null(strstr(c.err.text, "the parser crashed"));
	harvest_free(h);
}

static void
a_page_that_says_why_it_is_none_fails_too(void **state)
{
	struct harvest *h = begin(0, "", "abc");
	struct page_facts f = {
	    .err_class = ERR_LIMIT, .err_text = "too many namespaces"};
	struct err why = {0};

	(void)state;
	asks(h, 1, 0, 0);
	gets(h, 1, 1, 10);
	assert_int_equal(harvest_facts(h, 1, &f, &why), HARVEST_ABORT);
	assert_int_equal(why.class, ERR_LIMIT);
	asks(h, 1, 0, 0);
	gets(h, 1, 1, 10);
	assert_int_equal(harvest_facts(h, 1, &f, &why), HARVEST_ABORT);
	asks(h, 1, 10, 0);
	gets(h, 1, 0, 0);
	assert_int_equal(closes(h).err.class, ERR_LIMIT);
	harvest_free(h);
}

static void
what_store_cannot_hand_out_ends_the_run(void **state)
{
	struct harvest *h = begin(0, "", "abc");

	(void)state;
	for (int i = 0; i < 2; i++) {
		asks(h, 1, 0, 0);
		fails(h, 1);
	}
	struct harvest_close c = closes(h);
	assert_false(c.completed);
	assert_string_equal(c.err.text, "the parser crashed");
	harvest_free(h);
}

static void
a_stop_lets_pages_in_hand_end(void **state)
{
	struct harvest *h = begin(0, "", "abc");

	(void)state;
	asks(h, 1, 0, 0);
	gets(h, 1, 1, 10);
	asks(h, 2, 10, 0);
	harvest_stop(h, ERR_CANCEL, "it is paused");
	waits(h);
	is_good(h, 1);
	is_stored(h, 1);
	struct harvest_close c = closes(h);
	assert_false(c.completed);
	assert_int_equal(c.err.class, ERR_CANCEL);
	assert_string_equal(c.err.text, "it is paused");
	harvest_free(h);
}

static void
lost_pages_are_asked_for_again(void **state)
{
	struct harvest *h = begin(0, "", "abc");

	(void)state;
	asks(h, 1, 0, 0);
	gets(h, 1, 1, 10);
	asks(h, 2, 10, 0);
	gets(h, 2, 0, 0);
	harvest_lost(h);
	asks(h, 1, 0, 0);
	harvest_free(h);
}

static void
what_has_no_head_is_told_at_the_end(void **state)
{
	struct harvest_stored none = {2, 0, 0, 58};

	(void)state;
	for (int blocks = 1; blocks >= 0; blocks--) {
		struct harvest *h = begin(0, "", "abc");
		struct harvest_close c;

		none.page_no = 1;
		asks(h, 1, 0, 0);
		if (blocks > 0) {
			gets(h, 1, 1, 7);
			is_good(h, 1);
			asks(h, 2, 7, 0);
			none.page_no = 2;
		}
		assert_int_equal(harvest_stored(h, &none), HARVEST_DROP);
		if (blocks > 0)
			is_stored(h, 1);
		c = closes(h);
		assert_true(c.completed);
		assert_int_equal(c.err.class, ERR_PROTO);
		assert_non_null(strstr(c.err.text, "58 records of the feed"));
		assert_non_null(strstr(c.err.text, "harvest --full"));
		harvest_free(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_has_no_head_is_told_at_the_end),
	    cmocka_unit_test(blocks_come_in_their_order_some_pages_ahead),
	    cmocka_unit_test(
		it_goes_on_from_its_state_unless_rules_have_changed),
	    cmocka_unit_test(what_fails_is_tried_again_then_in_parts),
	    cmocka_unit_test(a_page_that_says_why_it_is_none_fails_too),
	    cmocka_unit_test(what_store_cannot_hand_out_ends_the_run),
	    cmocka_unit_test(a_stop_lets_pages_in_hand_end),
	    cmocka_unit_test(lost_pages_are_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
