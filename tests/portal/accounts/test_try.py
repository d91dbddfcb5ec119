from tests.web import post_form
from tests import factories
from portal.kit.db import transaction
from flask_security.utils import hash_password
def test_it(client, app, statements):
    with transaction() as db:
        c=factories.company(db); p=factories.member(db,c,password=hash_password("korrekt-horse"))
    statements()
    r=client.get("/sign-in"); assert r.status_code in (200,500); print(r.text[-1500:]); assert statements()==[]
    r=post_form(client,"/sign-in",email=p.email.upper(),password="korrekt-horse"); print(r.status_code,r.location, statements()); assert r.status_code==302
    with client.session_transaction() as s: print(dict(s))
