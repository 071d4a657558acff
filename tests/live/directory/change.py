"""change.py FOLDER WHAT: changes the domain of domain.py while its controller runs.

rename gives ok another last name, disable disables them, delete deletes old, restore gives the database another
invocationId, as a controller has that was restored from a copy."""
import os, sys, uuid
import ldb
from samba.auth import system_session
from samba.dcerpc import misc
from samba.ndr import ndr_pack
from samba.param import LoadParm
from samba.samdb import SamDB

folder, what = sys.argv[1:3]
lp = LoadParm()
lp.load(folder + "/etc/smb.conf")
sam = SamDB(url=folder + "/private/sam.ldb", session_info=system_session(), lp=lp, flags=ldb.FLG_NOSYNC)
base = str(sam.domain_dn())

def change(dn, name, value, controls=None):
    message = ldb.Message(ldb.Dn(sam, dn))
    message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    sam.modify(message, controls=controls or [])

ok = f"CN=ok,OU=Staff,{base}"
if what == "rename":
    change(ok, "sn", "Married")
elif what == "disable":
    change(ok, "userAccountControl", "514")
elif what == "delete":
    sam.delete(f"CN=old,OU=Staff,{base}")
elif what == "restore":
    change(str(sam.get_dsServiceName()), "invocationId", ndr_pack(misc.GUID(str(uuid.uuid4()))),
           ["local_oid:1.3.6.1.4.1.7165.4.3.19:0", "relax:0"])
else:
    sys.exit(f"no such change: {what}")
