"""
What means the same to somebody who asks, and what only belongs to one field; a line is a group.

A word may stand in several lines, and in any of its forms: stems are compared. One alone in a line
is only known, so that a slip is read as it, and it as no slip. `#price`, `#time`, `#duration` and
`#phone` are shown, not said.
"""

SAME = """
price cost fee charge rate tariff
#price price cost fee
#time hours
#phone phone telephone call
cheap cheaper cheapest
discount reduction
free gratis complimentary
deliver delivery ship shipment postage dispatch send sent
parcel package
refund reimburse
exchange swap replace replacement
broken damaged faulty defective smashed cracked ruined fail broke break shattered snapped chipped dented
brew steep infuse
track
closed shut
hours opening
pay payment paid payable spend
accept take
cash coins banknotes
staff employee team
noon midday lunchtime
weight weigh heavy
ingredient contain contents
milk dairy lactose
couponcode coupon voucher discount promo
arrive arrival deliver
ticket place seat spot
deposit prepayment upfront
social instagram facebook twitter tiktok youtube
subscription subscribe
reward loyalty points
privacy gdpr
stock carry
manual instructions
opened unsealed
unused unopened sealed
secure encrypted encryption
recycled recyclable
visit come
money cash
set box
buy bought
long longer
voucher giftcard
checkup examination check
receipt invoice
tax vat
cancel cancellation cancelation cancelling
phone telephone call ring
email mail
located address
parking car garage
station railway train
wheelchair accessible accessibility disabled access stepfree
lift elevator
toilet loo restroom washroom wc
dog puppy
child children kid
baby toddler infant
owner owns founder
job vacancy career
guarantee warranty guaranteed
repair fix mend
gift present
expire expiry valid validity expiration
wrap
big large
mug cup
photo picture image
organic bio
decaf decaffeinated caffeine
safe secure security safety
complaint complain unhappy dissatisfied
register join enrol registration
login signin
delete erase remove
password passcode
trial try test
wifi internet wlan
pool swimming
luggage baggage suitcase
smoke cigarette
emergency urgent
pain hurt painful
medicine medication
tomorrow express overnight
collect collection pickup fetch
borrow loan lend
rent hire rental
keep store storage
gram
web online
renew renewal extend
book reserve reservation
book appointment
crowded busy
quiet calm calmest
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
try taste sample
xmas christmas
mon monday
tue tuesday
wed wednesday
thu thur thursday
fri friday
sat saturday
sun sunday
euro eur currency
dollar usd currency
pound gbp currency
connect integrate integration compatible
nervous scared anxious fear worried
spreadsheet csv excel
automatic automatically recurring repeat
phone iphone android smartphone
website online site internet
cancel terminate unsubscribe quit
temperature degrees hot
info information details
uk britain england scotland wales
usa america
eu europe european
teaware teapot
physician doctor
extraction extract pulled removed removal
nervous terrified frightened scary phobia
cool aircon
bill invoice charge
"""

# Seeing one makes the other likelier, no more.
NEAR = """
deliver delivery ship post postage mail courier send dispatch carrier arrive parcel package
order parcel package delivery purchase basket
return refund exchange send
late delayed missing lost overdue
open close hours #time day weekday weekend
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
cancel change order mistake wrong
broken damaged arrive parcel
dislike return refund exchange
brew temperature bitter strong weak
evening night
location shop store branch
money refund pay charge
manager boss owner staff
unused return original box
privacy data personal store
account profile plan subscription
breakfast lunch dinner eat food restaurant meal
keep store hold storage
fine overdue late
course class workshop lesson event
country abroad europe eu uk usa ireland germany france spain italy austria sweden denmark norway finland
country abroad europe eu poland portugal greece switzerland belgium netherlands holland luxembourg hungary
country abroad usa canada australia japan china india brazil mexico korea singapore africa asia america
usa america boston chicago seattle houston california texas florida
germany berlin munich hamburg cologne frankfurt
france paris lyon marseille
spain madrid barcelona
italy rome milan
ireland dublin cork galway
uk london manchester edinburgh glasgow belfast cardiff
austria vienna
netherlands amsterdam rotterdam
plastic recycle recyclable sustainable eco environment compost cardboard packaging
server data hosting
app phone
#duration minute hour day week month year until
expire keep #duration
#time #duration open close day date until begin start
large small size
price #price pay expensive cheap free
discount code cheaper
software browser
"""
