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
mail-password-set-next = The old password no longer works. If you did not expect this, ask the administrators before you use the new one.

mail-password-changed-subject = Your password was changed
mail-password-changed-lead = The password of your account { $account } was changed.

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

mail-test-subject = Test mail of { $site }
mail-test-lead = This mail was sent to try how { $site } sends mail. It has arrived, so everything works.
mail-test-sender = Mail account
mail-test-server = Server

mail-export-subject = The export { $file }
mail-export-lead = The export that you asked for is attached. It may hold data of people: keep it only as long as you need it.
mail-export-file = File
mail-export-rows = Rows
