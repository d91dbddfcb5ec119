"""A local Stripe for trying and testing; its own process, imported by nobody but tests.

It speaks Stripe's API at `/v1/…` to the real SDK, shows a hosted page at `/c/pay/<session id>`, sends signed
webhooks, and keeps all of it in one SQLite file. `python -m payments.sandbox --port 8420 --state var/sandbox`.

From a test, in a thread on a free port:

    from payments.sandbox.app import create_sandbox

    sandbox = create_sandbox(tmp_path / "stripe.db", webhook="http://127.0.0.1:5000/stripe/webhook",
                             secret="whsec_test", settle_seconds=5)
    with sandbox.serving() as base:            # "http://127.0.0.1:41234"; port=8420 takes a fixed one
        ...                                    # StripeClient("sk_test_x", base_addresses={"api": base})
        sandbox.advance(3600)                  # the sandbox's clock; due expiries and settlements happen now
        sandbox.target(url, secret)            # where webhooks go, from now on
        sandbox.reset()                        # forget everything, e.g. between two tests

`sandbox.wsgi` is the bare WSGI app; `sandbox.start_background()` and `sandbox.stop_background()` run what
happens by itself (expiry, settlement, delivery) without a server; `sandbox.close()` shuts the file.

How a request travels:

    app        the Flask app and the handle around it          serve      the loopback server
    api/door   key, version, faults, idempotency, expand       decode     bracketed forms to nested dicts
    contract   parameters against the SDK's own TypedDicts     envelope   Stripe's error bodies
    api/*      one file for each resource                      paging     cursors, filters
    pay        the life of a payment page                      charging   a charge: made, collected, refused
    saved      cards that are kept, owners who are away        fees       what Stripe keeps, in which currency
    refunding  money that goes back                            disputing  money that is contested
    payouts    what goes to the bank                           money      what control does to money
    hosted/*   the page on which the customer pays             control    /_sandbox: clock, faults, webhooks
    events     snapshots of what happened                      webhooks   signing, delivery, retry
    tasks      what falls due by itself                        clock      real time plus what was advanced
    work       one transaction's tools, handed to all of them  store      SQLite
    objects    full objects from the SDK's annotations         expand     ids into objects

A new resource (refunds, disputes, payouts) is one file in `api/` with a ROUTES table, its name in
`api/__init__.py` and in `objects.CLASSES`, and its moves in a file beside `pay`.
"""
