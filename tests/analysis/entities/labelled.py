# ruff: noqa: E501 - a sentence is a line
"""Sentences with their entities marked by hand as [kind:text], and relations as (subject, predicate, object).

Written before the rules were run on them, as documents would say it; what stands unmarked is nobody's and nothing.
KEPT_BACK was not looked at while the rules were written.
"""

from __future__ import annotations

WORKED_ON = """
The pump [product:Harbour 200] weighs [quantity:12.5 kg] and moves [quantity:90 litres per minute].
[person:Maria Lopez] founded [organisation:Acme Robotics Inc.] in [place:Berlin] in [date:2014].
On [date:5 March 2024] the [organisation:University of Oslo] signed a contract with [organisation:Siemens] worth [money:$2.5 million].
[place:Paris] is the capital of [place:France].
Dr. [person:Anna Weber] works for the [organisation:Ministry of Finance] in [place:Vienna] since [date:2019].
The meeting starts at [time:14:30] on [date:March 3rd, 2025], see Table 3 on page 12.
About [percent:45%] of the customers come from [place:Germany] and [percent:7.5 percent] from [place:Austria].
Press the green button. Wait until the lamp stops blinking, then close the lid.
The [product:XR-500] replaced the [product:XR-450] after [quantity:three years].
[organisation:Google] opened an office in [place:Zurich] with [quantity:5,000 employees].
How do I reset the device? Hold the power button for [quantity:10 seconds].
The battery lasts [quantity:18 hours] at [quantity:20 °C] and costs [money:€ 89.90].
Chapter 4 describes how May 5 users may share one licence.
The lake lies between [place:Switzerland] and [place:Italy]; it is [quantity:212 km²] large.
Payment is due by [date:31.12.2025], else a fee of [money:15 euros] is added.
"""

KEPT_BACK = """
The museum was opened by [person:Karl Schmidt] on [date:12 June 1998].
[organisation:Nordlicht GmbH] delivers its filters to [organisation:Volkswagen] in [place:Hanover].
The [product:Falcon 9] rocket stands [quantity:70 m] tall and lifts [quantity:22,800 kg].
Rent rose by [percent:3.2%] to [money:1,250 EUR] between [date:2020] and [date:2023].
Mrs. [person:Emily Carter], who studied at [organisation:Stanford University], joined the board in [date:April 2021].
Store the vaccine at [quantity:-70 °C]; it keeps for [quantity:six months].
Ask your pharmacist before you take this medicine with alcohol.
The river flows from [place:Lake Constance] through [place:Cologne] into the [place:North Sea].
In [date:1969] [person:Neil Armstrong] walked on the moon for [organisation:NASA].
The [organisation:European Central Bank] raised its rate to [percent:4.5 %] on [date:2023-09-14].
Customers of [organisation:Blue Ocean Airlines] may carry one bag of up to [quantity:8 kg].
The train leaves [place:Lyon] at [time:7:45 am] and reaches [place:Marseille] at [time:9:30 am].
[person:Thomas Müller] lives in [place:Munich] and works for [organisation:BMW].
Step 2: Turn the [product:Model X-7] off and remove both screws (size M4).
The warranty of the [product:ThermoMax 3000] ends after [quantity:24 months] or [quantity:2,000 hours].
Sales in [place:Japan] grew to [money:¥300 million], those in [place:Brazil] fell by [percent:12 percent].
Question 3: What is the purpose of the Annual Report?
[person:Sarah Jones] was elected mayor of [place:Bristol] on [date:May 4, 2016].
The [organisation:World Health Organization] was founded in [date:1948] and is based in [place:Geneva].
Bring [quantity:250 ml] of milk to the boil, add [quantity:40 g] of sugar and stir for [quantity:5 minutes].
Section 12 of the Tenancy Act applies when Monday is a public holiday.
The [organisation:City Council] of [place:Leeds] bought [quantity:30 km] of land strip from [organisation:Harper & Sons Ltd.].
Version 2.4 was released on [date:03.02.2022]; it needs [quantity:8 GB] of memory.
[person:Fatima Khan] wrote the first report about [place:Lake Victoria] in [date:1987].
Our office closes at [time:17:00]; on Fridays we leave early.
The bridge, built in [date:1932], crosses [place:Sydney] Harbour.
"""

# Relations of the sentences above: subject, a word of the predicate, object.
RELATIONS_WORKED_ON = [
    ("Harbour 200", "weighs", "12.5 kg"), ("Maria Lopez", "founded", "Acme Robotics Inc"),
    ("University of Oslo", "signed", "Siemens"), ("Paris", "capital", "France"), ("Anna Weber", "works", "Ministry of Finance"),
    ("XR-500", "replaced", "XR-450"), ("Google", "opened", "Zurich"),
]  # fmt: skip
RELATIONS_KEPT_BACK = [
    ("Nordlicht GmbH", "delivers", "Volkswagen"), ("Falcon 9", "stands", "70 m"), ("Emily Carter", "studied", "Stanford University"),
    ("Thomas Müller", "lives", "Munich"), ("Sarah Jones", "elected", "Bristol"), ("World Health Organization", "founded", "1948"),
    ("ThermoMax 3000", "ends", "24 months"), ("Fatima Khan", "wrote", "Lake Victoria"),
]  # fmt: skip
