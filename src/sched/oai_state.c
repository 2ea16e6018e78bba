/* The driver's state as text: written with every page, read after a crash. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "sched/oai_priv.h"

#define HOUR_US ((int64_t)3600 * 1000000)

struct number {
	const char *key;
	size_t offset;
};
#define POS(field)                                                             \
	{                                                                      \
#field, offsetof(struct oai_pos, field)                        \
	}
#define KNOW(field)                                                            \
	{                                                                      \
#field, offsetof(struct oai_know, field)                       \
	}

static const struct number pos_numbers[] = {
    POS(phase),
    POS(list),
    POS(identifiers),
    POS(from),
    POS(until),
    POS(unit),
    POS(w_from),
    POS(w_until),
    {"outer_year", offsetof(struct oai_pos, outer[WINDOW_YEAR])},
    {"outer_month", offsetof(struct oai_pos, outer[WINDOW_MONTH])},
    {"outer_day", offsetof(struct oai_pos, outer[WINDOW_DAY])},
    POS(window),
    POS(failures),
    POS(looped),
    POS(w_pages),
    POS(w_received),
    POS(w_size),
    POS(cursor_fits),
    POS(one_token),
    POS(last_ids),
    POS(last_token),
    POS(last_body),
    POS(empties),
    POS(token_expires),
    POS(w_most),
    POS(repeats),
    POS(set_fits),
    POS(received),
    POS(size),
    POS(size_known),
    POS(short_lists),
    POS(short_by),
    POS(failed_lists),
    POS(dated),
    POS(any),
    POS(in_windows),
    POS(outside),
    POS(in_sets),
    POS(outside_set),
    POS(set_forgotten),
    POS(cap),
    POS(cap_got),
    POS(cap_size),
    POS(cap_until),
    POS(cap_unit),
    POS(cap_received),
    POS(cap_sum),
    POS(cap_cuts),
};
static const struct number know_numbers[] = {
    KNOW(granularity),
    KNOW(declared),
    KNOW(granularity_trial),
    KNOW(earliest),
    KNOW(start),
    KNOW(base_unit),
    KNOW(cuts),
    KNOW(formats_asked),
    KNOW(formats_passed),
    KNOW(format_new),
    KNOW(format_changed),
    KNOW(sets_asked),
    KNOW(window_trial),
    KNOW(identifiers_trial),
    KNOW(no_dates),
    KNOW(windows_useless),
    KNOW(http_empty),
    KNOW(token_raw),
    KNOW(token_trial),
    KNOW(token_tried),
    KNOW(token_proved),
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
oai_pos_init(struct oai_pos *p)
{
	*p = (struct oai_pos){
	    .from = DATE_NONE,
	    .until = DATE_NONE,
	    .unit = WINDOW_NONE,
	    .w_from = DATE_NONE,
	    .w_until = DATE_NONE,
	    .w_size = -1,
	    .token_expires = DATE_NONE,
	    .cap_until = DATE_NONE,
	    .cap_unit = WINDOW_NONE,
	};
	for (int i = 0; i <= WINDOW_HOUR; i++)
		p->outer[i] = DATE_NONE;
}

void
oai_pos_release(struct oai_pos *p)
{
	free(p->token);
	p->token = NULL;
}

void
oai_pos_copy(struct oai_pos *to, const struct oai_pos *from)
{
	if (to == from)
		return;
	free(to->token);
	*to = *from;
	to->token = from->token != NULL ? xstrdup(from->token) : NULL;
}

static void
write_numbers(struct buf *out, const void *self, const void *plain,
    const struct number *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t v, usual;

		memcpy(&v, (const char *)self + numbers[i].offset, sizeof(v));
		memcpy(
		    &usual, (const char *)plain + numbers[i].offset, sizeof(v));
		if (v != usual)
			buf_printf(
			    out, "%s=%lld\n", numbers[i].key, (long long)v);
	}
}

static void
write_kv(struct buf *out, const char *key, const struct kv *kv)
{
	struct buf text;

	buf_init(&text, HARVEST_STATE_BYTES);
	kv_write(kv, &text);
	kv_line(out, key, buf_str(&text));
	buf_release(&text);
}

void
oai_state_write(
    const struct oai_run *r, const struct oai_pos *p, struct buf *out)
{
	struct oai_pos plain;
	const struct oai_know nothing = {
	    .earliest = DATE_NONE, .start = DATE_NONE};

	oai_pos_init(&plain);
	kv_line(out, "mode", run_mode_name(r->mode));
	write_numbers(out, p, &plain, pos_numbers, COUNT(pos_numbers));
	write_numbers(
	    out, &r->know, &nothing, know_numbers, COUNT(know_numbers));
	kv_line(out, "url", r->source->url);
	kv_line(out, "set", oai_set(r, p));
	kv_line(out, "asked_format", r->source->format);
	kv_line(out, "format", r->know.format);
	write_kv(out, "quirks", &r->know.quirks);
	write_kv(out, "facts", &r->know.facts);
	write_kv(out, "failed", &r->know.failed);
	kv_line(out, "list_error", r->list_err.text);
	kv_line(out, "list_error_class",
	    r->list_err.class != ERR_NONE ? err_class_name(r->list_err.class)
					  : "");
	kv_line(out, "token", p->token);
}

static void
read_numbers(
    const struct kv *kv, void *self, const struct number *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t v;

		if (str_to_i64(kv_get(kv, numbers[i].key), INT64_MIN, INT64_MAX,
			&v) == 0)
			memcpy((char *)self + numbers[i].offset, &v, sizeof(v));
	}
}

static bool
in(int64_t v, int64_t min, int64_t max)
{
	return v >= min && v <= max;
}

static int
check(const struct oai_run *r, const struct oai_pos *p, const struct kv *kv)
{
	size_t sets = 0;

	while (r->source->sets != NULL && r->source->sets[sets] != NULL)
		sets++;
	if (!in(p->phase, OAI_FORMATS, OAI_DONE) ||
	    !in(p->unit, WINDOW_NONE, WINDOW_HOUR) ||
	    !in(p->cap_unit, WINDOW_NONE, WINDOW_HOUR) ||
	    !in(r->know.base_unit, WINDOW_NONE, WINDOW_HOUR) ||
	    !in(r->know.granularity, GRANULARITY_UNKNOWN, GRANULARITY_SECOND) ||
	    !in(p->list, 0, sets > 0 ? (int64_t)sets - 1 : 0))
		return -1;
	if (strcmp(kv_get(kv, "mode"), run_mode_name(r->mode)) != 0 ||
	    strcmp(kv_get(kv, "url"), r->source->url) != 0 ||
	    strcmp(kv_get(kv, "set"), oai_set(r, p)) != 0 ||
	    strcmp(kv_get(kv, "asked_format"), r->source->format) != 0)
		return -1;
	return p->phase == OAI_FORMATS || kv_get(kv, "format")[0] ? 0 : -1;
}

int
oai_state_read(struct oai_run *r, const char *text, int64_t now_us)
{
	struct kv kv = {0};
	struct oai_pos p;
	int class, rc;

	kv_read(&kv, text);
	oai_pos_init(&p);
	read_numbers(&kv, &p, pos_numbers, COUNT(pos_numbers));
	read_numbers(&kv, &r->know, know_numbers, COUNT(know_numbers));
	rc = check(r, &p, &kv);
	if (rc == 0) {
		/* The identifiers in hand are gone. */
		if (p.phase == OAI_GET)
			p.phase = OAI_WANT;
		if (kv_get(&kv, "token")[0] != '\0')
			p.token = xstrdup(kv_get(&kv, "token"));
		free(r->know.format);
		r->know.format = xstrdup(kv_get(&kv, "format"));
		kv_release(&r->know.quirks);
		kv_release(&r->know.facts);
		kv_read(&r->know.quirks, kv_get(&kv, "quirks"));
		kv_read(&r->know.facts, kv_get(&kv, "facts"));
		kv_read(&r->know.failed, kv_get(&kv, "failed"));
		class = err_class_parse(kv_get(&kv, "list_error_class"));
		if (class > ERR_NONE)
			err_set(&r->list_err, (enum err_class) class, 0, "%s",
			    kv_get(&kv, "list_error"));
		oai_pos_copy(&r->base, &p);
		oai_pos_copy(&r->head, &p);
		r->resumed = p.token != NULL;
		/* Clocks differ a little. */
		if (p.token != NULL && p.token_expires != DATE_NONE &&
		    p.token_expires < now_us - HOUR_US)
			oai_window_restart(r);
	}
	oai_pos_release(&p);
	kv_release(&kv);
	return rc;
}
