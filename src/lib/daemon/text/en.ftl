### The pages of the site itself.

start-title = Your account
start-text = Here people look after their account: links from our mails lead here. If you got such a mail, open its link.
admin-title = There is nothing to administer here
admin-text = Administrators work on the command line of the server, with the program secboard.
