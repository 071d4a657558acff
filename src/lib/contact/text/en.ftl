### The page of the contact form.

contact-title = Contact us
contact-lead = We answer by mail.
contact-name = Name
contact-email = Email
contact-company = Company
contact-phone = Phone
contact-free = if you like
contact-topic = Topic
contact-general = General
contact-support = Support
contact-sales = Sales
contact-partnership = Partnership
contact-security = Security
contact-feedback = Feedback
contact-other = Other
contact-subject = Subject
contact-message = Message
contact-message-hint = At least 10 characters. Never write a password here.
contact-trap = Leave this empty
contact-send = Send
contact-direct = Directly
contact-hours = Hours
contact-address = Address
contact-link = Also at

contact-no-name = Type your name
contact-no-email = Type your email, to which we answer
contact-bad-email = Type one whole email, such as olena@acme.example
contact-no-topic = Choose a topic
contact-no-subject = Type in a few words what it is about
contact-no-message = Type your message
contact-short = Write at least { $count } characters
contact-long = Shorten it to { $count } characters
contact-driving = Type it again in plain text, without copying: something in it cannot be shown
contact-again = Type this again
contact-quick = That was very quick. Nothing was sent yet: send it once more
contact-held = Too many messages came from your network. Nothing was sent: try again later

sent-title = Thank you, your message is here
sent-lead = We answer to the email that you gave.
sent-on = Go on
