### The pages of links.

link-login = Back to the login

ask-title = Reset your password
ask-lead = Type the email of your account. We send a link by which you choose a password.
ask-email = Email
ask-send = Send the link
ask-no-email = Type your email
ask-bad-email = Type the whole email, such as olena@acme.example

first-title = First login
first-lead = We send a link to your mailbox. By it you choose your password.
first-email-hint = The one your company has registered for you.
first-word = Control word
first-word-hint = Your company gave it to all who are new. It is not your password.
first-no-word = Type the control word of your company
first-login = I have a password: log in
first-asked-lead = If this email belongs to an account and the control word is right, a mail is on its way.

asked-title = Check your mail
asked-lead = If this email belongs to an account, a mail is on its way.
asked-nothing = Nothing after five minutes?
asked-spam = Look among spam and in the quarantine of your company.
asked-check = Check that you typed the email you log in with.
asked-again = Ask again. The newest link counts, older ones stop working.
asked-ask = Ask again

choose-title = Choose a new password
choose-lead = When it is saved, everybody who is logged in to your account is logged out.
choose-first-title = Choose your password
choose-first-lead = Then you can log in.
choose-account = Account
choose-rule-length = At least { $shortest } characters. Three or four words that have nothing to do with each other are strong and easy to keep in mind.
choose-rule-context = Nothing with your name, your email or the company.
choose-rule-common = None that many people use, and not the one you have now.
choose-rule-common-first = None that many people use.
choose-new = New password
choose-factor = Your account has a second factor. It stays as it is when you choose a new password.
choose-factor-theirs = If it is not yours, call your administrator: they end it, and then you can go on here.
choose-repeat = The same once more
choose-show = Show
choose-hide = Hide
choose-save = Save the password
choose-not-asked = You did not ask for this? Then close this page: nothing has happened. The mail has a link by which you can tell us.
choose-missing = Type the new password
choose-again = Type the new password once more
choose-differs = This is not the same as the new password
choose-short = This password has { $length } characters. It needs at least { $shortest }.
choose-long = This password is too long. Choose one of at most 128 characters.
choose-common = This password is one of the most used ones. Attackers try it first; choose another.
choose-context = This password is little more than your name, your email or the company. Choose another.
choose-same = This is the password you have now. Choose another.

saved-title = Your password is saved
saved-text = From now on you log in with it, and with no other. We have told you by mail.
saved-login = Log in

expired-title = This link no longer works
expired-lead = Opening it has changed nothing.
expired-old = It may be too old. The mail says until when it worked.
expired-used = It may have been used already.
expired-newer = A newer mail may be in your mailbox. Only the newest link counts.
expired-whole = A part of it may be missing. Open it from the mail, or copy all of it.
expired-new = Get a new link
expired-ask = Were you invited? Your administrator can invite you again too.
expired-login = I know my password: log in

disown-title = This was not you?
disown-from = , from { $client }
disown-set = On { $when } an administrator set the password of your account.
disown-chosen = On { $when } a password was set for your account{ $client }.
disown-changed = On { $when } the password of your account was changed{ $client }.
disown-factor = On { $when } a second factor was added to your account{ $client }.
disown-unfactored = On { $when } the second factor of your account was removed{ $client }.
disown-codes = On { $when } backup codes of your account were used or made{ $client }.
disown-login = On { $when } somebody typed the right password of your account{ $client }.
disown-done-once = We told you of a login, or of a change of how you log in.
disown-if = If you press the button
disown-out = Everybody is logged out of your account, at once.
disown-held = Nobody can log in until you choose a new password. The link for it comes by mail.
disown-told = Your administrators are told.
disown-button = It was not me: protect my account
disown-was-you = Was it you? Then close this page. Nothing has happened.
disown-link-title = You did not ask for this?
disown-asked = Somebody typed your email on our page on { $when }{ $client }. Without the mail they can do nothing.
disown-asked-once = We sent you a link by mail. Without the mail nobody can do anything.
disown-invited = On { $when } an administrator invited you. Without the mail nobody can do anything.
disown-link-button = I did not ask: end the link
disown-link-stays = Your password stays as it is, and you stay logged in.
disown-link-first = Nothing else changes. If it was meant for you after all, your administrator can invite you again.
disown-invitation-title = You did not expect this?
disown-invitation-button = I did not expect it: end the link

disowned-title = Your account is protected
disowned-text = Everybody is logged out, and your administrators know.
disowned-now = What to do now
disowned-mail = Open the mail that we have just sent you and choose a new password.
disowned-elsewhere = Did you use the old password elsewhere? Change it there too.
disowned-nothing = No mail after five minutes? Ask your administrator. They see what happened.
disowned-link-title = The link has ended
disowned-link-text = Nobody can use it any more. Nothing else was changed.
