### Logging in and out, one's own password, where one is logged in.

logout = Log out

login-title = Log in
login-email = Email
login-password = Password
login-forgotten = Forgot password?
login-first = Here for the first time? First login
login-no-email = Type your email
login-no-password = Type your password
login-wrong = The email or the password is not right
login-check = Check the email and the password
login-held = Too many tries from your network. Try again in a few minutes
login-rests = After a wrong try wait some seconds before the next: what comes sooner is not taken. After many the login rests for a while.

again-title = Confirm that it is you
again-lead = You are about to change how you log in. Please type your password once more.
again-go-on = Continue
again-back = Back without changing anything

factor-title = A second factor is asked for
factor-lead = Your administrator asks for a second factor with your password, and this site cannot set one up yet.
factor-next = Please ask your administrator to lift that until it can. Nothing else is open to you before.

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
