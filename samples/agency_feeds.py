"""The sample agencies' feeds: news as Drupal writes them, offers and needs by
the feed profile in RSS and Atom, events in each of the three forms. Content is invented; each time the same."""

import random

from feedserver import Feed, Item, atom, rdf, rss
from oaiserver import iso

NEWEST = 1780000000  # as the repositories of agencies.py end
DAY, HOUR = 86400, 3600

THEMES = (
    ("Critical minerals", "ninety countries sit on reserves that the energy transition needs"),
    ("Trade and gender", "women-led firms export less, and stay longer where they do"),
    ("Digital trade", "small firms name payments and parcels as their highest walls"),
    ("Shipping emissions", "a levy would cost the smallest islands most"),
    ("Technology and innovation", "forty economies have raised their frontier technology readiness"),
    ("Food import bills", "the least developed countries paid a tenth more for a tenth less"),
    ("Investment facilitation", "single windows now answer within three days on average"),
    ("Commodity dependence", "two thirds of developing countries live on raw exports"),
)
NEWS = ("{t}: what the new figures say", "{t}: five charts", "Member States discuss {l}", "Opinion: {l}, seen from ports",
        "{t}: lessons from {c}", "Workshop on {l} ends in {c}")
PLACES = (
    ("Kenya", "KEN"), ("Viet Nam", "VNM"), ("Peru", "PER"), ("Nepal", "NPL"), ("Senegal", "SEN"), ("Jordan", "JOR"),
    ("Fiji", "FJI"), ("Ghana", "GHA"), ("Bangladesh", "BGD"), ("Morocco", "MAR"), ("Rwanda", "RWA"),
    ("Colombia", "COL"), ("Uzbekistan", "UZB"), ("Samoa", "WSM"),
)
MAKERS = (("Austria", "AUT"), ("India", "IND"), ("Japan", "JPN"), ("Brazil", "BRA"), ("Korea", "KOR"), ("Italy", "ITA"))
# (what, sector, SDGs): a technology that somebody has, and others look for
TECHNOLOGIES = (
    ("Solar-powered cold storage for milk", "agriculture", ("2", "7")),
    ("Membrane treatment of tannery effluent", "water", ("6", "12")),
    ("Waste heat recovery from brick kilns", "energy-efficiency", ("7", "9")),
    ("Biogas from cassava peel", "energy-supply", ("7", "13")),
    ("Fibre boards from rice straw", "waste-pollution", ("12",)),
    ("Electric two-wheelers with swappable batteries", "transport", ("9", "11")),
    ("Low-clinker cement from calcined clay", "industry", ("9", "13")),
    ("Mercury-free processing of gold ore", "mining-materials", ("3", "12")),
    ("Mini-grids with pay-as-you-go metering", "energy-supply", ("1", "7")),
    ("Drip irrigation by gravity", "water", ("2", "6")),
)


def unctad():
    """Drupal: the last ten, and ?page=1 has older ones; guids that are no URL;
    HTML, escaped; no categories."""
    rng = random.Random(11)
    out = []
    for i in range(46):
        theme, claim = rng.choice(THEMES)
        place = rng.choice(PLACES)[0]
        headline = rng.choice(NEWS).format(t=theme, l=theme[0].lower() + theme[1:], c=place)
        node = 41200 + 7 * i
        path = "/news/" + "-".join(w for w in "".join(c if c.isalnum() else " " for c in headline.lower()).split())
        text = (
            '<span class="field field--name-title">%s</span>\n<div class="field field--name-body"><p><strong>%s</strong>'
            ' \u2013 %s&nbsp;%s.</p>\n<p><a href="%s-%d">Read&nbsp;more</a></p>'
            '<img src="/sites/default/files/%d.jpg" alt="" width="1" height="1" /></div>'
        ) % (headline, place, "UNCTAD&rsquo;s latest review finds that", claim, path, node, node)
        out.append(Item(headline, "https://unctad.example.org%s-%d" % (path, node),
                        "%d at https://unctad.example.org" % node, NEWEST - (46 - i) * 2 * DAY + rng.randrange(9 * HOUR),
                        text, "press"))
    return Feed("unctad", out, rss, title="UNCTAD news (sample of Drupal)", home="https://unctad.example.org/",
                about="What is new", window=10, pages=("page", 1),
                head="<generator>Drupal 10 (https://www.drupal.org)</generator>\n<ttl>60</ttl>\n")


def unido():
    """The feed profile: everything that is open, each time; what was withdrawn
    is a tombstone."""
    rng = random.Random(12)
    out = []
    for i in range(30):
        what, sector, sdgs = TECHNOLOGIES[i % len(TECHNOLOGIES)]
        at = NEWEST - (30 - i) * 9 * DAY + rng.randrange(DAY)
        place, code = rng.choice(PLACES)
        is_need = i % 3 == 2
        says = [("urn:sheaf:kind", "technology-need" if is_need else "technology-offer"), ("urn:sheaf:sector", sector)]
        says += [("urn:sheaf:sdg", s) for s in sdgs] + [("urn:sheaf:status", "open")]
        if is_need:
            title = "%s wanted in %s" % (what, place)
            text = "<p>A producer in %s looks for a partner: %s.</p>" % (place, what[0].lower() + what[1:])
            says += [("urn:sheaf:country:target", code), ("urn:sheaf:deadline", iso(at + 270 * DAY)[:10])]
        else:
            maker, origin = rng.choice(MAKERS)
            title = "%s, from %s" % (what, maker)
            text = "<p>Built in %s, shown in %s; licences and joint production are offered.</p>" % (maker, place)
            says += [("urn:sheaf:country:origin", origin), ("urn:sheaf:country:deployed", code),
                     ("urn:sheaf:country:available", "World" if i == 1 else code), ("urn:sheaf:trl", str(rng.randrange(6, 10)))]
        link = "https://unido.example.org/%s/%d" % ("needs" if is_need else "offers", 300 + i)
        out.append(Item(title, link, "tag:unido.example.org,2024:%d" % (300 + i), at, text,
                        "" if is_need else "Technology desk, %s" % maker, says,
                        "<rights>https://creativecommons.org/licenses/by/4.0/</rights>"))
    head = (
        '<fh:complete/>\n<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'ref="tag:unido.example.org,2024:299" when="%s"/>\n' % iso(NEWEST - 3 * DAY)
    )
    return Feed("unido", out, atom, title="UNIDO technology offers and needs (sample of the feed profile)",
                home="https://unido.example.org/exchange", head=head)


# Where an offer of a market may be had: groups of M49.
REACH = ("005", "011", "014", "015", "034", "035", "143", "145", "419")


def wipo_green():
    """The feed profile in RSS: what a marketplace shows, the scheme of a category
    as its domain. Some offers answer a need."""
    rng = random.Random(14)
    out = []
    for i in range(64):
        what, sector, sdgs = TECHNOLOGIES[(3 * i) % len(TECHNOLOGIES)]
        at = NEWEST - (64 - i) * 4 * DAY + rng.randrange(DAY)
        place, code = rng.choice(PLACES)
        maker, origin = rng.choice(MAKERS)
        link = "https://wipogreen.example.org/articles/%d"
        is_need = i % 4 == 3
        says = [("urn:sheaf:kind", "technology-need" if is_need else "technology-offer"), ("urn:sheaf:sector", sector)]
        says += [("urn:sheaf:sdg", s) for s in sdgs]
        if is_need:
            title, text = "Seeking: %s" % what, "A user in %s seeks a provider." % place
            says.append(("urn:sheaf:country:target", code))
        else:
            title, text = "%s (for licensing)" % what, "Offered by a firm in %s, proven in %s." % (maker, place)
            says += [("urn:sheaf:country:origin", origin), ("urn:sheaf:country:available", rng.choice(REACH)),
                     ("urn:sheaf:trl", "7-%d" % rng.randrange(8, 10))]
            if i % 8 == 4:
                says.append(("urn:sheaf:responds-to", link % (150000 + i - 1)))
        out.append(Item(title, link % (150000 + i), link % (150000 + i), at, "<p>%s</p>" % text, "", says))
    return Feed("wipo-green-market", out, rss, title="WIPO GREEN offers and needs (sample of the profile in RSS)",
                home="https://wipogreen.example.org/", head="<ttl>720</ttl>\n")


def ctcn():
    """Requests of countries, and the assistance that was given upon them."""
    rng = random.Random(15)
    out = []
    for i in range(36):
        what, sector, sdgs = TECHNOLOGIES[7 * (i // 2) % len(TECHNOLOGIES)]
        at = NEWEST - (36 - i) * 11 * DAY + rng.randrange(DAY)
        place, code = PLACES[i // 2 % len(PLACES)]
        request, name = "tag:ctcn.example.org,2020:request-%d" % (i // 2), what[0].lower() + what[1:]
        says = [("urn:sheaf:sector", sector)] + [("urn:sheaf:sdg", s) for s in sorted({*sdgs, "13"}, key=int)]
        if i % 2:
            says += [("urn:sheaf:kind", "technical-assistance"), ("urn:sheaf:status", "active"),
                     ("urn:sheaf:country:deployed", code), ("urn:sheaf:responds-to", request)]
            out.append(Item("Technical assistance to %s: %s" % (place, name), "https://ctcn.example.org/assistance/%d" % i,
                            request + "-answer", at, "<p>Given upon a request of %s.</p>" % place, "", says))
        else:
            says += [("urn:sheaf:kind", "technology-need"), ("urn:sheaf:status", "open"), ("urn:sheaf:country:target", code)]
            out.append(Item("%s asks for %s" % (place, name), "https://ctcn.example.org/requests/%d" % i, request, at,
                            "<p>By the national designated entity of %s.</p>" % place, "", says))
    return Feed("ctcn", out, atom, title="CTCN requests and assistance (sample of the profile in Atom)",
                home="https://ctcn.example.org/", head="<fh:complete/>\n")


def itu():
    """Events in RSS 2.0, with the module for them."""
    rng = random.Random(16)
    subjects = ("School connectivity", "Artificial intelligence for good", "Smart sustainable cities", "Digital skills",
                "Emergency telecommunications")
    out = []
    for i in range(24):
        subject, starts = subjects[i % len(subjects)], NEWEST + (i - 12) * 15 * DAY
        place, code = rng.choice(PLACES)
        link = "https://itu.example.org/events/%d" % (2200 + i)
        out.append(Item(
            "%s: %s" % (rng.choice(("Workshop", "Forum", "Webinar")), subject), link, link, starts - 45 * DAY,
            "<p>%s, hosted in %s.</p>" % (subject, place), "",
            [("urn:sheaf:sector", "ict-digital"), ("urn:sheaf:country:about", code)],
            "<ev:startdate>%s</ev:startdate><ev:enddate>%s</ev:enddate><ev:location>%s</ev:location>" % (
                iso(starts + 9 * HOUR), iso(starts + DAY + 17 * HOUR), place)))
    return Feed("itu", out, rss, title="ITU events (sample of RSS with its module for events)",
                home="https://itu.example.org/events", head="<ttl>360</ttl>\n")


def undesa():
    """Events in Atom, which say what they are by the profile, and when by xCal."""
    rng = random.Random(17)
    out = []
    for i in range(20):
        place, code = rng.choice(PLACES)
        starts = NEWEST + (i - 10) * 25 * DAY
        theme = rng.choice(("STI roadmaps", "Capacity-building workshop", "Regional consultation", "Innovators' exhibition"))
        out.append(Item(
            "%s, %s" % (theme, place), "https://sdgs.example.org/events/%d" % (5100 + i),
            "tag:sdgs.example.org,2019:event-%d" % (5100 + i), starts - 60 * DAY,
            "<p>Of the Technology Facilitation Mechanism, with its inter-agency task team.</p>", "",
            [("urn:sheaf:kind", "event"), ("urn:sheaf:sector", "sti-ip-policy"), ("urn:sheaf:sdg", "17"),
             ("urn:sheaf:country:about", code)],
            "<xcal:dtstart>%s</xcal:dtstart><xcal:dtend>%s</xcal:dtend><xcal:location>%s</xcal:location>" % (
                iso(starts)[:10].replace("-", ""), iso(starts + 2 * DAY)[:10].replace("-", ""), place)))
    return Feed("undesa", out, atom, title="UNDESA events (sample of Atom with the profile and xCal)",
                home="https://sdgs.example.org/events")


def cbd():
    """RSS 1.0 with the module for events, a feed of one type of record."""
    rng = random.Random(13)
    subjects = ("Marine and coastal biodiversity", "Access and benefit-sharing", "Technical and scientific cooperation",
                "Digital sequence information", "Indicators of the monitoring framework")
    out = []
    for i in range(18):
        subject = subjects[i % len(subjects)]
        place = rng.choice(PLACES)[0]
        starts = NEWEST + (i - 9) * 20 * DAY
        link = "https://cbd.example.org/meetings/M-%d" % (6000 + 3 * i)
        title = "%s on %s" % (rng.choice(("Expert meeting", "Regional workshop", "Open-ended working group")), subject.lower())
        out.append(Item(
            title, link, link, starts - 60 * DAY, "Parties and observers are invited to nominate participants.",
            categories=[("", subject)],
            extra="<ev:startdate>%s</ev:startdate><ev:enddate>%s</ev:enddate><ev:location>%s</ev:location>"
            "<ev:organizer>Secretariat</ev:organizer><dc:coverage>%s</dc:coverage>" % (
                iso(starts)[:10], iso(starts + 3 * DAY)[:10], place, place)))
    return Feed("cbd", out, rdf, title="Meetings (sample of RSS 1.0)", home="https://cbd.example.org/meetings",
                head="<dc:publisher>Convention on Biological Diversity</dc:publisher>"
                "<sy:updatePeriod>daily</sy:updatePeriod>")


# What a marketplace could fill.
BOTH = {"covers": "kind:technology-offer kind:technology-need"}


def feeds():
    """(source's name, agency, kind, further keys, feed, its path)"""
    yield ("unctad-news", "UNCTAD", "news", {"page_param": "page", "page_first": "1", "interval_min": "30m"}, unctad(),
           "/unctad/rss.xml")
    yield "unido-exchange", "UNIDO", None, BOTH, unido(), "/unido/exchange.atom"
    yield "wipo-green-market", "WIPO", None, BOTH, wipo_green(), "/wipo-green/market.rss"
    yield "ctcn-requests", "CTCN", None, {"covers": "kind:technical-assistance kind:technology-need"}, ctcn(), "/ctcn/requests.atom"
    yield "itu-events", "ITU", "event", {}, itu(), "/itu/events.rss"
    yield "undesa-events", "UNDESA", None, {"covers": "kind:event"}, undesa(), "/undesa/events.atom"
    yield ("cbd-meetings", "Convention on Biological Diversity", "event", {}, cbd(), "/cbd/meetings.rdf")
