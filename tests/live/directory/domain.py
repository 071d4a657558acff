"""domain.py FOLDER ADDRESS PASSWORD: makes the domain corp.test of Active Directory in a folder, with people for every answer.

dis is disabled, exp has expired, must has to change the password, old has one that has expired, svc reads; more than a thousand
others fill a second page. The password of all is PASSWORD. Nothing is written outside of the folder."""
import logging, os, sys, time
import ldb
from samba import dsdb
from samba.auth import system_session
from samba.dcerpc import security
from samba.param import LoadParm
from samba.provision import FILL_FULL, provision
from samba.samdb import SamDB

folder, address, password = sys.argv[1:4]
os.makedirs(folder + "/etc")
conf = folder + "/etc/smb.conf"
with open(conf, "w") as file:
    file.write(f"""[global]
    netbios name = DC1
    realm = CORP.TEST
    workgroup = CORP
    server role = active directory domain controller
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {folder}/private
    state directory = {folder}/state
    lock directory = {folder}
    cache directory = {folder}/cache
    binddns dir = {folder}/bind-dns
[netlogon]
    path = {folder}/state/sysvol/corp.test/scripts
[sysvol]
    path = {folder}/state/sysvol
""")
logging.basicConfig(level=logging.WARNING)
provision(logging.getLogger("provision"), system_session(), smbconf=conf, targetdir=folder, samdb_fill=FILL_FULL, realm="CORP.TEST",
          domain="CORP", adminpass=password, hostname="dc1", hostip=address, dns_backend="NONE",
          serverrole="active directory domain controller",
          domainsid=security.dom_sid("S-1-5-21-1111111111-2222222222-3333333333"), skip_sysvolacl=True,
          dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2)

lp = LoadParm()
lp.load(conf)
sam = SamDB(url=folder + "/private/sam.ldb", session_info=system_session(), lp=lp, flags=ldb.FLG_NOSYNC)
base = str(sam.domain_dn())

def change(dn, controls=None, **values):
    message = ldb.Message(ldb.Dn(sam, dn))
    for name, value in values.items():
        message[name] = ldb.MessageElement(str(value), ldb.FLAG_MOD_REPLACE, name)
    sam.modify(message, controls=controls or [])

def user(name, **more):
    sam.newuser(name, password, userou="OU=Staff", givenname="Дар'я", surname=name.title(), mailaddress=f"{name}@corp.test",
                telephonenumber="+380 44 000-00-01", department="Відділ ІТ", jobtitle="Інженер", useusernameascn=True, **more)
    return f"CN={name},OU=Staff,{base}"

def ticks(days):
    return int((time.time() + days * 86400 + 11644473600) * 10**7)

sam.transaction_start()
sam.add({"dn": f"OU=Staff,{base}", "objectClass": "organizationalUnit"})
user("ok")
change(user("dis"), userAccountControl=514)
change(user("exp"), accountExpires=ticks(-1))
user("must", force_password_change_at_next_login_req=True)
change(user("old"), ["local_oid:1.3.6.1.4.1.7165.4.3.20:0"], pwdLastSet=ticks(-60))
user("lock")
change(user("svc"), userAccountControl=512 + 65536)
change(base, lockoutThreshold=3)
for number in range(1100):
    name = f"user{number:04d}"
    sam.add({"dn": f"CN={name},OU=Staff,{base}", "objectClass": "user", "sAMAccountName": name, "mail": f"{name}@corp.test",
             "givenName": "Олена", "sn": "О’Коваль", "userAccountControl": "546"})
sam.newgroup("Everybody")
sam.newgroup("Traders")
sam.newgroup("Desk")
def into(group, *members):
    message = ldb.Message(ldb.Dn(sam, f"CN={group},CN=Users,{base}"))
    message["member"] = ldb.MessageElement(list(members), ldb.FLAG_MOD_ADD, "member")
    sam.modify(message)
into("Everybody", *(f"CN=user{number:04d},OU=Staff,{base}" for number in range(1100)))
into("Desk", f"CN=ok,OU=Staff,{base}")
into("Traders", f"CN=Desk,CN=Users,{base}")
sam.transaction_commit()
