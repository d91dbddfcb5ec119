import re, subprocess, sys, pathlib
import pytest
from tests.portal.pricing.scene import staged, sealed
from tests import factories
from tests.web import post_form

def save(html, name):
    html = re.sub(r'/static/([^"?]+)\?v=[^"]*', r'file:///work/main/static/\1', html)
    p = pathlib.Path(f"/tmp/w/shot-{name}.html"); p.write_text(html)
    for w in (1280, 360):
        subprocess.run(["chromium","--headless=new","--no-sandbox","--disable-gpu","--hide-scrollbars",f"--window-size={max(w,500) if w<500 else w},1500",f"--screenshot=/tmp/w/shot-{name}-{w}.png",f"file://{p}"],capture_output=True,timeout=60)

def test_shot(client, app):
    s = staged(lines=(("insight", 20, 100_000), ("backup", 5, 90_000)))
    factories.sign_in(client, s.cs)
    save(client.get(f"/desk/contracts/{s.contract.number}/quote?term_months=24&seats=25&seats=5").text, "make")
    save(post_form(client, f"/desk/contracts/{s.contract.number}/quote", term_months="24", seats=["0","5"], do="quote").text, "error")
    q = sealed(s)
    post_form(client, f"/desk/quotes/{q.id}/send")
    save(client.get(f"/desk/quotes/{q.id}").text, "quote")
