/*
 * Crosswalks (conf/crosswalks/NAME.crosswalk): what the elements of a metadata
 * format become, as sheaf-crosswalk(5) describes it.
 *
 * All files are compiled together.  sheafd and sheafctl compile them to find
 * mistakes; the parser's zygote compiles the same texts, and its children
 * share what came of it.
 *
 * The texts of several files travel as one buffer; xwalk_pack() is the only
 * one that knows its form.
 */
#ifndef SHEAF_CROSSWALK_XWALK_H
#define SHEAF_CROSSWALK_XWALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct xwalk_set;

enum { XWALK_PACK_BYTES = 64 * 1024 * 1024 };

/* Appends one file's text.  path: what mistakes call it; the crosswalk's name
 * is its last part without .crosswalk.  is_front: a preview, which is asked
 * before the others and stands for the one of its name. */
void xwalk_pack(struct buf *out, const char *path, const char *text, size_t n,
    bool is_front);
/* Appends a file's, or all files DIR/X.crosswalk by their names.  0, or -1 with
 * lines in `mistakes`. */
int xwalk_pack_file(
    struct buf *out, const char *path, bool is_front, struct buf *mistakes);
int xwalk_pack_dir(struct buf *out, const char *dir, struct buf *mistakes);

/* What was packed into a digest: names, contents and whether they are previews,
 * not where the files lie.  0, or -1 when it came broken. */
struct hash128_state;
int xwalk_digest(struct hash128_state *h, const void *data, size_t n);

/* What was packed, compiled; NULL when there is a mistake, each a line of
 * `mistakes` as table_mistake() writes them.  data need not outlive it. */
struct xwalk_set *
xwalk_compile(const void *data, size_t n, struct buf *mistakes);
void xwalk_free(struct xwalk_set *set); /* NULL is harmless */

bool xwalk_has(const struct xwalk_set *set, const char *name);
/* The name most like it, or NULL. */
const char *xwalk_nearest(const struct xwalk_set *set, const char *name);

#endif
