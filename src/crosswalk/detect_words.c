/* Function words, endings and letters; written for this project. */
#include "crosswalk/detect_words.h"

const struct detect_words detect_words[] = {
    {"en",
	"the of and in to for a is on with by from as at that this are an be "
	"which its their between through was were has have how what can not "
	"under towards within about into or than these",
	"ting ning ness ally ions ings ance ence ties tion ment ated ical tory "
	"ives ible ship"},
    {"fr",
	"le la les des de du et en un une dans pour sur par au aux est l d qu "
	"que qui ce cette ces ses leur leurs avec sont entre ou vers comme à "
	"où été dont",
	"ité ées tion ions ment ique ques ités aire iers elle elles eaux"},
    {"es",
	"el la los las de del y en un una para por con que se su sus al como "
	"es "
	"entre sobre más desde hacia o e lo son ha este esta "
	"cuando también hasta estos estas",
	"ión idad ades ando ales ente icas icos"},
    {"pt",
	"o a os as de do da dos das e em um uma para por com que se na no nas "
	"nos ao aos à sobre como entre pela pelo são mais não sua seu ou num "
	"numa "
	"quando também até pelos pelas",
	"dade ades ento icas icos ndo"},
    {"de",
	"der die das und in von zu für mit auf den des dem ein eine einer im "
	"ist zur zum über bei nach als werden sich auch durch oder aus am wird",
	"chen lich keit heit ngen ungs rung tung sche"},
    {"it",
	"il la di e in per del della dei delle degli che un una con nel nella "
	"quando "
	"da dal dalla alla al sul sulla gli lo le tra l d è sono come ed",
	"ione ioni enti ento anza iche ità"},
    {"nl",
	"de het een en van in voor op met te is dat aan bij naar uit zijn over "
	"door om als tot of wordt niet ook",
	"lijk heid ngen atie elen ings"},
    {"sv",
	"och i att en av för på som med till är den det ett om från har vid "
	"inte eller",
	"ingen arna heten ning"},
    {"da",
	"og i at en af for på som med til er den det et om fra ved der ikke "
	"eller har",
	"ning erne ingen"},
    {"no",
	"og i å en av for på som med til er den det et om fra ved ikke eller "
	"har",
	"ning ingen"},
    {"fi", "ja on ei että kuin se joka sekä oli ovat tai mutta sen ovat myös",
	"isen ssa sta iden inen"},
    {"pl", "i w na z do nie się jest oraz dla od po przez o ze za jako są",
	"iego nych anie enia ości"},
    {"cs", "a v na se z do pro je i o od při za jako ve ze jsou nebo",
	"ního ních ých osti"},
    {"ro", "și si de la în cu pe pentru din a o este care sau prin ale al lui",
	"lor ului rile rea"},
    {"tr", "ve bir bu için ile de da olarak olan gibi daha çok veya üzerine",
	"ları leri inin nda"},
    {"id",
	"dan yang di untuk dengan dari pada ini dalam adalah oleh terhadap "
	"ke sebagai akan tidak atau",
	"akan an nya"},
    {"hu", "a az és hogy nem is egy van meg el ezt vagy mint volt",
	"ában ések"},
    {"vi", "và của các cho trong là với được một những ở về có không", ""},
    {"sw", "ya na wa kwa katika za la ni cha vya kama hii", ""},
    {"ca",
	"el la els les de del i en un una per amb que al dels a és com als "
	"seva",
	"itat ació"},
};
const unsigned detect_word_langs = sizeof(detect_words) / sizeof(*detect_words);

/* Sorted. */
const struct detect_letter detect_letters[] = {
    {0x00a1, 0x00a1, "es", 2},
    {0x00bf, 0x00bf, "es", 2},
    {0x00c3, 0x00c3, "pt", 2},
    {0x00d1, 0x00d1, "es", 2},
    {0x00d5, 0x00d5, "pt", 2},
    {0x00df, 0x00df, "de", 2},
    {0x00e3, 0x00e3, "pt", 2},
    {0x00f1, 0x00f1, "es", 2},
    {0x00f5, 0x00f5, "pt", 2},
    {0x0102, 0x0103, "ro", 2},
    {0x0104, 0x0107, "pl", 2},
    {0x0118, 0x0119, "pl", 2},
    {0x011a, 0x011b, "cs", 2},
    {0x011e, 0x011f, "tr", 2},
    {0x0130, 0x0131, "tr", 2},
    {0x0141, 0x0144, "pl", 2},
    {0x0150, 0x0151, "hu", 2},
    {0x0152, 0x0153, "fr", 2},
    {0x0158, 0x0159, "cs", 2},
    {0x015a, 0x015b, "pl", 2},
    {0x016e, 0x016f, "cs", 2},
    {0x0170, 0x0171, "hu", 2},
    {0x0179, 0x017c, "pl", 2},
    {0x01a0, 0x01b0, "vi", 2},
    {0x0218, 0x021b, "ro", 2},
    {0x1ea0, 0x1ef9, "vi", 2},
};
const unsigned detect_letter_count =
    sizeof(detect_letters) / sizeof(*detect_letters);
