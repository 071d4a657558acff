### What mails say.

mail-hello = Hello { $name },
mail-hello-nobody = Hello,
mail-footer-secrets = We never ask for your password by mail or by phone.
mail-footer-site = { $site }, { $host }
mail-when = When
mail-since = Since
mail-not-you = Was this not you? Tell the administrators of { $site } at once.

mail-password-set-subject = Your password was set by an administrator
mail-password-set-lead = An administrator of { $site } set a new password for your account { $account }.
mail-password-set-first-lead = An administrator of { $site } set a password for your account { $account }, which had none.
mail-password-set-first-next = If you did not expect this, ask the administrators before you use it.
mail-password-set-next = The old password no longer works. If you did not expect this, ask the administrators before you use the new one.

mail-password-changed-subject = Your password was changed
mail-password-changed-lead = The password of your account { $account } was changed.

mail-password-first-subject = Your password is set
mail-password-first-lead = A password was set for your account { $account }, which had none.

mail-email-changed-old-subject = Your email address was changed
mail-email-changed-old-lead = Your account at { $site } has another email address now. From now on its mails go there.
mail-email-changed-new-subject = This is now the email address of your account
mail-email-changed-new-lead = Your account at { $site } has this email address now. Use it to log in.
mail-email-old = Old address
mail-email-new = New address

mail-staff-given-subject = You are staff now
mail-staff-given-lead = Your account { $account } was made staff of { $site }. It may now be allowed to administer.
mail-superuser-given-subject = You are a superuser now
mail-superuser-given-lead = Your account { $account } was made a superuser of { $site }. It may now do everything.
mail-given-next = If you did not expect this, tell the administrators: it may be a mistake.

mail-account-ending-subject = Your account ends on { $day }
mail-account-ending-lead = Your account { $account } at { $site } is about to end.
mail-account-ending-day = Last day
mail-account-ending-next = Until then nothing changes; afterwards you can no longer log in. If you still need the account, ask an administrator to extend it.

mail-run-held-subject = A run is held until you decide
mail-run-held-lead = A run would have taken more from people than the brake lets through, so nothing of it was applied.
mail-run-held-run = Run
mail-run-held-source = Source
mail-run-held-people = Losing access
mail-run-held-look = Look at it first:
mail-run-held-decide = Then apply it, or discard it:

mail-account-rests-subject = Mail account { $sender } sends nothing
mail-account-rests-lead = A mail account has failed for more than 15 minutes. It rests and is tried again by itself; mails wait for it meanwhile.
mail-account-rests-next = See at which step it fails, and what to do:

mail-mails-wait-subject = Mails have waited for more than an hour
mail-mails-wait-lead = Mails should leave within minutes, and some have waited for more than an hour.
mail-mails-wait-mails = Mails
mail-mails-wait-next = See what keeps them:

mail-mails-unmade-subject = Mails could not be made
mail-mails-unmade-lead = Some mails could not be made when they were to leave, so they have failed, and nobody got them.
mail-mails-unmade-last = Last one
mail-mails-unmade-next = See why; once that is mended, have them sent with secboard mail outbox retry, but give mail send and exports again: what those said is gone.

mail-directory-fails-subject = A directory has not been followed for a day
mail-directory-fails-lead = Every sync with a directory has failed for more than a day. Who is new there cannot log in yet, and who is gone there still can by what was known.
mail-directory-fails-connection = Connection
mail-directory-fails-next = See at which step it ends, and what to do:

mail-certificate-ends-subject = The certificate of a directory is about to end
mail-certificate-ends-lead = The certificate of a server of a directory is about to end. After that nobody of the directory logs in through it.
mail-certificate-ends-server = Server
mail-certificate-ends-until = Valid until
mail-certificate-ends-next = Have it made again before that; then see whether all is well:

mail-site-certificate-ends-subject = The certificate of the site is about to end
mail-site-certificate-ends-lead = The certificate by which browsers know the site is about to end. After that they warn everybody of it.
mail-site-certificate-ends-file = File
mail-site-certificate-ends-next = Put a new one in its place before that: it is taken within a second. What is there now is told by:

mail-test-subject = Test mail of { $site }
mail-test-lead = This mail was sent to try how { $site } sends mail. It has arrived, so everything works.
mail-test-sender = Mail account
mail-test-server = Server

mail-export-subject = The export { $file }
mail-export-lead = The export that you asked for is attached. It may hold data of people: keep it only as long as you need it.
mail-export-file = File
mail-export-rows = Rows

mail-client = From address
mail-more = More times
mail-asked = Asked for
mail-until = Link works until
mail-or-copy = Or copy this address into your browser:
mail-not-me = This was not you? Tell us. The page that opens says what will happen and asks once more:

mail-password-set-not-me = This cannot be right? Tell us. The page that opens says what will happen and asks once more:

mail-password-reset-subject = Choose a new password
mail-password-reset-lead = Somebody asked for a new password for your account { $account }. If it was you, choose it here:
mail-password-reset-protection = You told us that somebody else had been in your account { $account }. Everybody was logged out. Choose a new password here, and you can log in again:
mail-password-reset-protection-factor = You told us that somebody else had been in your account { $account }. Everybody was logged out. On { $factor } a second factor was added to it, which this link does not remove.
mail-password-reset-factor = Is the second factor not yours? Then call your administrator first: they end it, and until then a code would be asked for that only somebody else has. Is it yours? Then choose a new password here at once:
mail-password-reset-button = Choose a password
mail-password-reset-stays = Until you choose a new one, your password stays as it is.
mail-password-reset-held = Until then nobody can log in, not even with the old password. If the link has run out, ask for another on the page of the login.
mail-password-reset-not-you = This was not you? Then you need not do anything. You can also end the link:

mail-password-elsewhere-subject = Your password is kept by your company
mail-password-elsewhere-lead = Somebody asked for a new password for your account { $account } at { $site }. You log in here with the password of your computer at work, so it cannot be changed here.
mail-password-elsewhere-next = Change it where you change the password of your computer, or ask the service desk of your company. If it was not you who asked, you need not do anything.

mail-first-login-subject = Your first login
mail-first-login-lead = Welcome. Choose the password of your account { $account } at { $site } here, and you can log in:
mail-first-login-button = Choose a password
mail-first-login-not-you = This was not you? Then you need not do anything. You can also end the link:

mail-invitation-subject = Welcome to { $site }
mail-invitation-lead = An administrator has made the account { $account } for you at { $site }. Choose a password, and you can begin:
mail-invitation-button = Choose a password
mail-invited = Invited
mail-invited-by = By
mail-invited-by-whom = an administrator of { $site }
mail-invitation-old = Is the link too old? Its page sends you a new one, and so does the administrator when you ask. Only the newest one works.
mail-invitation-not-expected = You did not expect this mail? Tell us, and the link stops working:

mail-disowned-subject = Somebody says that it was not them
mail-disowned-lead = Somebody told { $site } that what was done to their account was not them. Perhaps somebody else knows their password.
mail-disowned-account = Account
mail-disowned-done = Everybody was logged out of the account, its links were ended, and nobody can log in until a new password was chosen by a mail to its address.
mail-disowned-factor = On { $factor } a second factor was added to the account, perhaps by somebody else: then its owner cannot choose a password. If it is not theirs, end it before anything else:
mail-disowned-look = See what was done with it, and talk to them:

mail-factor-added-subject = A second factor was added to your account
mail-factor-added-lead = Your account { $account } at { $site } asks for a code of an authenticator app after the password from now on.
mail-factor-removed-subject = The second factor of your account was removed
mail-factor-removed-lead = Your account { $account } at { $site } asks for nothing beside the password from now on.
mail-factor-reset-subject = An administrator reset your second factor
mail-factor-reset-lead = An administrator of { $site } reset the second factor of your account { $account }.
mail-factor-reset-ended = What you had set up, an app and backup codes, no longer works for it.
mail-factor-reset-none = None had been set up.
mail-factor-reset-out = You were logged out.
mail-factor-reset-next = At your next login you set up another one.
mail-factor-reset-until = To be set up until
mail-factor-reset-not-me = You did not ask for this? Tell us. The page that opens says what will happen and asks once more:
mail-backup-code-used-subject = A backup code was used for your account
mail-backup-code-used-lead = A backup code was typed in the place of a code of the app, for your account { $account }.
mail-backup-code-used-left = Codes left
mail-backup-code-used-low = Few are left. Make new ones on your personal page, while you can still log in.
mail-backup-codes-made-subject = You have new backup codes
mail-backup-codes-made-lead = New backup codes were made for your account { $account }. The old ones no longer work.
mail-factor-unfinished-subject = Somebody knows your password
mail-factor-unfinished-lead = The right password was typed for your account { $account }, and no code followed it. Nobody got in.
mail-factor-unfinished-next = If it was you, you need not do anything. If it was not, somebody else knows your password.
mail-new-browser-subject = A new browser was used for your account
mail-new-browser-lead = Somebody logged in to your account { $account } with a browser that was not used for it before.
mail-browser = Browser

mail-contact-subject = Contact: { $subject }
mail-contact-lead = Somebody wrote by the contact form of { $site }. Who they are, nobody has checked.
mail-contact-topic = Topic
mail-contact-topic-word = { $topic ->
    [support] Support
    [sales] Sales
    [partnership] Partnership
    [security] Security
    [feedback] Feedback
    [general] General
   *[other] Other
}
mail-contact-name = Name
mail-contact-email = Email
mail-contact-phone = Phone
mail-contact-company = Company
mail-contact-answer = Your answer to this mail goes to the address that they gave. The message is kept, and is closed where it can be read again:
