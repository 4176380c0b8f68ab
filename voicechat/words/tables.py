"""
What says nothing in a question, what is said in several words and means one, what says little.

They hold how people ask shops, practices, hotels and services, in English; of German, French and
Spanish the words that carry no meaning. No word was put in for one site: a table that knows a
site's own words would only hide how the next site fares.

A word with `#` is no word but what a text shows: `#price` for "£3", `#time` for "9:30".
"""

from __future__ import annotations

# Contractions stand without their apostrophe, as people type.
_ENGLISH = """
a about actually ah all also am an and another any anybody anyone anything are arent as at be because been
before being both but by bye can cant cannot could couldnt did didnt do does doesnt doing done dont each
either else ever every few for from get getting give go going gonna got gotta guys had has hasnt have havent
having he hello help hey here hi him his how hows however i id if ill im in into is isnt it its ive just
know let lets like little lot made make many may maybe me might mind more most much must my myself need
needs no nor not now of off oh ok okay on once one only or other our out over own per perhaps please pls
possible put quite r really s same say see shall she should so some somebody someone something somewhere
somehow still such sure t tell than thank thanks that thats the their them then there theres these they
thing things think this those though to too u um under until up upon ur us use using very via want wanna
wants was wasnt way we were what whats whatever which while whose will with within without wont would
wouldnt ya yes you youll your youre yours yourself exactly normally usually currently generally anyhow
anyway around along again already yet even ask asking question wondering wonder able allowed allow happen
happens whether wether whom her hers himself herself seem seems seemed honest honestly love loved
sorry excuse bother bothering hope hoping wish wished afraid suppose supposed grateful appreciate thankful
kindly dear alright roughly basically literally simply absolutely terribly awfully totally completely
definitely probably uhm er hmm oops wow lol bit moment chance case idea wonderful lovely told said
heard guess mean means meant bits quick exact straight certainly necessarily especially
anyways otherwise besides since unfortunately luckily recently finally
"""
_GERMAN = """
aber alle als am an auch auf aus bei bin bis bitte da das dass dein dem den der des die dies diese dieser
dir doch du durch ein eine einem einen einer eines er es euch euer eure fur gibt habe haben habt ich ihr
ihre ihnen im in ist ja kann kannst konnen mein meine mich mir mit nach nicht noch nur ob oder ohne sein
seid sich sie sind so uber um und uns unser unsere vom von vor was welche welcher welches wenn wer wie wir
wird wo zu zum zur
"""
_FRENCH = """
ai au aux avec avez ce ces cette chez combien comment dans de des du elle en est et etes faire il ils je la
le les leur lui mais me mes moi mon ne nos notre nous ou par pas peut peux pouvez puis que quel quelle quels
quelles qui se ses sont sur ta te tes toi ton tu un une vos votre vous y
"""
_SPANISH = """
al como con cual cuales de del donde el ella en eres es esta estan este esto hay la las lo los mi mis muy
nos o para pero por puede pueden puedo que quien se ser si sobre su sus te tengo tiene tienen tu un una unos
y ya
"""
STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH}".split())

# What is said in several words; "": it says nothing.
PHRASES = {
    said: meant
    for meant, several in {
        "#price": "wie viel|wieviel|was kostet|was kosten|combien coute|combien coutent|cuanto cuesta"
        "|cuanto cuestan|how much|how expensive|what does it cost|what do you charge|whats the price"
        "|set me back|what would it come to|what does it come to|what will i pay|what do i pay"
        "|what is the price",
        "#duration": "wie lange|combien de temps|cuanto tiempo|how long|how fast|how quickly|how soon"
        "|how quick|how many days|how many weeks|how many minutes|how many hours",
        "#time open": "what time do you close|when do you close|what time do you shut|when do you shut"
        "|when are you closed",
        "number": "how many",
        "age": "how old",
        "frequency": "how often",
        "distance": "how far",
        "#time": "how late|how early|what time|what times|until when|till when|when|wann|um wie viel uhr"
        "|quand|a quelle heure|cuando|a que hora",
        "day": "what days|which days",
        "located": "where is|where are|wheres|where do i find|how do i get to|how do i get there"
        "|where can i find|whereabouts|where exactly",
        "track": "where is my|wheres my|where has my|where my|where our|wheres the|whats happening with my",
        "": "all right|as well|right now|right away|straight away|straightaway|at all|sort of|kind of"
        "|trying to|planning to|thinking of|thinking about|intend to|used to|a friend|my friend"
        "|friend of mine|would be great|would be nice|long story short|the thing is|in advance|for example"
        "|pardon me|btw|dear sir|dear madam|sir or madam|dear team|kind regards|best regards|be happy to"
        "|happy to know|curious if|curious whether|turns out|end up|ends up|ended up|being kept"
        "|keep in mind|come up with|im looking at|is it true that|good morning|good afternoon|good evening"
        "|good day|guten tag|guten morgen|guten abend|buenos dias|buenas tardes|find out|looking for"
        "|interested in",
        "who": "whos",
        "owner": "in charge|the boss",
        "online": "on the internet|on the web|on your site|on the site|on your website|on the website",
        "kilogram": "kg|kilo|kilos",
        "refund": "money back|cash back",
        "return": "sending it back|sending them back|giving it back|send back|sent back|give back"
        "|bring back|take back|sending back|bringing back|send it back|send something back|send them back"
        "|bring it back|bring something back|give it back|take it back",
        "faulty": "stopped working|not working|doesnt work|does not work|isnt working|wont work|in pieces"
        "|fell apart|wont turn on|doesnt turn on|wont start|in bits|to bits|came off|fell off|broken off",
        "dislike": "dont like|do not like|didnt like|did not like|doesnt like|not for me|not my thing",
        "keep": "hang on to|hold on to|hold onto|hang onto",
        "extra": "on top of that",
        "expire": "shelf life|best before|use by date|go off|goes off|out of date|run out",
        "giftcard": "gift card|gift cards|gift voucher|gift vouchers|gift certificate|gift certificates",
        "decaf": "caffeine free|decaffeinated|without caffeine|no caffeine",
        "discount": "money off|percent off|per cent off",
        "couponcode": "promo code|promo codes|promotion code|discount code|discount codes|coupon code"
        "|voucher code",
        "bulk": "large order|large orders|big order|large quantities|large quantity",
        "deliver": "gets here|get here|reach me|get to me|gets to me",
        "reserve": "put aside|set aside|keep aside",
        "pay": "payment methods|payment method|payment options|ways to pay|means of payment",
        "receipt": "proof of purchase",
        "soldout": "sold out|out of stock",
        "instructions": "how do i use|how to use",
        "eco": "eco friendly|environmentally friendly|environment friendly",
        "valid": "good for",
        "stepfree": "step free|barrier free|wheelchair accessible|wheelchair access|disabled access",
        "lost": "cant find|cannot find",
        "unhappy": "not happy|not satisfied|not pleased",
        "shop": "your store|the store",
        "checkup": "check up|check ups",
        "hairdryer": "hair dryer",
        "contact": "customer service|customer support|help line|hotline|get in touch|get hold of|talk to"
        "|speak to|speak with|talk with",
        "late": "hasnt arrived|not arrived|didnt arrive|never arrived|hasnt come|has not come|not come"
        "|never came|havent received|have not received|never received|hasnt turned up|didnt turn up",
        "missed": "dont turn up|dont show up|no show|didnt show up|never turn up|never show up|not show up"
        "|not turn up|fail to show up|cant make it|forget to come",
        "temperature": "how hot|how warm|how cold",
        "collect": "click and collect|pick up|pick it up|picking up|pick them up|pick something up",
        "login": "log in|logging in|sign in|signing in|log on",
        "register": "sign up|signing up|sign me up|become a member|become a patient|become a customer",
        "book": "make an appointment|make a booking|make a reservation",
        "job": "hiring|are you looking for staff",
        "wifi": "wi fi",
        "email": "email address|email adress|e mail address|e mail adress|mail address|e mail|e mails"
        "|emails|e mailed",
        "tomorrow": "next day|next working day",
        "aircon": "air conditioning|air con|cool down|cooling",
        "parking": "car park|car parks|parking space|parking spaces",
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

# They shape a question more than they tell its subject: asked and not found, they weigh little.
LIGHT_WORDS = frozenset(
    """
    accept take bring find leave come put buy purchase sell offer provide work look show start stop visit
    keep hold receive pick choose old new good best better nice great cheap kind sort type name people
    person place somebody nearby close policy option conditions rule anymore
    possibility advice day time today tonight soon long number way part side available
    stuff item product who where why #price #time #duration hour turn support
    guy late early mum mother dad father sister brother son daughter wife husband friend
    grandma grandad granddad grandmother grandfather partner girl boy man woman lady lot coming bought
    fancy thinking planning advise idea tried trying
    """.split()
)
