"""The application factory: settings in, a wired Flask application out."""

from __future__ import annotations

from flask import Flask

from portal import cli, wiring
from portal.accounts import desk as accounts_desk
from portal.accounts import signin
from portal.accounts import views as accounts_views
from portal.checkout import views as checkout_views
from portal.contracts import desk as contracts_desk
from portal.finance import desk as finance_desk
from portal.home import views as home_views
from portal.kit import db, guard, health, i18n, jobs, log, web
from portal.kit.settings import ROOT, Mode, Settings, load
from portal.pricing import desk as pricing_desk
from portal.staff import views as staff_views
from portal.surveys import desk as surveys_desk
from portal.surveys import views as survey_views

BLUEPRINTS = (
    health.blueprint,
    home_views.blueprint,
    accounts_views.blueprint,
    checkout_views.blueprint,
    staff_views.blueprint,
    accounts_desk.blueprint,
    contracts_desk.blueprint,
    contracts_desk.imports_blueprint,
    pricing_desk.blueprint,
    finance_desk.blueprint,
    survey_views.blueprint,
    surveys_desk.blueprint,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The portal for `settings` (default: those of the environment). Raises SettingsError.

    With `settings.worker` the process also runs the background worker.
    """
    settings = settings or load()
    log.configure(human=settings.mode is Mode.DEMO)
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.extensions["settings"] = settings
    app.debug = False  # whatever the environment says: its pages would show insides
    db.init_app(app, settings.sqlalchemy_url)
    web.init_app(app, settings)
    guard.init_app(app, signin.load_actor, signin.ask_again)
    i18n.init_app(app)
    signin.init_app(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    wiring.connect(app, settings)
    cli.init_app(app)
    if settings.worker:
        worker = jobs.Worker(app)
        app.extensions["worker"] = worker
        worker.start()
    return app
