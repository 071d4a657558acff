### What people are told at other sites.

forbidden-title = You may not open this
forbidden-lead = Your account has no permission for it. Ask an administrator, and name what is written here.
forbidden-who = You are logged in as
forbidden-permission = What is missing
forbidden-company = For the company
forbidden-on = To your personal page

enter-title = That took too long
enter-lead = The way here is good for half a minute, once, and in one browser. Nothing was changed.
enter-again = Try again

leave-title = Log out?
leave-lead = You are logged out here, at the portal, and at every other site.
leave-button = Log out

out-title = You are logged out
out-lead = Here, at the portal, and at every other site.
out-again = Log in
