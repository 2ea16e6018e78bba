/* What the files of the feed's crosswalk share. */
#ifndef SHEAF_CROSSWALK_FEED_ITEM_H
#define SHEAF_CROSSWALK_FEED_ITEM_H

#include "crosswalk/internal.h"
#include "record/feed.h"

/* feed_text.c: an element's text, HTML removed by its type; NULL when there is
 * nothing. */
const char *feed_line(struct crosswalk *x, const struct feed_node *n);
const char *feed_paragraphs(struct crosswalk *x, const struct feed_node *n);
const char *feed_lang(struct crosswalk *x, const struct feed_node *n);
/* "mail@host (Name)", "Name <mail@host>", Atom's name, uri, email: the name,
 * else the address of mail. */
const char *feed_person(struct crosswalk *x, const struct feed_node *n);

/* feed_link.c: absolute, or NULL. */
const char *
feed_url(struct crosswalk *x, const struct feed_node *n, const char *ref);
void feed_take_link(struct crosswalk *x, const struct feed_node *n);
void feed_take_enclosure(struct crosswalk *x, const struct feed_node *n);

/* feed_profile.c: the category is one of the feed profile's. */
bool
feed_take_profile(struct crosswalk *x, const char *scheme, const char *term);

/* feed.c: an element by the rules of oai_dc, as dcterms:local. */
void
feed_as_dc(struct crosswalk *x, const struct feed_node *n, const char *local);
/* feed_identity.c: what the guid or id says beyond identity: the landing page
 * that it alone names, a DOI. */
void feed_take_id(struct crosswalk *x, const struct feed_node *n);
/* Once the record is complete. */
void feed_identify(
    struct crosswalk *x, const struct feed_node *n, struct feed_identity *id);

/* One row of the table in feed.c. */
struct feed_rule {
	const char *name, *ns;
	void (*take)(struct crosswalk *x, const struct feed_rule *rule,
	    const struct feed_node *n);
	const char *role;
};
/* feed_take.c */
void feed_add_agent(
    struct crosswalk *x, const char *name, const char *role, const char *term);
void take_feed_title(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_abstract(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_agent(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_date(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_category(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_keywords(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_rights(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_link(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_enclosure(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_address(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_source(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_prism(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_dc(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);
void take_feed_place(struct crosswalk *x, const struct feed_rule *rule,
    const struct feed_node *n);

/* feed_schedule.c */
void feed_schedule(
    struct crosswalk *x, const struct feed_node *channel, struct facts_feed *f);

/* feed_channel.c: a day or an instant, or NULL. */
const char *feed_instant(struct crosswalk *x, const struct feed_node *n);
void feed_channel(void *arg, const struct feed_node *root, struct facts_feed *f,
    const char **format, struct arena *a);

#endif
