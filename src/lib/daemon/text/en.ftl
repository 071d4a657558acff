### The pages of the site itself.

admin-title = There is nothing to administer here
admin-text = Administrators work on the command line of the server, with the program secboard.
