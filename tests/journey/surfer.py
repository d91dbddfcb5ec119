"""A person with a plain browser and no JavaScript: follows links, fills in forms, reads facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

VOID = {"input", "link", "meta", "br", "hr", "img"}
Attrs = dict[str, str]


@dataclass
class Form:
    """A form of the page: where it goes and what it would send."""

    attrs: Attrs
    values: dict[str, str] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    buttons: list[Attrs] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.facts: dict[str, Attrs] = {}
        self.text: list[str] = []
        self.lang = ""
        self.title = ""
        self._in: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""
        self._fact: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._in.append(tag)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "form":
            self._form = Form(given)
            self.forms.append(self._form)
        if self._form is not None:
            self._read_control(tag, given)
        action = given.get("data-action")
        if action and tag == "a":
            self.links.setdefault(action, given.get("href", ""))
        fact = given.get("data-fact")
        if fact:
            self.facts.setdefault(fact, given)
            self._fact = fact

    def _read_control(self, tag: str, given: Attrs) -> None:
        form = self._form
        assert form is not None
        if action := given.get("data-action"):
            form.actions.add(action)
        name = given.get("name", "")
        if tag == "button":
            form.buttons.append(given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.values):
            form.values[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            form.values.setdefault(name, "")
            self._textarea = name
        elif tag == "input" and name and given.get("type") != "submit":
            chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if chosen:
                form.values[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._textarea = ""
        self._fact = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.values[self._textarea] += data
        if "title" in self._in and "svg" not in self._in:
            self.title += data
        if not {"script", "style"} & set(self._in):
            self.text.append(data)
        if self._fact and data.strip():
            self.facts[self._fact].setdefault("text", data.strip())


class Surfer:
    """One browser with its cookies. `page` is the last page read."""

    def __init__(self, base: str, language: str = "en") -> None:
        self.base = base
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = language
        self.screens: list[str] = []

    def go(self, path: str) -> Surfer:
        return self._read(self.http.get(urljoin(self.base, path), timeout=20))

    def _read(self, answer: requests.Response) -> Surfer:
        self.answer = answer
        self.url = answer.url
        self.status = answer.status_code
        self.page = _Reader()
        self.page.feed(answer.text)
        self.screens.append(self.url)
        return self

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.page.text).split())

    def fact(self, name: str, attr: str = "data-value") -> str:
        """The machine form of a fact; its text when there is none."""
        given = self.page.facts[name]
        return given.get(attr) or given.get("datetime") or given.get("text", "")

    def follow(self, action: str) -> Surfer:
        """Click the link with this data-action."""
        return self.go(urljoin(self.url, self.page.links[action]))

    def form(self, action: str) -> Form:
        for form in self.page.forms:
            if action in form.actions:
                return form
        raise AssertionError(f"no form with data-action={action} on {self.url}: {self.text[:400]}")

    def submit(self, action: str, **fields: str) -> Surfer:
        """Fill in the form with this data-action and press its button."""
        form = self.form(action)
        pressed = [b for b in form.buttons if b.get("data-action") == action and b.get("name")]
        return self.send(form, **{b["name"]: b.get("value", "") for b in pressed[:1]}, **fields)

    def send(self, form: Form, **fields: str) -> Surfer:
        """Send `form` with `fields` filled in."""
        values = form.values | fields
        target = urljoin(self.url, form.attrs.get("action") or self.url)
        if form.attrs.get("method", "get").lower() == "get":
            return self._read(self.http.get(target, params=values, timeout=20))
        return self._read(self.http.post(target, data=values, timeout=20, headers={"Referer": self.url}))

    def sign_in(self, email: str, password: str) -> Surfer:
        self.go("/sign-in")
        return self.submit("sign-in", email=email, password=password)
