### What every page says around what it is about, what forms say, and the pages for when something is wrong.

layout-skip = Skip to the content
layout-contact = Contact
layout-host = You are on
layout-secrets = We never ask for your password by mail or by phone.
layout-test = This is a test system. Nothing here is real.
layout-demo = This is a demonstration. Nothing here is real.

form-problem = There is a problem
form-error = Error: { $title }
form-again = Type this again
form-long = This is too long
form-busy = Please try once more
form-busy-text = The system was busy for more than a few seconds. Nothing was changed, and what you typed is still here. A password has to be typed again.
form-old = Please send it once more
form-old-text = This page was open for too long, or your browser did not keep the cookie of the form. Nothing was changed, and what you typed is still here. A password has to be typed again.

trouble-start = To the start
trouble-again = Try again
trouble-bad = Your browser sent something we cannot read
trouble-bad-text = Nothing was changed. Go back and try once more.
trouble-host = This address is not ours
trouble-host-text = The system is reached by another address. Ask your administrator for it.
trouble-forbidden = You may not open this page
trouble-forbidden-text = Nothing was changed. If you need it for your work, ask your administrator.
trouble-origin = This form did not come from our page
trouble-origin-text = Nothing was changed. Open the page here and fill in its form.
trouble-not-found = This page does not exist
trouble-not-found-text = The address may be mistyped, or the page may be gone. Links from our mails are long: some mail programs cut them. Copy the whole link from the mail and try again.
trouble-method = This page cannot be used like that
trouble-method-text = Nothing was changed. Start again from the first page.
trouble-large = This is too much at once
trouble-large-text = What you sent is larger than we take. Nothing was changed. Go back and send less.
trouble-busy = Please try once more
trouble-busy-text = The system is busy at the moment. Nothing was changed.
trouble-defect = Something went wrong here
trouble-defect-text = It is our fault, and it was recorded. Please check whether what you did was saved before you try again.
trouble-later = Back in a few minutes
trouble-later-text = The system is being looked after. Your account and your data are safe.
trouble-later-links = A link from a mail keeps working. Open it again later.
trouble-later-saved = What you sent a moment ago may not be saved. Please check it when we are back.
