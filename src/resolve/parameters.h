/*
 * The one table of what matching goes by: every number that a score, a
 * look-up or a cluster uses, with a sentence each.  One set for all
 * registries; nothing here is learned, and nothing learned is here (that is
 * the model, resolve/model.h).
 *
 * Points are added up to the score of two records.  Bits are log2(records /
 * records that have the word), so a word that one in 1,024 has carries 10.
 */
#ifndef SHEAF_RESOLVE_PARAMETERS_H
#define SHEAF_RESOLVE_PARAMETERS_H

/* clang-format off */
#define PARAMETERS(X)                                                          \
	/* --- what a score means --- */                                       \
	X(merge,              8.0, "From this score on two records are one thing.") \
	X(review,             4.0, "From this score on an operator may be asked.") \
	X(relate,             8.0, "Records that are not one are versions or translations from this score on, without what tells them apart.") \
	X(relate_family,      5.5, "From this score on records of different families are related.") \
	/* --- weights of words --- */                                         \
	X(records_least,  16384.0, "A smaller registry is weighed as if it had so many records.") \
	X(word_least,         1.0, "Bits that every word of a title carries.") \
	X(word_most,         12.0, "Bits that no word of a title exceeds.")    \
	X(name_least,         1.0, "Bits that every word of a name carries.")  \
	X(name_most,         10.0, "Bits that no word of a name exceeds.")     \
	X(near_word,          0.9, "What of a word agrees that is one letter off.") \
	X(far_word,           0.8, "What of a word of 8 letters or more agrees that is two letters off.") \
	X(begun_word,        0.75, "What of a word agrees that is the beginning of the other.") \
	X(joined_word,       0.95, "What of a word agrees that is written as two.") \
	X(near_name,         0.85, "What of a name's word agrees that is a letter off, or the end of the other.") \
	/* --- titles: points by how much of the words agrees, straight        \
	 * lines between --- */                                                \
	X(title_all,         10.0, "All words of both titles agree.")                       \
	X(title_90,           8.0, "Nine tenths of the bits of both agree.")   \
	X(title_80,           5.0, "Eight tenths agree.")                            \
	X(title_70,           2.0, "Seven tenths agree.")                            \
	X(title_60,          -1.0, "Six tenths agree.")                              \
	X(title_50,          -3.5, "Half of them agree.")                                    \
	X(title_30,          -8.0, "Three tenths agree.")                            \
	X(title_none,       -10.0, "No word agrees.")                                 \
	X(title_bits,        24.0, "Bits that have to agree before a title has all its points.") \
	X(long_bits,         48.0, "From so many bits on that agree a title tells more than a title does,") \
	X(long_bit,        0.0625, "so many points more for each bit,")        \
	X(long_most,          3.0, "so many points at most.")                  \
	X(leftover_name,      0.5, "What of its bits a word of one title alone keeps that is rather a name's.") \
	X(title_contained,    3.5, "Points at least, where one title holds all words of the other.") \
	X(contained_share,   0.95, "So much of the shorter title's bits have to agree, then,") \
	X(contained_words,    4.0, "of so many words at least,")               \
	X(contained_bits,    20.0, "with so many bits.")                       \
	X(squeezed_letters,  20.0, "Titles of so many letters that differ in two, spaces apart, are the same,") \
	X(squeezed_bits,     15.0, "if so many bits of their words agree.")    \
	X(title_language,    -2.0, "Points at worst, where languages differ and a rare identifier is shared.") \
	X(title_missing,     -6.0, "One of the records has no title.")         \
	X(boilerplate_times,  3.0, "A title that stands so often in one curated source is boilerplate.") \
	X(boilerplate,       0.35, "Share of its points that a boilerplate title keeps.") \
	X(number_both,      -14.0, "Each title has a number that the other has not.") \
	X(number_one,        -2.5, "One title has a number that the other has not.") \
	X(place_both,       -14.0, "Each title has a place that the other has not.") \
	X(place_one,         -3.0, "One title has a place that the other has not.") \
	X(qualifier_strong,  -6.0, "One title says corrigendum, summary, annex or the like.") \
	X(qualifier_plain,   -2.5, "One title says draft, revised, a month or the like.") \
	X(qualifier_weak,    -1.0, "One title says poster, abstract, session or the like.") \
	X(cut_said,           3.0, "One title ends in an ellipsis, and the other goes on.") \
	X(cut_seen,           2.0, "One long title ends where the other goes on.") \
	X(cut_share,         0.93, "One title goes on where so much of the shorter one agrees and the first word does.") \
	X(cut_letters,       26.0, "A title of so many letters is long, then.") \
	X(short_words,        3.0, "A title of so many words, numbers and places apart, is short.")       \
	X(short_bits,        25.0, "A title that so many bits of agree, numbers apart, is not short.") \
	X(short_persons,      1.0, "Points for persons that bear out a short title; so do an organisation, an identifier or the day.") \
	X(short_venue,        1.5, "Points for a venue that do.")             \
	X(short_title,       -5.0, "A short title, and nothing else agrees.")  \
	/* --- persons and organisations --- */                                \
	X(persons_bit,       0.55, "Points for each bit of names that agree.") \
	X(persons_most,       6.0, "Points at most, where three quarters of the shorter list agree.") \
	X(persons_half_bit,   0.4, "Points for each bit, where half of the shorter list agrees.") \
	X(persons_half,       3.5, "Points at most, then.")                    \
	X(persons_third,      0.5, "A third of the shorter list agrees.")      \
	X(persons_tenth,     -2.5, "A tenth of it agrees.")                    \
	X(persons_none,      -5.0, "Less than that agrees.")                             \
	X(persons_excused,   -2.0, "Points at worst, where long titles are the same or given and family names changed places.") \
	X(excused_share,     0.97, "So much of the titles has to agree, then,") \
	X(excused_bits,      35.0, "with so many bits.")                       \
	X(persons_mirrored,   2.0, "Given and family names of two persons changed places.") \
	X(corporate_same,     2.0, "They name the same organisation.")         \
	X(corporate_beside,   0.5, "The same, where persons are named as well.") \
	X(corporate_other,   -5.0, "They name other organisations.")           \
	/* --- when and where --- */                                           \
	X(year_same,          2.5, "The year is the same.")                    \
	X(year_next,         -1.0, "The years are next to each other.")        \
	X(year_near,         -4.0, "The years are two apart.")                 \
	X(year_far,          -6.5, "The years are further apart.")             \
	X(day_same,           5.0, "The day is the same.")                     \
	X(day_near,           2.0, "The days are one or two apart.")           \
	X(day_other,         -3.0, "Points at most, where the days are further apart.") \
	X(day_other_dated,   -8.0, "The same for news and events.")            \
	X(venue_alias_most,   2.5, "Points at most, either way, that were learned for two venues.") \
	X(venue_same,         1.0, "Half of the words of the venues are the same.") \
	X(venue_other,       -0.5, "They are not.")                            \
	X(venue_half,         0.5, "What counts as half there.")               \
	X(kind_code,         -5.0, "One says that it is a publication, event, project or the like, the other another of these.") \
	X(kind_code_offer,   -1.0, "The same between kinds of offers and needs, which agencies draw differently.") \
	X(kind_other,        -3.0, "One is a thesis, paper, article or report, the other another of these.") \
	X(kind_year_other,   -6.0, "The same, and the years differ.")          \
	/* --- identifiers --- */                                              \
	X(identifier,        12.0, "They share a DOI, handle, ISBN, symbol or the like.") \
	X(identifier_patent,  8.0, "They share a patent, which may cover several technologies.") \
	X(identifier_url,     8.0, "They share an address.")                   \
	X(identifier_rare,    6.0, "So many records may have it before it loses points.") \
	X(identifier_fade,    3.0, "Points that it loses for each doubling beyond.") \
	X(identifier_differs, -5.0, "Each has an identifier of an issuer that gives a thing only one.") \
	/* --- candidates --- */                                               \
	X(key_holders,      100.0, "A word, name, title or identifier that more records have is no key by itself.") \
	X(chain_holders,     20.0, "A sequence of frequent words that more records have is made longer to be a key.") \
	X(candidate_spare,    2.0, "So many bits less than tell one record of all, keys that two records share have to weigh.") \
	X(key_identifier_share, 3.0, "Times its bits, an identifier weighs as a key,") \
	X(key_identifier_most, 20.0, "and so many bits at most.") \
	X(key_title_most,    10.0, "Bits of a whole title as a key, at most, where more than chain_holders have it.") \
	X(key_word_most,     12.0, "Bits of a word of a title as a key, at most.") \
	X(key_name_share,     0.6, "Times its bits, a word of a name weighs as a key,") \
	X(key_name_most,      6.0, "and so many bits at most.") \
	X(year_bits,          4.0, "Bits that the year tells, where sequences are ordered by bits.") \
	/* --- clusters --- */                                                 \
	X(average_least,      7.0, "Mean score between two clusters, at least, to join them.") \
	X(anchor_least,       4.0, "The same, where a curated record of one agrees with all of the other.") \
	X(strong_pair,       12.0, "From this score on two curated records join their clusters") \
	X(strong_mean,        2.0, "with a mean of so much at least.")         \
	X(average_most,      16.0, "What a score counts at most in such a mean.") \
	X(average_worst,    -12.0, "What it counts at worst.")                 \
	X(average_against,   0.25, "Share of scores below 0, at most, to join them.") \
	X(sample,             6.0, "Records of a cluster that the mean is of, at most.") \
	X(sample_curated,     3.0, "Of these, curated ones that come first.")  \
	X(twins_share,       0.95, "What agrees of the titles of twins, at least.") \
	X(twins_venue,       -1.0, "Points for their venues, at least, of twins in one curated source.") \
	X(curated_within,     4.0, "Points below its best match in a source, at most, that another match there has to count.") \
	X(curated_seen,      20.0, "Records that have to have a match in a source before it is said to be curated.") \
	X(alias_above,        3.0, "Points above merge from which a match says something of its venues.") \
	X(alias_pairs,       50.0, "Such matches that there have to be before venues are learned,") \
	X(alias_times,        8.0, "and of each venue,") \
	X(alias_expected,     2.0, "and that chance would have of the two together.") \
	X(curated_most,      1.25, "A source whose records match so many times on average, at most, holds each thing once.")
/* clang-format on */

struct parameters {
#define PARAMETER_FIELD(name, value, sentence) double name;
	PARAMETERS(PARAMETER_FIELD)
#undef PARAMETER_FIELD
};

static const struct parameters PARAMETER = {
#define PARAMETER_VALUE(name, value, sentence) .name = (value),
    PARAMETERS(PARAMETER_VALUE)
#undef PARAMETER_VALUE
};

#endif
