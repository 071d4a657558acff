### The own profile.

profile-title = Edit your profile
profile-first-name = First name
profile-last-name = Last name
profile-phone = Phone
profile-free = if you like
profile-phone-hint = With the country, for example +380 44 123 45 67.
profile-language = Language
profile-save = Save
profile-back = Back without saving
profile-fixed = What your administrator changes
profile-email = Email
profile-company = Company
profile-department = Department
profile-position = Position
profile-no-first-name = Type your first name
profile-no-last-name = Type your last name
profile-bad-name = This cannot be a name: it has a sign that names do not have, or is too long
profile-bad-phone = This is no phone number. Start with + and the country
profile-bad-language = Choose one of the languages
