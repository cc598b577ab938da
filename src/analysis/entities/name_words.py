"""Words that tell what a chain of capitalised words names."""

from __future__ import annotations

from src.analysis.stopwords import STOPWORDS

_COMPANY_FORMS = """
    inc incorporated llc llp ltd limited plc corp corporation gmbh ag kg se sa sas sarl srl spa bv nv oy ab asa co
    company
"""
_ORGANISATION_WORDS = """
    university college school academy institute institut universität hospital clinic foundation bank ministry
    department agency office committee commission council court union association society federation club team party
    group holdings partners associates laboratory laboratories labs museum library church press times authority
    administration bureau trust fund organisation organization network alliance consortium airlines motors
    industries systems software technologies solutions enterprises pharmaceuticals energy insurance consulting
    services parliament senate congress government army navy orchestra brothers
"""
_HEADS = """
    university ministry department bank institute school college church court museum office council house republic
    kingdom city state province county bay gulf isle cape mount lake port
"""
_PLACE_HEADS = """
    republic kingdom city state province county bay gulf isle cape mount lake port
"""
_PLACE_WORDS = """
    street avenue road square bridge river lake mount mountain mountains island islands bay valley county city
    province state sea ocean desert forest airport station harbour harbor district peninsula coast canyon falls park
    strait
"""
_KNOWN_ORGANISATIONS = """
    google microsoft amazon apple facebook meta ibm intel nvidia oracle siemens bosch bmw toyota honda nokia
    ericsson samsung sony philips airbus boeing nasa esa cern unesco unicef nato who oecd imf fbi cia bbc cnn
    reuters openai anthropic mistral netflix tesla volkswagen daimler bayer basf nestlé novartis roche pfizer merck
    sap adobe cisco dell lenovo huawei alibaba tencent
"""
_KNOWN_PLACES = """
    Afghanistan, Albania, Algeria, Argentina, Armenia, Australia, Austria, Azerbaijan, Bangladesh, Belarus, Belgium,
    Bolivia, Bosnia, Brazil, Bulgaria, Cambodia, Cameroon, Canada, Chile, China, Colombia, Costa Rica, Croatia,
    Cuba, Cyprus, Czechia, Denmark, Ecuador, Egypt, England, Estonia, Ethiopia, Finland, France, Germany, Ghana,
    Greece, Greenland, Guatemala, Haiti, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran, Iraq,
    Ireland, Israel, Italy, Jamaica, Japan, Kazakhstan, Kenya, Kuwait, Latvia, Lebanon, Libya, Lithuania,
    Luxembourg, Malaysia, Mali, Malta, Mexico, Moldova, Mongolia, Morocco, Mozambique, Myanmar, Namibia, Nepal,
    Netherlands, New Zealand, Nicaragua, Nigeria, North Korea, Norway, Oman, Pakistan, Palestine, Panama, Paraguay,
    Peru, Philippines, Poland, Portugal, Qatar, Romania, Russia, Rwanda, Saudi Arabia, Scotland, Senegal, Serbia,
    Singapore, Slovakia, Slovenia, Somalia, South Africa, South Korea, Spain, Sri Lanka, Sudan, Sweden, Switzerland,
    Syria, Taiwan, Tanzania, Thailand, Tunisia, Uganda, Ukraine, Uruguay, United Kingdom, United States, Uzbekistan,
    Venezuela, Vietnam, Wales, Yemen, Zambia, Zimbabwe, USA, UK, Europe, Asia, Africa, America, Antarctica,
    Amsterdam, Athens, Bangkok, Barcelona, Beijing, Belgrade, Berlin, Bern, Boston, Bristol, Brussels, Bucharest,
    Budapest, Buenos Aires, Cairo, Cambridge, Chicago, Cologne, Copenhagen, Dallas, Delhi, Denver, Detroit, Dresden,
    Dubai, Dublin, Edinburgh, Frankfurt, Geneva, Glasgow, Gothenburg, Hamburg, Hanover, Helsinki, Houston, Istanbul,
    Jakarta, Jerusalem, Kyiv, Leeds, Leipzig, Lisbon, Liverpool, London, Los Angeles, Lyon, Madrid, Manchester,
    Marseille, Melbourne, Miami, Milan, Montreal, Moscow, Mumbai, Munich, München, Nairobi, Naples, New York,
    Nuremberg, Osaka, Oslo, Oxford, Paris, Philadelphia, Prague, Rome, Rotterdam, San Francisco, Seattle, Seoul,
    Shanghai, Sofia, Stockholm, Stuttgart, Sydney, Tallinn, Tokyo, Toronto, Toulouse, Turin, Vancouver, Venice,
    Vienna, Wien, Warsaw, Washington, Zagreb, Zurich, Zürich, Deutschland, Österreich, Schweiz, Frankreich, Italien,
    Spanien, California, Texas, Florida, Bavaria, Alaska, Hawaii
"""
_NO_NAMES = """
    table figure chapter section page part step note warning caution question answer example appendix version monday
    tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december montag dienstag mittwoch donnerstag freitag samstag sonntag spring summer autumn
    winter mr mrs ms dr prof sir lady dear hello hi q a english german french spanish italian american british
    european chinese japanese russian internet
"""

COMPANY_FORMS = frozenset(_COMPANY_FORMS.split())
ORGANISATION_WORDS = frozenset(_ORGANISATION_WORDS.split())
# Before "of", "for": University of Oslo, Ministry for Labour.
HEADS = frozenset(_HEADS.split())
PLACE_HEADS = frozenset(_PLACE_HEADS.split())
PLACE_WORDS = frozenset(_PLACE_WORDS.split())
KNOWN_ORGANISATIONS = frozenset(_KNOWN_ORGANISATIONS.split())
# Countries, and cities that everybody writes about.
KNOWN_PLACES = frozenset(" ".join(_KNOWN_PLACES.split()).split(", "))
# Capitalised words at the start of sentences and headings that name nothing.
NO_NAMES = frozenset(word for language in STOPWORDS.values() for word in language) | frozenset(_NO_NAMES.split())
