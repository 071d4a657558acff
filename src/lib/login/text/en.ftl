### Logging in and out, one's own password, where one is logged in.

logout = Log out

login-title = Log in
login-out = You were logged out
login-out-text = Your login in this browser has ended: it was not used for a while, or it was ended from elsewhere, or the password or the account was changed.
login-email = Email
login-password = Password
login-forgotten = Forgot password?
login-first = Here for the first time? First login
login-no-email = Type your email
login-no-password = Type your password
login-wrong = The email or the password is not right
login-check = Check the email and the password
login-expired = Your password is right, and is too old. Change it where you log in to your computer, and come back
login-to-change = Your password is right, and has to be changed before you use it. Change it where you log in to your computer, and come back
login-away = The directory that knows your password does not answer. Try again later
password-elsewhere = Your password is that of your computer, and is changed there
login-held = Too many tries from your network. Try again in a few minutes
login-rests = After a wrong try wait some seconds before the next: what comes sooner is not taken. After many the login rests for a while.

again-title = Confirm that it is you
again-lead = You are about to change how you log in. Please type your password once more.
again-lead-code = You are about to change how you log in. Please type a code of your authenticator app.
again-by-code = Type a code of your app instead
again-by-password = Type your password instead
again-go-on = Continue
again-back = Back without changing anything

code-title = Enter your code
code-lead = Open your authenticator app and type the code it shows for { $site }.
code-label = 6-digit code
code-hint = For example 123 456. Blanks do not matter.
code-backup-title = Use a backup code
code-backup-lead = You saved ten of them when you set up your authenticator app. Each works once.
code-backup-label = Backup code
code-backup-hint = For example 7K3M-9QXT-2VBD-8HRW. Capitals and dashes do not matter.
code-any-label = 6-digit code or backup code
code-any-hint = For example 123 456, or 7K3M-9QXT-2VBD-8HRW.
code-use-backup = Use a backup code instead
code-use-app = Use the authenticator app instead
code-lost = I have lost my phone and my codes
code-lost-next = Ask your administrator. They can remove the second factor after they have made sure that it is you. Nobody can do this by mail.
code-clock = Is the clock of your phone right? Codes are made from the time. Set it to automatic.
code-none = Type the code
code-bad = This is no code: it has 6 digits, a backup code 16 letters and digits
code-wrong = The code is not right
code-wrong-next = Wait for the next code, then type that one
code-next-step = Three were wrong. Wait for the next code, then type that one
code-held = Too many wrong codes. From { $moment } on codes are taken again

factor-setup-title = Set up two-factor authentication
factor-setup-heading = Scan this with your authenticator app
factor-setup-forced = Your administrator asks for a second factor with your password.
factor-setup-lead = Any app works: Google Authenticator, Microsoft Authenticator, Authy and others.
factor-qr = QR code for your authenticator app; the same secret stands below as text
factor-open-app = On this phone? Open the app here
factor-cannot-scan = Cannot scan? Type the secret
factor-secret-hint = 32 letters and digits. Choose “time based” if the app asks. Nobody else may see them.
factor-scanned = I have scanned it
factor-step = Step { $number } of 3:
factor-step-scan = Scan
factor-step-confirm = Confirm
factor-step-save = Save the codes
factor-step-done = done
factor-verify-title = Now type the code from the app
factor-verify-lead = This makes sure that the app works before we ask for it.
factor-confirm = Confirm the code
factor-show-again = Show the QR code again
factor-stale = That QR code no longer counts. Scan the new one, then type the code of its entry
factor-ahead = { $minutes ->
    [one] The clock of your phone is a minute ahead of ours. Set it to automatic, then type the next code
   *[other] The clock of your phone is { $minutes } minutes ahead of ours. Set it to automatic, then type the next code
}
factor-behind = { $minutes ->
    [one] The clock of your phone is a minute behind ours. Set it to automatic, then type the next code
   *[other] The clock of your phone is { $minutes } minutes behind ours. Set it to automatic, then type the next code
}
factor-off-title = Turn off two‑factor authentication?
factor-off-lead = From then on a password alone opens your account. The entry in your app and all backup codes stop working.
factor-off-hint = So that nobody else can turn it off.
factor-off-button = Turn it off
factor-off-keep = Keep it on

codes-title = Save your backup codes
codes-lead = If you lose your phone, one of these lets you in. Each works once.
codes-once = They are shown only now
codes-once-text = We cannot show them again, only make new ones. Keep them where you keep important papers.
codes-each-once = Each code works once.
codes-select = One press on the list selects all ten.
codes-file = backup codes
codes-download = Download
codes-print = Print
codes-copy = Copy
codes-copied = Copied
codes-saved = I have saved them
codes-new-title = Make new backup codes?
codes-new-left = { $left ->
    [one] You have one left.
   *[other] You have { $left } left.
}
codes-new-lead = The old ones stop working at once.
codes-new-button = Make new ones

change-title = Choose a new password
change-lead = Everywhere else you are logged out then.
change-forced-title = Choose a new password to go on
change-forced-lead = Your administrator asked for this. After that you are in.
change-current = Current password
change-new = New password
change-repeat = The same once more
change-show = Show
change-hide = Hide
change-save = Save
change-forced-save = Save and go on

password-rule-length = At least { $shortest } characters. Three or four words that have nothing to do with each other are strong and easy to keep in mind.
password-rule-own = Nothing with your name, your email or the company.
password-rule-common = None that many people use, and not the one you have now.
password-no-current = Type your current password
password-no-new = Type a new password
password-no-repeat = Type the new password once more
password-other = This is not the same as the new password
password-wrong = This is not your password, or it came too soon after a wrong try
password-too-short = Take at least { $shortest } characters
password-too-long = Take at most 128 characters
password-common = Many people use this password, so it is guessed first. Take another
password-context = This is little more than your name, your email, the company or this site. Take another
password-same = This is the password that you have now. Take another

cabinet-title = Personal Cabinet
cabinet-profile = Profile
cabinet-phone = Phone
cabinet-company = Company
cabinet-department = Department
cabinet-position = Position
cabinet-who-changes = Your administrator changes the email, company, department and position.
cabinet-how = How you log in
cabinet-password-changed = Changed { $day }
cabinet-password-unchanged = Brought over from an earlier system
cabinet-change = Change
cabinet-sessions = Where you are logged in
cabinet-unknown = Do you not know one of these? End it and change your password.
cabinet-this = This one
cabinet-browser = Browser
cabinet-active-now = active now
cabinet-active = active { $moment }
cabinet-end = End
cabinet-end-others = End all others
cabinet-factor = Two-Factor Authentication
cabinet-factor-on = On
cabinet-factor-required = Asked for by your administrator, so it cannot be turned off here.
cabinet-factor-asked = We ask for a code of your app at every login.
cabinet-factor-turn-off = Turn off
cabinet-factor-why = With it a password alone opens nothing.
cabinet-factor-set-up = Set up
cabinet-codes = Backup codes
cabinet-codes-left = { $left } left
cabinet-codes-new = Making new ones ends the old ones.
cabinet-codes-make = Make new ones
cabinet-edit = Edit
cabinet-saved = Your profile is saved.
cabinet-saved-password = Your password is saved. Everywhere else you were logged out.
cabinet-ended = That login was ended.
cabinet-ended-others = All other logins were ended.
