"""
The tables behind `words`: what says nothing, what is one phrase, what means the same.

They hold how people ask shops, practices, hotels and services, in English; of German, French and
Spanish the words that carry no meaning. No word was put in for one site: a table that knows a
site's own words would only hide how the next site fares.

A word with `#` is no word but what a text shows: `#price` for "£3", `#time` for "9:30".
"""

from __future__ import annotations

# Words that say nothing of what is asked. Contractions stand without their apostrophe, as people type.
_ENGLISH = """
a about actually ah all also am an and another any anybody anyone anything are arent as at be because been before
being both but by bye can cant cannot could couldnt did didnt do does doesnt doing done dont each either else ever
every few for from get getting give go going gonna got gotta guys had has hasnt have havent having he hello help hey
here hi him his how hows however i id if ill im in into is isnt it its ive just know let lets like little lot made
make many may maybe me might mind more most much must my myself need needs no nor not now of off oh ok okay on
once one only or other our out over own per perhaps please pls possible put quite r really s same say see shall she
should so some somebody someone something somewhere somehow still such sure t tell than thank thanks that thats
the their them then there theres these they thing things think this those though to too try u um under until up upon
ur us use using very via want wanna wants was wasnt way we were what whats whatever which while whose will with
within without wont would wouldnt ya yes you youll your youre yours yourself
exactly normally usually currently generally anyhow anyway around along again already yet even ask asking question
wondering wonder like able allowed allow happen happens
"""
_GERMAN = """
aber alle als am an auch auf aus bei bin bis bitte da das dass dein dem den der des die dies diese dieser dir doch du
durch ein eine einem einen einer eines er es euch euer eure fur gibt habe haben habt ich ihr ihre ihnen im in ist
ja kann kannst konnen mein meine mich mir mit nach nicht noch nur ob oder ohne sein seid sich sie sind so uber um
und uns unser unsere vom von vor was welche welcher welches wenn wer wie wir wird wo zu zum zur
"""
_FRENCH = """
ai au aux avec avez ce ces cette chez combien comment dans de des du elle en est et etes faire il ils je la le les
leur lui mais me mes moi mon ne nos notre nous ou par pas peut peux pouvez puis que quel quelle quels
quelles qui se ses sont sur ta te tes toi ton tu un une vos votre vous y
"""
_SPANISH = """
al como con cual cuales de del donde el ella en eres es esta estan este esto hay la las lo los mi mis muy nos
o para pero por puede pueden puedo que quien se ser si sobre su sus te tengo tiene tienen tu un una unos y ya
"""
STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH}".split())

# What is said in several words and meant as one.
PHRASES = {
    said: meant
    for meant, several in {
        "#price": "wie viel|wieviel|was kostet|was kosten|combien coute|combien coutent|cuanto cuesta|cuanto cuestan"
        "|how much|how expensive|what does it cost|what do you charge|whats the price|what is the price",
        "#duration": "wie lange|combien de temps|cuanto tiempo|how long|how fast|how quickly|how soon",
        "#time open": "what time do you close|when do you close|what time do you shut|when do you shut|when are you closed"
        "|when do you open|what time do you open|when are you open",
        "number": "how many",
        "age": "how old",
        "frequency": "how often",
        "distance": "how far",
        "#time": "how late|how early|what time|what times|until when|till when|when|wann|um wie viel uhr|quand|a quelle heure|cuando|a que hora",
        "day": "what day|which day|what days|which days",
        "located": "where is|where are|wheres|where do i find|how do i get to|how do i get there|where can i find",
        "track": "where is my|wheres my|where has my|where my|where our|wheres the|whats happening with my",
        "": "find out|let me know|tell me|do you know|can you tell me|just wondering|looking for|interested in|make sure",
        "who": "whos",
        "owner": "in charge|the boss",
        "online": "on the internet|on the web|on your site|on the site|on your website|on the website",
        "kilogram": "kg|kilo|kilos",
        "refund": "money back|cash back",
        "return": "send back|sent back|give back|bring back|take back|sending back|bringing back|send it back"
        "|send something back|send them back|bring it back|bring something back|give it back|take it back",
        "faulty": "stopped working|not working|doesnt work|does not work|isnt working|wont work|in pieces|fell apart"
        "|wont turn on|doesnt turn on|wont start",
        "expire": "shelf life|best before|use by date|go off|goes off|out of date|run out",
        "giftcard": "gift card|gift cards|gift voucher|gift vouchers|gift certificate|gift certificates",
        "checkup": "check up|check ups",
        "hairdryer": "hair dryer",
        "contact": "get in touch|get hold of|talk to|speak to|speak with|talk with",
        "late": "hasnt arrived|has not arrived|not arrived|didnt arrive|never arrived|hasnt come|has not come"
        "|not come|never came|havent received|have not received|never received|hasnt turned up|didnt turn up",
        "missed": "dont turn up|dont show up|no show|didnt show up",
        "temperature": "how hot|how warm|how cold",
        "collect": "click and collect|pick up|pick it up|picking up|pick them up|pick something up",
        "login": "log in|logging in|sign in|signing in|log on",
        "register": "sign up|signing up|sign me up",
        "book": "make an appointment|make a booking|make a reservation",
        "job": "hiring|are you looking for staff",
        "wifi": "wi fi",
        "email": "e mail|e mails|emails|e mailed",
        "tomorrow": "next day|next working day",
        "aircon": "air conditioning|air con",
        "parking": "car park|car parks|parking lot|parking space|parking spaces",
        "card": "credit card|credit cards|debit card|debit cards",
        "#phone": "phone number|telephone number|mobile number|your number",
        "phone": "mobile phone",
        "holiday": "public holiday|public holidays|bank holiday|bank holidays",
        "website": "web site|home page",
        "ebook": "e book|e books",
        "reception": "front desk",
        "uk": "united kingdom|great britain",
        "usa": "united states|united states of america",
        "eu": "european union",
    }.items()
    for said in several.split("|")
}

# Words that mean the same to somebody who asks; a word may stand in several lines.
SAME = """
price prices pricing cost fee charge rate tariff
#price price cost fee
#time hours
#phone phone telephone call
cheap cheaper cheapest
discount reduction
free gratis complimentary
deliver delivery ship shipping shipment postage dispatch
parcel package
refund refunded reimburse
return returned
exchange swap replace replacement
broken damaged faulty defective smashed cracked ruined damage fail failed broke break
track tracking
closed closing shut close shuts
hours opening
holiday holidays
pay payment paying paid payable spend
accept take
cash coins banknotes
voucher giftcard
coupon voucher promo
checkup examination check
invoice bill billing
receipt invoice
tax vat
cancel cancellation cancelation cancelling
phone telephone call ring
email mail
located address
parking park
station railway train
wheelchair accessible accessibility disabled access
lift elevator
toilet loo restroom washroom wc
dog dogs puppy
child children kid kids
baby toddler infant
owner own owns founder
job jobs vacancy career
guarantee warranty guaranteed
repair fix mend
gift present
expire expiry valid validity expiration
wrap wrapping wrapped
big large
mug cup
photo picture image
organic bio
decaf decaffeinated caffeine
safe secure security safety
complaint complain complaints
register join enrol registration
login signin
delete erase remove
password passcode
trial try test
wifi internet wlan
pool swimming
luggage baggage suitcase suitcases
smoke smoking cigarette
emergency urgent
pain hurt hurts painful
medicine medication
tomorrow express overnight
collect collection pickup
borrow loan lend borrowing
rent hire rental
keep store storage
gram grams
web online
renew renewal extend
book booking reserve reservation
book appointment
crowded busy
quiet calm calmest
taste tasting
bike bicycle cycle
car vehicle
instalment installment
program programme
colour color
dinner supper
film movie dvd
pc computer laptop
programming api
app application
customer client
town city
abroad overseas international foreign
order purchase
mistake wrong error
pram buggy pushchair stroller wheelchair
business firm company
try taste tasting sample
xmas christmas
mon monday
tue tues tuesday
wed weds wednesday
thu thur thurs thursday
fri friday
sat saturday
sun sunday
euro eur currency
dollar usd currency
pound gbp currency
connect integrate integration compatible
nervous scared anxious afraid fear worried
spreadsheet csv excel
automatic automatically recurring repeat
phone iphone android smartphone
website online site internet
cancel terminate unsubscribe quit
missed miss
temperature degrees hot
info information details
loan lend
uk britain england scotland wales
usa america us
eu europe european
teaware teapot
physician doctor
"""

# Words of one field: seeing one makes the other likelier, no more.
NEAR = """
deliver delivery ship shipping post postage mail courier send dispatch carrier arrive parcel package
order parcel package delivery purchase basket
return refund exchange send
late delayed missing lost overdue
open opening close closed hours #time day weekday weekend
weekend saturday sunday
weekday monday tuesday wednesday thursday friday
monday tuesday wednesday thursday friday saturday sunday
holiday christmas easter december
pay card cash invoice paypal visa mastercard
customs duty import tax
contact reach call write phone email support help
located where street find lane bus station
bus train tram station railway
wheelchair step stairs level lift
dog cat pet animal
child baby family
staff team people work
allergy allergic allergen intolerance traces nuts gluten
vegan vegetarian
wholesale trade bulk reseller
delete cancel close stop remove end undo
account profile plan subscription
breakfast lunch dinner eat food restaurant meal
keep store hold storage
fine overdue late
course class workshop lesson event
country abroad europe eu uk usa ireland germany france spain italy austria sweden denmark norway finland
country abroad europe eu poland portugal greece switzerland belgium netherlands holland luxembourg hungary
country abroad usa canada australia japan china india brazil mexico korea singapore africa asia america
plastic recycle recyclable sustainable eco environment compost cardboard packaging
car parking garage
server data hosting
website internet online
app phone
#duration minute hour day week month year until
expire keep #duration
#time #duration open close day date until begin start
large small size
price #price pay expensive cheap free
discount code cheaper
software browser
"""

# They shape a question more than they tell its subject: asked and not found, they weigh little.
LIGHT_WORDS = frozenset(
    """
    accept take bring find leave come put buy purchase sell offer provide work look show start stop visit keep
    hold receive pick choose old new good best better nice great cheap kind sort type name people person place
    somebody day days time times today tonight now soon long number way part side work works available possible
    stuff item items product products thing who where why #price #time #duration day hour long turn support guy somewhere late early
    """.split()
)
