"""Write the six sample documents in context_files/samples: one of each kind that can be read.

Run `python context_files/build_samples.py` from the project's root. Everything is about Marlow & Finch, an invented
maker of espresso machines in Leeds; its telephone number is from the range kept for fiction. The same run gives the
same bytes: dates inside the files are fixed.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
FIXED = datetime(2026, 3, 2, 9, 0, 0)
# Zip entries cannot be older than 1980.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

FAQ = """\
Marlow & Finch: questions we are asked most
===========================================

Marlow & Finch builds espresso machines and grinders in Leeds. This page gathers what customers ask before and shortly \
after they buy. It covers our three products: the Finch One, a single-boiler machine; the Finch Duo, a machine with \
two boilers; and the Finch Grinder. Where an answer differs between machines, both are named. If your question is not \
here, write to help@marlowfinch.example or ring 0113 496 0147. The support desk is open from 8:00 to 18:00 Monday to \
Friday and from 9:00 to 13:00 on Saturday, UK time.

Before you buy
--------------

Q: Which machine is right for me if I mostly drink espresso without milk?
A: The Finch One. It has one 0.3 litre brass boiler, costs £449 and is ready six minutes after you switch it on.

Q: What can the Finch Duo do that the Finch One cannot?
A: It brews and steams at the same time, because it has two boilers.
You can also set its brew temperature yourself, anywhere from 88 to 96 °C in steps of one degree. \
It costs £1,095.

Q: Do I need a grinder as well?
A: Yes, unless your roaster grinds for espresso on the day you buy. Ground coffee loses its crema within about two \
days. The Finch Grinder has 40 settings and costs £229.

Q: How much room does the Finch One take up?
A: It is 25 cm wide, 34 cm deep and 37 cm high. Leave 10 cm above it so that you can lift the water tank out.

Q: How heavy is the Finch Duo?
A: 17.5 kg without water. Two people should lift it out of its box.

Q: Can I see the machines before I order?
A: You can. Our showroom at 14 Canal Mills, Leeds, is open on Saturdays from 10:00 to 15:00, and no appointment is \
needed.

Q: Do you sell machines with a plug for other countries?
A: No. All machines leave us with a UK plug and are built for 220 to 240 volts.

Ordering and delivery
---------------------

Q: How long does delivery take?
A: Two to three working days in the UK and four to five working days in Ireland.

Q: What does delivery cost?
A: £5.90 in the UK and £12 in Ireland.
Orders over £75 are delivered free in the UK.

Q: Can I change the address after ordering?
A: Yes, until the parcel leaves us at 15:00 on the day of dispatch. Ring us with your order number; e-mails may be \
read too late.

Q: Which ways of paying do you accept?
A: Visa, Mastercard, bank transfer, and payment in three equal monthly parts without interest for orders over £300.

Q: Will I get an invoice with VAT shown?
A: Every order confirmation has a PDF invoice attached that shows 20 % VAT on its own line.

First days with the machine
---------------------------

Q: Why does my first espresso taste sour?
A: Most often the coffee is ground too coarse and runs through too fast.
Grind one setting finer until 36 g of espresso take between 25 and 30 seconds.
If it still tastes sour, let the machine warm up for five more minutes.

Q: How much coffee goes into the double basket?
A: 18 grams. Weigh it the first few times; a heaped basket touches the shower screen and leaks.

Q: Is it normal that the machine hums when I switch it on?
A: A short hum of up to ten seconds is the pump filling the boiler. A hum that goes on longer means that the tank is \
not seated properly.

Q: Can I use tap water?
A: Yes, if its hardness is below 150 ppm. Above that, use our filter cartridge or bottled water with little calcium.

Q: When does the machine switch itself off?
A: The Finch One after 45 minutes without use, the Finch Duo after 60 minutes.

Q: May I leave water in the tank overnight?
A: You may, but change it every morning. Water that stands for more than two days should be poured away.
"""

ABOUT_SUPPORT = """\
# How we talk to customers

This booklet collects conversations from our support desk. They were picked because each shows one habit that we
want everyone at the desk to have. Names of customers have been changed, and order numbers have been left out.

The desk is run by four people. Priya Nair leads it; Tom Ashby, Ellen Roe and Marek Dvorak take the calls, mails and
chats. On an ordinary weekday they handle about 60 contacts, of which 35 are chats. We promise a first reply to a
chat within two hours while the desk is open, and a reply to a mail by the end of the next working day. In 2025 the
median wait in chat was eleven minutes.

Three habits matter more than speed. The first is to ask which machine it is before giving advice, because the Finch
One and the Finch Duo behave differently in almost every respect that customers notice. The second is to give one
instruction at a time and to wait for the result. A customer who is standing in front of a hot machine cannot follow
a list of six steps. The third is to say what happens next and when: a repair that takes eight working days is
accepted gladly when the customer was told so on the first day.

We never guess about safety. When a customer reports a smell of burning, water under the machine or a shock, the
only correct first sentence is to ask them to unplug it. Everything else can wait.

We do not promise refunds in chat. The desk may promise a replacement part worth up to £40 without asking anyone;
beyond that, Priya decides on the same day.

# What we learned in 2025

Last year we read every conversation again and sorted it by its cause. A third of them, 34 %, came from grinding that
was too coarse or too fine. Another 22 % were about scale and the orange lamp, 15 % about deliveries, and 9 % about
milk. Real faults of a machine stood behind only 12 % of the contacts; the rest were questions about prices, courses
and the showroom.

Two changes followed from this. Since May every Finch Grinder leaves the workshop with a card that says "start at 12"
and shows what a shot of 15, 27 and 40 seconds tastes like. Contacts about grinding fell by a quarter in the six
months after. And since August a test strip for water hardness lies in every carton. Customers dip it, read the
colour, and know whether they need the filter cartridge, before any scale has formed.

We also learned that short answers are not always quick answers. A chat that was closed after two messages came back
within a week in 31 % of all cases; one in which the agent had asked at least one question came back in 13 %. Asking
takes a minute, and the second contact that it saves takes nine.

Finally, we looked at how customers describe a fault. Very few use the words of the manual. The group is "the bit
where the coffee comes out", the portafilter "the handle", and the shower screen has no name at all. Use the
customer's word first and put ours behind it, so that the next time both sides mean the same part.

# A repair from the first message to the parcel

Most repairs follow the same path, and customers are calmer when they hear it from us at the beginning. Take a real
case from October: a Finch One that no longer built up pressure.

The customer wrote on a Monday evening. Tom read the message on Tuesday at eight, asked for the serial number and for
a short film of the machine while the pump was running. The film came at noon. In it, the pump could be heard
clearly, while the gauge on the customer's blind basket stayed at 3 bar. That is the picture of a worn expansion
valve, so Tom wrote what he suspected, said that the repair would take eight working days, and booked a collection
for Thursday. The customer had thrown the carton away; he was sent a travel carton with foam, which arrived on
Wednesday.

The machine reached the workshop on Friday. Every machine that comes in is first photographed from all sides, then
weighed, because water left in a boiler adds to the weight and freezes in a cold van. On Monday Marek took it apart.
The valve was worn as expected, and a thin crust of scale covered the heating element. He measured the deposit, found
it to be within what water of 120 ppm leaves in two years, and therefore charged nothing: the machine was 20 months
old and its owner had descaled it on time.

After the new valve was in, the machine ran for two hours on the test bench. The bench counts 40 shots and writes
down pressure and temperature for each; no shot may be more than half a bar or one degree away from the set values.
The sheet goes into the carton. The parcel left on Wednesday, seven working days after the first message, and Tom
wrote one last time on the Friday to ask whether the coffee was good again.

Three details of this case are worth copying. Tom asked for a film and not for a description. He named the eight days
before the customer could ask. And he wrote again at the end, which costs a minute and is the part that customers
mention in their reviews.

# What we do not do

We do not argue about taste. Someone who likes a bitter espresso with 12 grams of coffee and 60 grams in the cup has a
machine that works, and the only useful answer is how to make that drink come out the same every morning.

We do not diagnose machines of other makers. It is kind to point to the maker's own desk, and it is risky to say
more, since a wrong piece of advice would be ours. The one exception is water: a hardness test is the same for every
machine, and we gladly send a strip.

We do not send parts that carry mains voltage to private addresses. Pumps, switches and heating elements are fitted
in Leeds or by one of the nine electricians on Priya's list. Gaskets, screens, baskets, tanks, wands, hoppers and
drip trays may be sent to anybody.

We do not close a conversation for the customer. When we believe that all is said, we ask, and we leave the chat open
for two days. One chat in seven gets a second question in that time, and nearly all of those would otherwise have
become a new contact with a new agent who knows nothing of the first.
"""

CHATS = (
    ("No water comes out", "Customer", "Agent", (
        "My Finch One hums but no water comes out of the group.",
        "I am sorry to hear that. Has the tank been taken out in the last day?",
        "Yes, I refilled it this morning.",
        "Then there is probably air in the line. Please open the steam valve, hold a cup under the wand and switch the "
        "pump on for 20 seconds.",
        "It spat a bit and now there is a steady stream. Thank you!",
        "Good. Close the valve and pull a blank shot before you brew. If it happens again, tell us, and we will send "
        "you a new tank valve free of charge.",
    )),
    ("A red lamp", "Customer", "Agent", (
        "There is a red light on my Finch Duo that does not go off.",
        "Is it on all the time, or does it blink?",
        "All the time.",
        "A steady red lamp means that the boiler became too hot. Please switch the machine off at the back and let it "
        "cool for 30 minutes.",
        "I did that, and it is white again. Do I need to worry?",
        "Not after one time. If it comes back within a week, we will collect the machine, because the thermostat may "
        "be worn.",
    )),
    ("Milk does not froth", "User", "Assistant", (
        "The milk gets hot but there is no foam. What am I doing wrong?",
        "Which milk are you using, and how cold is it?",
        "Oat milk from the cupboard.",
        "Cold milk froths much better. Put the carton in the fridge overnight and choose one that is sold for "
        "baristas; it has more protein or fat to hold the bubbles.",
        "And where do I hold the wand?",
        "Keep the tip just under the surface for the first five seconds, until the jug feels lukewarm, then sink it by "
        "two centimetres and let the milk roll until the jug is too hot to hold.",
    )),
    ("Order arrived damaged", "Customer", "Agent", (
        "My grinder arrived today and the hopper is cracked.",
        "That should not have happened. Could you send us one photo of the crack and one of the box?",
        "Sent both just now.",
        "Thank you, they are here. A new hopper leaves us today and will be with you in two working days. You need not "
        "send the cracked one back.",
        "Can I use the grinder in the meantime?",
        "Please do not. Splinters could fall into the burrs.",
    )),
    ("Descaling lamp stays on", "User", "Assistant", (
        "I descaled my machine but the orange lamp is still lit.",
        "Did the whole litre run through, including the rinse with clean water?",
        "I stopped after the descaler because it was late.",
        "The counter is only reset after the rinse. Fill the tank with one litre of fresh water, hold the brew button "
        "for five seconds and let all of it run through.",
        "The lamp went out. How long until the next time?",
        "The lamp comes on again after 300 shots or three months, whichever is earlier.",
    )),
    ("Choosing a grind setting", "User", "Assistant", (
        "Which setting should I start with on the Finch Grinder?",
        "Start at 12 for espresso. What are you brewing with?",
        "A Finch One with the double basket.",
        "Then put 18 grams in and watch the clock. At setting 12 most medium roasts need about 27 seconds.",
        "Mine took 19 seconds.",
        "Go two settings finer, to 10, and throw the first dose away, since some of the old grind is still in the "
        "chute.",
    )),
    ("Late refund", "Customer", "Agent", (
        "I sent my machine back three weeks ago and still have no money.",
        "I understand that this is annoying. May I have the date on the return label?",
        "The ninth of February.",
        "I can see that it reached us on the twelfth, and that the refund was held because the bank details were "
        "missing a digit. I have mailed you a form; once it is filled in, the money is with you in two working days.",
        "Done. Why did nobody write to me?",
        "Somebody should have. From now on a held refund is chased the same day, and I am sorry that you had to ask.",
    )),
    ("Moving abroad", "User", "Assistant", (
        "I am moving to Canada. Will my Finch Duo work there?",
        "Not from an ordinary socket. The machine needs 220 to 240 volts, and sockets there give 120.",
        "What about a transformer?",
        "It would have to carry 1,900 watts for an hour. Such transformers weigh about 15 kg, and we cannot give a "
        "warranty for that use.",
        "So I should sell it here?",
        "That is what most customers do. The rest of the warranty goes to the buyer if you pass the invoice on.",
    )),
)  # fmt: skip

MANUAL = """\
# 1 What is in the box

The carton holds the machine, a portafilter with a 58 mm basket holder, a single and a double basket, a tamper, a
brush, a blind disc for cleaning, a sachet of descaler and this booklet. Keep the carton and its two foam halves. If
the machine ever has to travel to our workshop, no other packing protects it as well, and damage in transit through
poor packing is not covered by the warranty.

Check the machine before you use it. Scratches or dents should be reported within five days of delivery, with a
photograph. The serial number begins with FO for the Finch One and with FD for the Finch Duo, and it stands on the
silver plate underneath the drip tray.

# 2 Installation

Place the machine on a level, dry surface that can bear its weight: 8.2 kg for the Finch One and 17.5 kg for the
Finch Duo. Leave a hand's breadth of 10 cm free above it and 5 cm behind it so that air can move. Do not put it
under a cupboard with a veneer that does not stand steam.

Rinse the water tank and fill it with fresh cold water. The tank of the Finch One holds 1.6 litres and that of the
Finch Duo 2.8 litres. Push the tank down until it clicks; a tank that is not seated keeps the pump from starting.
Plug the machine into an earthed socket of its own. Together with a kettle on the same extension lead it will trip
many household fuses, since the Finch Duo alone draws 1,900 watts and the Finch One 1,450 watts.

Switch the machine on. The white lamp blinks slowly while it heats and stays on when it is ready, after six minutes
with the Finch One and twelve minutes with the Finch Duo. Before the first coffee, run a full tank of water through
the group and the steam wand. This washes out what is left of the food-safe oil that we use in assembly.

# 3 Making espresso

Good espresso needs the same four things every time: fresh coffee, the right dose, the right grind and a warm
machine. We set up every machine at 9 bar and 93 °C, and we suggest 18 grams of ground coffee in the double basket,
36 grams in the cup and a time of 25 to 30 seconds, counted from the moment at which the pump starts.

Spread the coffee evenly in the basket and press it level with the tamper. How hard you press matters less than that
you press straight. Wipe the rim of the basket, lock the portafilter in until its handle points at you, and begin
within ten seconds, because the heat of the group dries out the coffee bed.

Change only one thing at a time. When the coffee runs too fast, grind finer. When it drips or does not come at all,
grind coarser. Only when the time is right should you change the dose, and then by no more than half a gram.

# 4 Daily and weekly care

After the last coffee of the day, fit the blind disc, run the pump for ten seconds and let the water go; do this
three times. Wipe the steam wand with a damp cloth straight after every use, and open its valve for two seconds so
that no milk is drawn back into the boiler. Empty the drip tray when the red float can be seen.

Once a week use half a teaspoon of cleaning powder on the blind disc and repeat the same rhythm, then rinse five
times with clear water. Take out the shower screen with the supplied key, brush it under the tap and put it back
finger-tight. The baskets may go into the dishwasher. The portafilter and the drip tray may not, because their
coating turns dull.

The rubber gasket in the group hardens with heat. Change it every twelve months, or sooner when water seeps past the
portafilter. A new gasket costs £6.50 and can be fitted with a small screwdriver in five minutes.

# 5 Water and descaling

Hard water is the most frequent cause of repairs. Water above 150 ppm of hardness leaves scale in the boiler, which
makes the machine slow to heat and in the end blocks its valves. Our filter cartridge sits in the tank, costs £12
and lasts for 60 litres or two months.

The orange lamp comes on after 300 shots or three months. Dissolve one 25 g sachet in one litre of water, pour it
into the tank and hold the brew button for five seconds. The programme takes 35 minutes, and it stops once so that
you can fill in clean water for the rinse. Do not use vinegar; it attacks the brass of the boiler and its smell
stays in the seals for weeks.

# 6 Steaming milk

Fill the jug to just below the beginning of its spout; 150 ml are right for one cappuccino. Turn the steam dial and
wait. The Finch One needs about 40 seconds to climb from brewing heat to steaming heat, while the second boiler of
the Finch Duo is always ready at 1.3 bar. Let the first, wet steam go into the drip tray before you put the wand into
the milk.

Milk foams between 5 and 40 °C and only becomes hotter after that, so all the air has to go in early. A sound like
paper being torn is right; a scream means that the tip is too deep. Stop at 60 to 65 °C, when you can touch the jug
for no longer than a second. Above 70 °C milk loses its sweetness and smells of eggs. Knock the jug on the table once
and swirl it until the surface shines.

# 7 Safety

The group, the steam wand and the cup rail become hotter than 90 °C. Keep children under eight away from the machine
and never leave it unwatched while it is steaming. Unplug it before you clean the outside, and never hold it under
running water. Do not open the casing: the boiler is under pressure, and two of the wires behind the front plate
carry mains voltage even when the switch is off.

If you smell burning, see water under the machine or feel a tingle when you touch it, pull the plug and ring us. The
machine must not be used again until our workshop has looked at it. A damaged cord may only be replaced by us or by
an electrician.

# 8 Warranty and repair

We guarantee parts and labour for two years from the date of delivery. Register the serial number within 60 days on
our web page and we add a third year at no cost. Gaskets, shower screens and grinder burrs wear out with use; they
are covered for six months. The warranty does not cover damage by scale when the descaling lamp was ignored, by
frost, or by parts that are not ours.

Repairs are done in our own workshop in Leeds, where we keep spare parts for at least ten years after a model is no
longer made. A repair takes eight working days on average from arrival to dispatch. Collection and return are free
under warranty. Outside the warranty we charge £35 for finding the fault, and we take that amount off the bill when
you have the machine repaired.
"""

MANUAL_QUESTIONS = (
    ("How do I know that the machine is hot enough?",
     "Wait until the white lamp stays on. For the first cup of the day, lock the empty portafilter in while the "
     "machine heats, so that the metal is warm as well."),
    ("How do I remove the water tank?",
     "Lift the lid, hold the tank by both grips and pull it straight up. A few drops from the valve are normal."),
    ("Why is there water in the drip tray after each shot?",
     "A valve lets the remaining pressure out of the group when the pump stops. About 20 ml of water run into the tray "
     "each time."),
    ("What does a fast blinking white lamp mean?",
     "The tank is empty or not seated. Fill it, push it down until it clicks, and press the brew button once."),
    ("What should I do when the red lamp blinks twice?",
     "The brew thermostat reports a fault. Switch the machine off, wait one minute and switch it on again. If the lamp "
     "blinks again, the machine has to come to the workshop."),
    ("Can I make two cups at once?",
     "Yes. Use the double basket and the spout with two openings; each cup then receives about 18 grams."),
    ("How do I prepare the machine for a holiday?",
     "Empty the tank and the tray, open the steam valve until no more steam comes, and unplug the machine. In an "
     "unheated house, ask us first how to drain the boiler, because frost bursts it."),
    ("Where can I recycle an old machine?",
     "Bring it to any collection point for electrical goods, or send it to us at your own cost; we take it apart and "
     "reuse the brass."),
)  # fmt: skip

KNOWLEDGE = (
    ("Grinder", "How many grams does the hopper of the Finch Grinder hold?", "300 g of whole beans."),
    ("Grinder", "What kind of burrs are in the grinder?", "Conical steel burrs, 48 mm in diameter."),
    ("Grinder", "How often should I clean the grinder?", "Brush out the chute every week, and take the upper burr out "
     "once a month."),
    ("Grinder", "When do the burrs need replacing?", "After about 300 kg of coffee, which is 15 to 20 years in a "
     "household."),
    ("Grinder", "Can I wash the hopper?", "Yes, by hand in lukewarm water. Dry it for a full day before you fill it."),
    ("Grinder", "Why does the grinder stop in the middle of a dose?", "A motor guard cuts out after 90 seconds of "
     "grinding.\nLet it rest for ten minutes, then grind in shorter runs."),
    ("Grinder", "Is the grinder suitable for filter coffee?", "Yes. Settings 28 to 36 are right for most paper "
     "filters."),
    ("Account", "How do I register my machine?", "Open \"My machines\" on our web page, type in the serial number "
     "and upload the invoice."),
    ("Account", "I forgot my password. What now?", "Choose \"Send me a link\" on the sign-in page; the link works for "
     "30 minutes."),
    ("Account", "Can two people share one account?", "Yes, up to three e-mail addresses can be added under "
     "\"Household\"."),
    ("Account", "How do I delete my account?", "Write to help@marlowfinch.example from the address of the account. We "
     "delete it within 14 days, except for invoices, which the law makes us keep for six years."),
    ("Spare parts", "How do I find the right gasket?", "All Finch machines use the same 8.5 mm gasket, part number "
     "MF-1085."),
    ("Spare parts", "Do you sell parts for machines that are no longer made?", "Yes, for at least ten years after the "
     "last one was built."),
    ("Spare parts", "Can I buy a bottomless portafilter?", "Yes: part number MF-2210, with a walnut handle, £58."),
    ("Spare parts", "Which cleaning powder do you recommend?", "Any powder made for espresso machines, without "
     "perfume. Ours is part number MF-3002 and lasts for 100 cleanings."),
    ("Spare parts", "Are the baskets of the Finch One and the Finch Duo the same?", "Yes, both take 58 mm baskets."),
    ("Settings", "How do I set the brew temperature of the Finch Duo?", "Hold \"+\" and \"-\" together for three "
     "seconds, change the figure with either, and wait; it is saved after five seconds."),
    ("Settings", "Can I change the time after which the machine switches off?", "On the Finch Duo yes: 30, 60 or 120 "
     "minutes. On the Finch One it is fixed."),
    ("Settings", "How do I switch the key tone off?", "Hold the steam button while you switch the machine on."),
    ("Settings", "Does the Finch Duo have a timer for the morning?", "No, but it may be used with a switching socket "
     "that is rated for 13 amperes."),
    ("Settings", "What is pre-infusion and how long does it last?", "The pump wets the coffee at low pressure before "
     "the full 9 bar are applied. It lasts four seconds on the Finch Duo; the Finch One has none."),
    ("Trade", "Do you offer discounts for cafés?", "From three machines on, 12 % off the list price."),
    ("Trade", "Is the Finch Duo allowed in an office?", "Yes, for up to 40 drinks a day. Beyond that, the warranty is "
     "cut to one year."),
    ("Trade", "Do you run training courses?", "Yes, on the first Thursday of every month in Leeds: three hours, £45, "
     "coffee included."),
    ("Trade", "Can I become a reseller?", "We sell through 27 shops in the UK and take on new ones in January.\nWrite "
     "to trade@marlowfinch.example, with photographs of the shop."),
)  # fmt: skip

RETURNS = (
    ("How long do I have to return a machine?", "30 days from the day on which it was delivered."),
    ("Do I have to give a reason for a return?", "No, but telling us helps us to do better."),
    ("Who pays for sending it back?", "We do within the UK: print the label from your account. From Ireland the return "
     "costs £12."),
    ("May the machine have been used?", "Yes, for up to ten coffees. If it comes back with coffee residue, we keep £15 "
     "for cleaning."),
    ("When will I get my money back?", "Within seven working days after the parcel has reached us."),
    ("Can I return opened descaler or cleaning powder?", "No. For reasons of hygiene, only unopened packs can be "
     "returned."),
    ("What if I lost the original carton?", "We sell a travel carton with foam for £18, and it is free if the return "
     "is our fault."),
    ("Can I exchange a Finch One for a Finch Duo?", "Yes, within 60 days. You pay the difference of £646 and we "
     "collect the old machine."),
    ("Does the warranty pass to a new owner?", "Yes, together with the invoice. The serial number has to be registered "
     "again."),
    ("What counts as proof of purchase?", "Our invoice, or the receipt of one of our 27 shops."),
    ("Is scale damage ever covered?", "Only if the hardness of your water was below 150 ppm; we measure the deposit."),
    ("How do I ask for a repair?", "Choose \"Repair\" in your account, describe the fault, and pick a day for the "
     "collection."),
    ("Can I have a machine on loan during a repair?", "Yes, for a deposit of £100, as long as one of our six loan "
     "machines is free."),
    ("Is a repair under guarantee as well?", "Yes. The repaired part is covered for 12 months, even when the machine's "
     "own warranty has ended."),
    ("What happens if a machine cannot be repaired?", "Under warranty you receive a new one of the same model. The "
     "warranty then continues; it does not start again."),
)  # fmt: skip

PRICES = (
    ("Product", "Part number", "Price incl. VAT", "VAT", "Valid from", "In stock"),
    ("Finch One", "MF-0001", 449, 0.2, date(2026, 1, 5), 212),
    ("Finch Duo", "MF-0002", 1095, 0.2, date(2026, 1, 5), 64),
    ("Finch Grinder", "MF-0003", 229, 0.2, date(2026, 2, 2), 158),
    ("Group gasket 8.5 mm", "MF-1085", 6.5, 0.2, date(2025, 9, 1), 1430),
    ("Water filter cartridge", "MF-1200", 12, 0.2, date(2025, 9, 1), 905),
    ("Bottomless portafilter", "MF-2210", 58, 0.2, date(2026, 2, 2), 41),
    ("Cleaning powder", "MF-3002", 14.9, 0.2, date(2025, 11, 17), 377),
    ("Travel carton with foam", "MF-4001", 18, 0.2, date(2025, 9, 1), 96),
)

# Title, bullets, speaker notes.
SLIDES = (
    ("Welcome to Marlow & Finch", ("Your first week at the support desk", "Leeds, spring 2026"),
     "Welcome everybody and let each person say which coffee they drink at home. Keep the introduction to ten minutes. "
     "Hand out the booklet of conversations before the break; the afternoon builds on it."),
    ("Who we are", ("Founded in 2013 by Ruth Marlow and Daniel Finch in a former cloth mill", "42 people, of whom 19 "
     "build machines", "About 9,000 machines left the workshop in 2025", "Every machine is tested with five litres of "
     "water before it is packed"),
     "Ruth still signs the test sheet of every hundredth machine. The number of 9,000 includes 2,100 grinders. People "
     "like to hear that the first machine, from 2013, still runs in the kitchen on the second floor."),
    ("What we make", ("Finch One: single boiler, for one or two drinks at a time", "Finch Duo: two boilers, for people "
     "who drink milk with their coffee", "Finch Grinder: conical burrs and 40 settings"),
     "Let everyone touch the machines. The difference between one boiler and two is easiest to feel: ask somebody to "
     "brew and steam at the same time with both. With the Finch One, they have to wait about 40 seconds between the "
     "two, since its boiler must climb from brewing heat to steaming heat."),
    ("The machines in figures", (), "The table is worth learning by heart. Eight of ten questions before a purchase "
     "are about size, weight or time to heat up."),
    ("How the desk works", ("Four people and about 60 contacts a day", "Chat: first reply within two hours", "Mail: "
     "reply by the end of the next working day", "Telephone: picked up within 90 seconds"),
     "Priya assigns the early shift at 7:45. Whoever has the early shift reads the mails of the night first and passes "
     "on anything about safety at once. Nobody takes chats and calls in the same hour, because both suffer."),
    ("Questions customers ask you in the showroom", "QA1", "Let the group guess first, then show the answers."),
    ("When something is unsafe", ("Burning smell, water below the machine, a tingle: unplug first", "Then write down "
     "the serial number", "Tell Priya within the hour", "Collection is always free in such a case"),
     "Tell the story of the machine from Hull whose cord had been chewed by a dog. The customer asked about the milk "
     "first and mentioned the tingle in the last sentence. We read the whole mail before we answer for this reason."),
    ("Questions about beans", "QA2", "We do not sell beans, and we do not recommend a single roaster. Say what to "
     "look for instead: a roasting date on the bag that is between one and five weeks old."),
    ("Your first week", ("Monday: workshop tour and how a machine is built", "Tuesday: take a Finch One apart",
     "Wednesday: listen in on calls", "Thursday: write answers that Ellen reads", "Friday: take your first chats"),
     "On Tuesday everyone takes a machine apart and puts it together again under the eyes of Marek. It takes most "
     "people three hours. Whoever has done this once never again tells a customer to 'just' change the pump."),
)  # fmt: skip

SLIDE_QUESTIONS = {
    "QA1": (
        ("Why is there no display on the Finch One?", "Lamps can be repaired for pennies and last longer than screens, "
         "so we kept them."),
        ("Is the machine made in Leeds or only put together there?", "The boilers are turned and brazed in Leeds; the "
         "pumps come from Italy and the casings from Sheffield."),
        ("How loud is the grinder?", "72 decibels at a distance of one metre, about as loud as a vacuum cleaner."),
    ),
    "QA2": (
        ("How should I store coffee beans?", "In the closed bag, at room temperature and away from light. The fridge "
         "makes them damp."),
        ("May I use beans with added flavour?", "Better not: their oils stick to the burrs and spoil the next kilo."),
    ),
}  # fmt: skip

FIGURES = (
    ("Machine", "Price", "Weight", "Tank", "Power", "Ready in"),
    ("Finch One", "£449", "8.2 kg", "1.6 l", "1,450 W", "6 minutes"),
    ("Finch Duo", "£1,095", "17.5 kg", "2.8 l", "1,900 W", "12 minutes"),
)


def build(folder: Path = SAMPLES) -> list[Path]:
    """Write all six files into the folder; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    builders = {
        "faq.txt": build_faq,
        "support_chats.docx": build_chats,
        "product_manual.pdf": build_manual,
        "knowledge_base.csv": build_knowledge,
        "returns_and_warranty.xlsx": build_returns,
        "onboarding_training.pptx": build_training,
    }
    for name, builder in builders.items():
        builder(folder / name)
    return [folder / name for name in builders]


def build_faq(path: Path) -> None:
    path.write_bytes(FAQ.encode())


def build_chats(path: Path) -> None:
    from docx import Document

    document = Document()
    document.core_properties.author = "Marlow & Finch"
    document.core_properties.created = document.core_properties.modified = FIXED
    document.add_heading("Conversations from the support desk", 0)
    for kind, text in sections(ABOUT_SUPPORT):
        if kind == "heading":
            document.add_heading(text, 1)
        else:
            document.add_paragraph(text)
    document.add_heading("Conversations", 1)
    for title, asker, helper, turns in CHATS:
        document.add_heading(title, 2)
        for number, turn in enumerate(turns):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{helper if number % 2 else asker}:").bold = True
            paragraph.add_run(f" {turn}")
    document.save(str(path))
    fix_dates(path)


def build_manual(path: Path) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    body, heading = styles["BodyText"], styles["Heading2"]
    body.fontSize, body.leading, body.spaceAfter = 11, 15, 6
    story = [Paragraph("Finch One and Finch Duo: owner's manual", styles["Title"])]
    for kind, text in sections(MANUAL):
        story.append(Paragraph(escape(text), heading if kind == "heading" else body))
    story += [PageBreak(), Paragraph("9 Questions and answers", heading)]
    for number, (question, answer) in enumerate(MANUAL_QUESTIONS, start=1):
        story += [Paragraph(f"{number}. {escape(question)}", body), Paragraph(escape(answer), body)]
    pages = SimpleDocTemplate(
        str(path), pagesize=A4, invariant=1, title="Finch One and Finch Duo: owner's manual", author="Marlow & Finch"
    )
    pages.build(story, onFirstPage=print_footer, onLaterPages=print_footer)


def print_footer(canvas: object, document: object) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(72, 36, f"Marlow & Finch - owner's manual - page {document.page}")


def build_knowledge(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "category", "question", "answer"))
        for number, (category, question, answer) in enumerate(KNOWLEDGE, start=101):
            writer.writerow((f"KB-{number}", category, question, answer))


def build_returns(path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    workbook = Workbook()
    questions = workbook.active
    questions.title = "Returns and warranty"
    questions.append(("Question", "Answer", "Last checked"))
    for number, (question, answer) in enumerate(RETURNS):
        questions.append((question, answer, date(2026, 2, 1 + number)))
    prices = workbook.create_sheet("Prices")
    for row in PRICES:
        prices.append(row)
    for price, vat in prices.iter_rows(min_row=2, min_col=3, max_col=4):
        price.number_format, vat.number_format = '"£"#,##0.00', "0%"
    for sheet in workbook:
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in "ABCDEF":
            sheet.column_dimensions[column].width = 60 if sheet is questions and column in "AB" else 22
    workbook.properties.creator = "Marlow & Finch"
    workbook.save(path)
    fix_dates(path)


def build_training(path: Path) -> None:
    from pptx import Presentation

    deck = Presentation()
    deck.core_properties.author = "Marlow & Finch"
    for number, (title, bullets, notes) in enumerate(SLIDES):
        table = title == "The machines in figures"
        slide = deck.slides.add_slide(deck.slide_layouts[0 if number == 0 else 5 if table else 1])
        slide.shapes.title.text = title
        if table:
            add_figures(slide)
        else:
            slide.placeholders[1].text_frame.text = "\n".join(slide_lines(bullets))
        slide.notes_slide.notes_text_frame.text = notes
    deck.save(str(path))
    fix_dates(path)


def slide_lines(bullets: str | tuple[str, ...]) -> list[str]:
    """The bullets, or "**Question**: ..." and "**Answer**: ..." lines for a slide of questions."""
    if isinstance(bullets, tuple):
        return list(bullets)
    pairs = SLIDE_QUESTIONS[bullets]
    return [line for question, answer in pairs for line in (f"**Question**: {question}", f"**Answer**: {answer}")]


def add_figures(slide: object) -> None:
    from pptx.util import Inches

    place = Inches(0.5), Inches(2), Inches(9), Inches(2)
    table = slide.shapes.add_table(len(FIGURES), len(FIGURES[0]), *place).table
    for row, values in enumerate(FIGURES):
        for column, value in enumerate(values):
            table.cell(row, column).text = value


def sections(text: str) -> Iterator[tuple[str, str]]:
    """("heading" or "paragraph", text) for each paragraph; the lines of one are joined."""
    for part in text.strip().split("\n\n"):
        joined = " ".join(part.split())
        yield ("heading", joined.removeprefix("# ")) if joined.startswith("# ") else ("paragraph", joined)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def fix_dates(path: Path) -> None:
    """Give every part of an office file, and its created and modified properties, a fixed date."""
    stamp = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


if __name__ == "__main__":
    build()
