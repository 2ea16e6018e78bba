/* Names of months beyond months.c: the languages of Europe, Arabic in the forms
 * of east and west, Hebrew; Chinese, Japanese and Korean write numbers.  Names
 * that mean different months to neighbours (listopad) have the meaning of
 * more readers. */
#include <string.h>

#include "crosswalk/feed_date.h"
#include "crosswalk/vocab.h"

/* By month, in the form of vocab_key(), each between commas. */
static const char *const names[12] = {
    ","
    "januar,janner,jan,gennaio,gen,januari,styczen,stycznia,sty,"
    "январь,января,янв,leden,ledna,ianuarie,ian,"
    "січень,січня,януари,tammikuu,tammikuuta,ocak,"
    "jaanuar,sausis,sausio,janvaris,sijecanj,sijecnja,jenuari,gener,"
    "xaneiro,urtarrila,ιανουαριοσ,ιανουαριου,"
    "ιαν,يناير,كانون الثاني,جانفي,ינואר,"
    "ژانویه,jaan,enero,",
    ","
    "februar,feber,febbraio,februari,luty,lutego,lut,февраль,"
    "февраля,фев,unor,unora,februarie,лютии,"
    "лютого,февруари,helmikuu,helmikuuta,subat,veebruar,"
    "vasaris,vasario,februaris,veljaca,veljace,febrer,febreiro,"
    "φεβρουαριοσ,φεβρουαριου,φεβ,فبراير,"
    "شباط,فيفري,פברואר,feb,febr,",
    ","
    "marz,maerz,mrz,maart,mrt,marzec,marca,marts,март,марта,"
    "мар,marcius,marec,brezen,brezna,martie,березень,"
    "березня,maaliskuu,maaliskuuta,mart,kovas,kovo,marta,ozujak,"
    "ozujka,marc,μαρτιοσ,μαρτιου,μαρ,μαρτ,"
    "مارس,اذار,מרץ,marzo,mars,marciusi,",
    ","
    "april,aprile,kwiecien,kwietnia,kwi,апрель,апреля,"
    "апр,aprilis,duben,dubna,aprilie,квітень,квітня,"
    "април,huhtikuu,huhtikuuta,nisan,aprill,balandis,balandzio,"
    "travanj,travnja,abril,απριλιοσ,απριλιου,απρ,"
    "ابريل,نيسان,افريل,אפריל,apr,",
    ","
    "maggio,mag,mei,maj,maja,маи,мая,majus,kveten,kvetna,mai,"
    "травень,травня,toukokuu,toukokuuta,mayıs,mayis,"
    "geguze,geguzes,maijs,svibanj,svibnja,maig,maio,μαιοσ,"
    "μαιου,μαι,مايو,ايار,ماي,מאי,",
    ","
    "juni,giugno,giu,czerwiec,czerwca,cze,июнь,июня,июн,"
    "junius,jun,cerven,cervna,iunie,червень,червня,юни,"
    "kesakuu,kesakuuta,haziran,juuni,birzelis,birzelio,junijs,lipanj,"
    "lipnja,juny,xuno,ιουνιοσ,ιουνιου,ιουν,"
    "يونيو,حزيران,جوان,יוני,",
    ","
    "juli,luglio,lug,lipiec,lipca,lip,июль,июля,июл,julius,"
    "jul,cervenec,cervence,iulie,липень,липня,юли,"
    "heinakuu,heinakuuta,temmuz,juuli,liepa,liepos,julijs,srpanj,"
    "srpnja,juliol,xullo,ιουλιοσ,ιουλιου,ιουλ,"
    "يوليو,تموز,جويلية,יולי,",
    ","
    "august,augustus,augusti,sierpien,sierpnia,sie,август,"
    "августа,авг,augusztus,srpen,srpna,серпень,"
    "серпня,elokuu,elokuuta,agustos,rugpjutis,rugpjucio,augusts,"
    "kolovoz,kolovoza,agost,agosto,αυγουστοσ,"
    "αυγουστου,αυγ,اغسطس,اب,اوت,אוגוסט,aug,",
    ","
    "settembre,set,wrzesien,wrzesnia,wrz,сентябрь,"
    "сентября,сен,сент,szeptember,september,zari,"
    "septembrie,вересень,вересня,септември,"
    "syyskuu,syyskuuta,eylul,rugsejis,rugsejo,septembris,rujan,rujna,"
    "setembre,setembro,σεπτεμβριοσ,σεπτεμβριου,"
    "σεπ,σεπτ,سبتمبر,ايلول,ספטמבר,szept,",
    ","
    "oktober,okt,ottobre,ott,out,pazdziernik,pazdziernika,paz,"
    "октябрь,октября,окт,rijen,rijna,octombrie,"
    "жовтень,жовтня,октомври,lokakuu,lokakuuta,"
    "ekim,oktoober,spalis,spalio,oktobris,octubre,outubro,"
    "οκτωβριοσ,οκτωβριου,οκτ,اكتوبر,"
    "تشرين الاول,אוקטובר,",
    ","
    "november,novembre,listopad,listopada,listopadu,lis,ноябрь,"
    "ноября,ноя,нояб,noiembrie,листопад,"
    "листопада,ноември,marraskuu,marraskuuta,kasım,"
    "kasim,lapkritis,lapkricio,novembris,studeni,studenoga,studenog,"
    "novembro,νοεμβριοσ,νοεμβριου,νοε,"
    "نوفمبر,تشرين الثاني,נובמבר,nov,",
    ","
    "dezember,dez,dicembre,grudzien,grudnia,gru,декабрь,"
    "декабря,дек,december,prosinec,prosince,decembrie,"
    "грудень,грудня,декември,joulukuu,joulukuuta,"
    "aralık,aralik,detsember,gruodis,gruodzio,decembris,prosinac,"
    "prosinca,desembre,decembro,desember,des,δεκεμβριοσ,"
    "δεκεμβριου,δεκ,ديسمبر,كانون الاول,"
    "דצמבר,",
};

/* What most feeds have: RFC 822's months, and its weekdays, which are none
 * (-1). */
static int
by_three(const char *name)
{
	static const char *const words[] = {"jan", "feb", "mar", "apr", "may",
	    "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue",
	    "wed", "thu", "fri", "sat", "sun", "gmt"};

	for (int i = 0; i < (int)(sizeof(words) / sizeof(*words)); i++)
		if ((name[0] | 0x20) == words[i][0] &&
		    (name[1] | 0x20) == words[i][1] &&
		    (name[2] | 0x20) == words[i][2])
			return i < 12 ? i + 1 : -1;
	return 0;
}

int
feed_month(const char *name, size_t n)
{
	char word[64], key[VOCAB_KEY_BYTES], wanted[VOCAB_KEY_BYTES + 2];
	size_t len;
	int month = n == 3 ? by_three(name) : 0;

	if (month < 0)
		return 0;
	if (month == 0)
		month = when_month(name, n);
	if (month > 0 || n < 3 || n >= sizeof(word))
		return month;
	memcpy(word, name, n);
	word[n] = '\0';
	vocab_key(key, word);
	len = strlen(key);
	if (len < 3)
		return 0;
	wanted[0] = wanted[len + 1] = ',';
	memcpy(wanted + 1, key, len);
	for (int i = 0; i < 12; i++)
		if (memmem(names[i], strlen(names[i]), wanted, len + 2))
			return i + 1;
	return 0;
}
