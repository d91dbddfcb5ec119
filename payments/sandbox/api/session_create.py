"""Creating a Checkout Session: the rules across fields that the SDK's types cannot tell."""

from __future__ import annotations

from urllib.parse import urlsplit

from stripe import LineItem, Price
from stripe.checkout import Session

from payments.money import EXPONENTS
from payments.sandbox import amounts, methods
from payments.sandbox.envelope import ApiError, no_such, unbuilt
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

SHORTEST, LONGEST = 1_800, 86_400

# Shown again on the session as they were given; the page does nothing with them.
ECHOED = frozenset(
    {
        "billing_address_collection",
        "client_reference_id",
        "integration_identifier",
        "origin_context",
        "submit_type",
    }
)
# Understood by the sandbox.
TAKEN = frozenset(
    {
        "adaptive_pricing",
        "allowed_payment_method_types",
        "branding_settings",
        "cancel_url",
        "currency",
        "customer",
        "customer_creation",
        "customer_email",
        "excluded_payment_method_types",
        "expires_at",
        "line_items",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data",
        "payment_method_options",
        "success_url",
        "ui_mode",
    }
)
# Without effect here and harmless at Stripe's side of the page.
IGNORED = frozenset({"customer_update", "payment_method_configuration", "saved_payment_method_options"})
# May be sent to say "off", which is what the sandbox always does.
MUST_BE_OFF = ("automatic_tax", "invoice_creation", "phone_number_collection", "tax_id_collection")
SAVING = ("off_session", "on_session")
INTENT_WISHES = frozenset(
    {
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
    }
)


def create(work: Work, params: Json) -> Json:
    _check_names(params)
    _check_mode(params)
    lines = _lines(work, params)
    total = sum(line["amount_total"] for line in lines)
    currency = lines[0]["currency"]
    amounts.check(total, currency, what="The Checkout Session's total amount", param="line_items")
    session = _session(work, params, total, currency)
    work.rows.add(session)
    # What Stripe shows beneath a line's name stands on its product, which this sandbox does not keep.
    details = [item["price_data"]["product_data"].get("description", "") for item in params["line_items"]]
    work.rows.add({"id": f"lines:{session['id']}", "items": lines, "details": details}, kind="line_items")
    work.rows.add({"id": f"wishes:{session['id']}", "payment_intent_data": _intent_wishes(params)}, kind="wishes")
    work.rows.task(session["expires_at"], "expire", session["id"])
    return session


def _session(work: Work, params: Json, total: int, currency: str) -> Json:
    id_ = new_id("cs_test", 58)
    customer, person = _person(work, params)
    session = make(
        Session,
        id=id_,
        adaptive_pricing={"enabled": params.get("adaptive_pricing", {}).get("enabled", False)},
        allowed_payment_method_types=params.get("allowed_payment_method_types"),
        amount_subtotal=total,
        amount_total=total,
        cancel_url=params.get("cancel_url"),
        created=work.now,
        currency=currency,
        customer=customer,
        customer_creation=None if customer else params.get("customer_creation", "if_required"),
        customer_details=person,
        customer_email=params.get("customer_email"),
        excluded_payment_method_types=params.get("excluded_payment_method_types"),
        expires_at=_expiry(work, params),
        locale=params.get("locale"),
        metadata=params.get("metadata", {}),
        mode="payment",
        payment_method_collection="if_required",
        payment_method_types=_offered(params, currency),
        payment_status="unpaid",
        status="open",
        success_url=params["success_url"],
        total_details=make(Session.TotalDetails, amount_shipping=0),
        ui_mode="hosted_page",
        url=f"{work.settings.browser_base or work.origin}/c/pay/{id_}",
    )
    if "branding_settings" in params:
        name = params["branding_settings"].get("display_name", "")
        session["branding_settings"] = make(Session.BrandingSettings, display_name=name)
    return session | {name: params[name] for name in ECHOED & params.keys()}


def _offered(params: Json, currency: str) -> list[str]:
    offered = methods.offered(
        currency,
        params.get("allowed_payment_method_types"),
        params.get("excluded_payment_method_types"),
        reusable="setup_future_usage" in params.get("payment_intent_data", {}),
    )
    if not offered:
        raise ApiError("No valid payment method types for this Checkout Session.")
    return offered


def _intent_wishes(params: Json) -> Json:
    """What the session's intent shall have. That a card be saved can be said for all methods, or for cards alone;
    of the options for methods this is the one that has an effect here."""
    wishes: Json = params.get("payment_intent_data", {})
    for_cards = params.get("payment_method_options", {}).get("card", {}).get("setup_future_usage")
    return {"setup_future_usage": for_cards, **wishes} if for_cards in SAVING else wishes


def _check_names(params: Json) -> None:
    for name in MUST_BE_OFF:
        if params.get(name, {}).get("enabled"):
            raise unbuilt(f"`{name}`", param=name)
    for name in params.keys() - ECHOED - TAKEN - IGNORED - set(MUST_BE_OFF):
        raise unbuilt(f"the session's `{name}`", param=name)
    wishes = params.get("payment_intent_data", {})
    for name in wishes.keys() - INTENT_WISHES:
        raise unbuilt(f"`payment_intent_data[{name}]`", param=f"payment_intent_data[{name}]")


def _check_mode(params: Json) -> None:
    for name in ("mode", "success_url", "line_items"):
        if not params.get(name):
            raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if params["mode"] != "payment":
        raise unbuilt(f"mode `{params['mode']}`", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise unbuilt(f"ui_mode `{params['ui_mode']}`", param="ui_mode")
    for name in ("success_url", "cancel_url"):
        parts = urlsplit(params.get(name, "http://x/"))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ApiError("Not a valid URL", code="url_invalid", param=name)
    if len(params.get("client_reference_id", "")) > 200:
        message = "client_reference_id has at most 200 characters."
        raise ApiError(message, param="client_reference_id")


def _expiry(work: Work, params: Json) -> int:
    expires_at = int(params.get("expires_at", work.now + LONGEST))
    if not work.now + SHORTEST <= expires_at <= work.now + LONGEST:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session "
            "creation."
        )
        raise ApiError(message, param="expires_at")
    return expires_at


def _person(work: Work, params: Json) -> tuple[str | None, Json | None]:
    """The customer's id, and what the session tells about the person."""
    if "customer" in params and ("customer_email" in params or "customer_creation" in params):
        message = "You may only specify one of these parameters: customer, customer_email, customer_creation."
        raise ApiError(message, param="customer")
    if "customer" in params:
        customer = work.need("customer", params["customer"], "customer", param="customer")
        details = make(
            Session.CustomerDetails,
            email=customer["email"],
            name=customer["name"],
            phone=customer["phone"],
            address=customer["address"],
            tax_exempt=customer["tax_exempt"],
        )
        return customer["id"], details
    if "customer_email" in params:
        return None, make(Session.CustomerDetails, email=params["customer_email"], tax_exempt="none")
    return None, None


def _lines(work: Work, params: Json) -> list[Json]:
    given = params["line_items"]
    if len(given) > 100:
        raise ApiError("A session holds at most 100 line items.", param="line_items")
    lines = [_line(work, item, f"line_items[{i}]") for i, item in enumerate(given)]
    currencies = {str(line["currency"]) for line in lines}
    if "currency" in params:
        currencies.add(params["currency"].lower())
    if len(currencies) > 1:
        raise ApiError("All line items must have the same currency.", param="line_items")
    return lines


def _line(work: Work, item: Json, path: str) -> Json:
    if "price" in item:
        raise no_such("price", item["price"], param=f"{path}[price]")
    for name in item.keys() - {"price_data", "quantity", "metadata"}:
        raise unbuilt(f"`{path}[{name}]`", param=f"{path}[{name}]")
    for name in ("price_data", "quantity"):
        if name not in item:
            param = f"{path}[{name}]"
            raise ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    price = _price(work, item["price_data"], f"{path}[price_data]")
    quantity = item["quantity"]
    if quantity < 1:
        message = "Quantity must be at least 1."
        raise ApiError(message, code="parameter_invalid_integer", param=f"{path}[quantity]")
    amount = price["unit_amount"] * quantity
    return make(
        LineItem,
        id=new_id("li"),
        amount_subtotal=amount,
        amount_total=amount,
        currency=price["currency"],
        description=item["price_data"]["product_data"]["name"],
        metadata=item.get("metadata", {}),
        price=price,
        quantity=quantity,
    )


def _price(work: Work, data: Json, path: str) -> Json:
    for name in ("product", "recurring", "unit_amount_decimal"):
        if name in data:
            raise unbuilt(f"`{path}[{name}]`", param=f"{path}[{name}]")
    for name in ("product_data", "unit_amount"):
        if name not in data:
            param = f"{path}[{name}]"
            raise ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    currency = data["currency"].lower()
    if currency.upper() not in EXPONENTS:
        raise ApiError(f"Invalid currency: {currency}", param=f"{path}[currency]")
    amount = data["unit_amount"]
    if amount < 0:
        message = "Invalid non-negative integer"
        raise ApiError(message, code="parameter_invalid_integer", param=f"{path}[unit_amount]")
    return make(
        Price,
        id=new_id("price"),
        active=False,
        billing_scheme="per_unit",
        created=work.now,
        currency=currency,
        product=new_id("prod", 14),
        tax_behavior=data.get("tax_behavior", "unspecified"),
        type="one_time",
        unit_amount=amount,
        unit_amount_decimal=str(amount),
    )
