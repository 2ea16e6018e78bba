/* What follows from a record's values once all of them are there. */
#ifndef SHEAF_CROSSWALK_SETTLE_H
#define SHEAF_CROSSWALK_SETTLE_H

#include "crosswalk/internal.h"

/* The lists of codes that values are mapped to. */
enum code_axis { AXIS_SECTOR, AXIS_SDG, AXIS_COUNTRY };

/* Adds a code to its list.  What has the same code and role is there once, with
 * the strongest basis that it came with (declared, mapped, default, rule,
 * detected), the first of several as strong. */
void
code_add(struct crosswalk *x, enum code_axis axis, const struct rec_code *code);

enum { NO_CODE_SLOTS = 1024 }; /* of struct crosswalk's no_code */

/* Sectors, SDGs and countries of what the record says of itself: codes that its
 * sets declare (sector:water, country:target:KEN, kind:…), then concepts and
 * labels among its subjects and types, then sectors of its SDGs, and keywords
 * in subjects and titles where there is nothing better. */
void settle_codes(struct crosswalk *x);

/* The language of titles and abstracts that do not say theirs, where they are
 * long enough to tell, and of a record that says none. */
void settle_language(struct crosswalk *x);

/* Gives rights that are a licence its code and, of Creative Commons, its
 * canonical address; concepts of access are none. */
void settle_rights(struct crosswalk *x);

#endif
