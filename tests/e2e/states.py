"""How a browser gets to the pages that nobody can bookmark: each opens one from the gallery of the demo team."""

import random
import re

from playwright.sync_api import expect

from hidream_site.admin_site import GROUPS

GALLERY = "/t/harbour-team/"
DRAWN = 120_000  # milliseconds; the emulator takes two seconds and a loaded machine its time


def generate(page, prompt):
    """Types and sends; returns the new card."""
    newest = page.locator("#feed .card[id]").first
    before = newest.get_attribute("id")
    page.locator("[name=prompt]").fill(prompt)
    page.get_by_role("button", name=re.compile("Generate")).click()
    expect(newest).not_to_have_attribute("id", before)
    return page.locator(f"#{newest.get_attribute('id')}")


def open_settings(page):
    """Open the composer, which at rest shows no settings on a phone, and its settings."""
    page.locator("[name=prompt]").click()
    page.locator(".more summary").click()


def choose(card, name):
    """Choose from the menu of the card."""
    card.hover()
    card.get_by_role("button", name="More actions").click()
    card.page.get_by_role("menuitem", name=name).click()


def move_to_trash(card):
    choose(card, "Move to trash")


def failed_card(page, emulator):
    return _spoilt(page, emulator, "400", "failed")


def unknown_card(page, emulator):
    return _spoilt(page, emulator, "drop", "unknown")


def _spoilt(page, emulator, fault, state):
    page.goto(GALLERY)
    emulator(faults=[fault])
    card = generate(page, f"a picture that ends as {state}")
    expect(card).to_have_class(re.compile(f"is-{state}"), timeout=DRAWN)
    return card


def failed_page(page, emulator):
    open_page_of(failed_card(page, emulator))


def unknown_page(page, emulator):
    open_page_of(unknown_card(page, emulator))


def waiting_page(page, emulator):
    """Its picture takes longer than anybody looks at the page."""
    page.goto(GALLERY)
    emulator(speed_up=0.5)
    open_page_of(generate(page, "a picture that takes its time"))
    expect(page.locator("#frame")).to_have_class(re.compile("is-(waiting|drawing)"))


def open_page_of(card):
    """Open the page of a picture, which a click shows in the lightbox."""
    card.page.goto(card.locator("a.card-open").get_attribute("href"))
    card.page.wait_for_load_state("load")


def paused_by_credits(page, emulator):
    """Empty the account, so that the emulator refuses by itself; return the card that waits for a top-up."""
    page.goto(GALLERY)
    emulator(balance="0.004")
    card = generate(page, "a picture that waits for a top-up")
    expect(page.locator("#banner")).to_contain_text("$0.0040 left", timeout=DRAWN)
    return card


def paused_gallery(page, emulator):
    paused_by_credits(page, emulator)


def paused_queue(page, emulator):
    paused_by_credits(page, emulator)
    page.goto(f"{GALLERY}queue/")


def paused_provider(page, emulator):
    paused_by_credits(page, emulator)
    page.goto("/provider/")
    page.locator("summary", has_text="Pause manually as well").click()


def provider_with_a_past(page, emulator):
    emulator(balance="25.00")
    resume(page)


def pause_by_hand(page, reason):
    page.goto("/provider/")
    page.get_by_label("Reason (shown to everyone on every page)").fill(reason)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#banner")).to_contain_text(reason)


def resume(page):
    """Whatever paused it; ends on the provider's page."""
    page.goto("/provider/")
    button = page.get_by_role("button", name="Resume")
    if button.count():
        page.get_by_label("Resolution").fill("it is over")
        button.click()
    expect(page.locator("#banner")).to_be_empty()


def differences(page, emulator):
    """Make two top-ups, one of them explained."""
    for amount in ("1.00", "2.00"):
        page.goto("/provider/")
        page.get_by_role("button", name="Check now").click()
        emulator(top_up=amount)
        page.get_by_role("button", name="Check now").click()
        expect(page.get_by_role("heading", name="Possible causes")).to_be_visible()
        if amount == "1.00":
            page.get_by_role("button", name="Explain as: top-up").click()
            expect(page.get_by_role("heading", name="Explained differences")).to_be_visible()
    for step in page.locator(".provider details summary").all():
        step.click()


def attempt(page, emulator):
    page.goto(GALLERY)
    open_page_of(page.locator("#feed .card.is-done").first)
    page.get_by_role("link", name="Cost details").click()
    page.wait_for_url("**/attempts/**")
    for step in page.locator(".attempt details summary").all():
        step.click()


def doubt_with_everything_open(page, emulator):
    unknown_page(page, emulator)
    for step in page.locator("#unknown-outcome summary").all():
        step.click()


def refused_form(page, emulator):
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill(" ")
    page.locator("[name=count]").fill("9")
    page.locator("[data-send]").click()
    page.wait_for_selector("#composer [aria-invalid]")


def changed_order(page, emulator):
    """Send a used client key with another prompt, as from a page out of the browser's history."""
    page.goto(GALLERY)
    page.locator("[name=count]").fill("1")
    key = page.locator("#client-key").input_value()
    generate(page, "the first order with this key")
    page.evaluate("key => { document.getElementById('client-key').value = key }", key)
    page.locator("[name=prompt]").fill("another order with the same key")
    page.locator("[data-send]").click()
    page.wait_for_selector("#composer-errors .field-error")


def more_is_open(page, emulator):
    page.goto(GALLERY)
    open_settings(page)


def trashed_card(page, emulator):
    page.goto(GALLERY)
    card = page.locator("#feed .card.is-done").first
    move_to_trash(card)
    page.wait_for_selector("#feed .card.is-trashed")
    page.locator("#feed .card.is-trashed").first.get_by_role("button", name="Undo").scroll_into_view_if_needed()


def forbidden(page, emulator):
    """Send the form of a member as a viewer."""
    page.goto(GALLERY)
    with page.expect_navigation():
        page.evaluate(
            "url => { const form = document.getElementById('act'); form.action = url; form.submit() }",
            f"{GALLERY}generations/",
        )
    expect(page.locator("h1")).to_have_text("You don't have access")


def form_address(page, emulator):
    """Open the address of a form's button."""
    page.goto(GALLERY)
    card = page.locator("#feed .card").first
    page.goto(f"/g/{card.get_attribute('id').removeprefix('g-')}/delete")
    expect(page.locator("h1")).to_have_text("This page can't be opened directly")


def selected_cards(page, emulator):
    page.goto(GALLERY)
    page.get_by_role("button", name="Select", exact=True).click()
    # By their ids, because a picture that is finished meanwhile comes before them.
    cards = page.locator("#feed .card.is-done").evaluate_all("cards => cards.slice(0, 2).map(card => card.id)")
    for card in cards:
        page.locator(f"#{card} .card-open").click()
    expect(page.locator("[data-selected]")).to_have_text("2")


def selected_to_share(page, emulator):
    selected_cards(page, emulator)
    page.locator("#selection summary", has_text="Share").click()
    expect(page.locator("#selection-share")).to_be_visible()


def compared(page, emulator):
    selected_cards(page, emulator)
    page.locator("#selection").get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/**")


def share_panel(page, emulator):
    page.goto(GALLERY)
    open_page_of(page.locator("#feed .card.is-done").first)
    page.get_by_role("link", name="Share", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Create link")).to_be_visible()


def collection(page, emulator):
    """Made from the gallery, with what can be changed about it open."""
    selected_cards(page, emulator)
    page.locator("#selection summary", has_text="Collection").click()
    page.locator("#selection-collection").fill("Menu ideas")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("“Menu ideas”")
    page.goto(f"{GALLERY}collections/")
    page.get_by_role("link", name="Menu ideas").click()
    page.locator("summary", has_text="Edit").click()


def collections(page, emulator):
    collection(page, emulator)
    page.goto(f"{GALLERY}collections/")
    page.locator("summary", has_text="New collection").click()


def tags_page(page, emulator):
    page.goto(GALLERY)
    open_page_of(page.locator("#feed .card.is-done").first)
    page.get_by_label("Add a tag", exact=True).fill("evening")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="evening")).to_be_visible()
    page.goto(f"{GALLERY}tags/")
    page.locator("summary", has_text="Edit").first.click()


def already_paid(page, emulator):
    """Generate the same prompt and seed twice; the composer then shows the first picture."""
    page.goto(GALLERY)
    seed = str(random.randrange(1, 2**31))
    for again in (False, True):
        open_settings(page)
        page.locator("[data-seed]").fill(seed)
        # On a phone the settings are a sheet over the composer.
        if (done := page.locator(".more").get_by_role("button", name="Done")).is_visible():
            done.click()
        if again:
            page.locator("[data-send]").click()
        else:
            expect(generate(page, "a crane that is paid for")).to_have_class(re.compile("is-done"), timeout=DRAWN)
    expect(page.locator(".duplicates")).to_be_visible()


def planned_sweep(page, emulator):
    page.goto(f"{GALLERY}parameter-grid/")
    page.locator("[name=prompt]").fill("a ferry in every shape")
    page.locator(".pick", has_text="Wide").click()
    page.get_by_label("Seeds").fill("2 random")
    page.get_by_label("Spend at most").fill("0.055")
    # Until its scripts have run: one of them scrolls, and a click in that moment would meet something else.
    with page.expect_navigation():
        page.get_by_role("button", name="Preview").click()
    expect(page.locator("#plan")).to_be_visible()


def batch(page, emulator):
    planned_sweep(page, emulator)
    # What a picture usually costs is remembered for a minute: between the plan and its order it may have moved, and
    # then the site asks again (409).
    for _ in range(5):
        with page.expect_navigation() as arrived:
            page.locator("[data-plan-order]").click()
        if "/batches/" in page.url:
            return
        assert arrived.value.status == 409, page.locator("main").inner_text()
    raise AssertionError(f"the price moved five times: {page.locator('main').inner_text()}")


# The addresses of new teams by site: one a site, because creating them is limited.
NEW_TEAMS = {}


def new_teams_gallery(page, _emulator):
    """Open the gallery of a team without pictures, with its setup and the examples."""
    page.goto("/teams/new/")
    site = page.url.partition("/teams/")[0]
    if site in NEW_TEAMS:
        page.goto(NEW_TEAMS[site])
    else:
        page.fill("main [name=name]", "Quay")
        page.locator("main form button[type=submit]").click()
        NEW_TEAMS[site] = page.url
    page.wait_for_selector(".setup-step")


PAGES = {
    "gallery": GALLERY,
    "grid": f"{GALLERY}?layout=grid",
    "list": f"{GALLERY}?layout=list",
    "nothing found": f"{GALLERY}?q=zzzz",
    "queue": f"{GALLERY}queue/",
    "sweep": f"{GALLERY}parameter-grid/",
    "orders that wait": f"{GALLERY}approvals/",
    "reports": f"{GALLERY}reports/",
    "blocked words": f"{GALLERY}settings/blocked-words/",
    "trash": f"{GALLERY}trash/",
    "made here": f"{GALLERY}verify/",
    "not recognised": f"{GALLERY}verify/?sha256={'0' * 64}",
    "what copies say": f"{GALLERY}settings/provenance/",
    "links": f"{GALLERY}links/",
    "collections": f"{GALLERY}collections/",
    "activity": f"{GALLERY}activity/",
    "first live picture": f"{GALLERY}first-picture/",
    "recently viewed": f"{GALLERY}view-history/",
    "your prompts": f"{GALLERY}prompts/",
    "presets": f"{GALLERY}presets/",
    "people": f"{GALLERY}people/",
    "credits": f"{GALLERY}credits/",
    "credits by tag, days of my choice": f"{GALLERY}credits/?from=2026-02-02&to=2026-02-01&by=tag",
    "credits: entries": f"{GALLERY}credits/entries/",
    "credits: worth": f"{GALLERY}credits/keep-rate/",
    "credits of all teams": "/credits/",
    "limits": f"{GALLERY}credits/limits/",
    "signed months": f"{GALLERY}credits/sign-offs/",
    "audit log": f"{GALLERY}audit/",
    "notifications": "/notifications/",
    "account": "/accounts/",
    "authenticator app": "/accounts/two-factor/app/",
    "recovery codes": "/accounts/two-factor/recovery-codes/",
    "passkey": "/accounts/two-factor/passkeys/",
    "new team": "/teams/new/",
    "password": "/accounts/password/",
    "password done": "/accounts/password/done/",
    "help": "/help/",
    "help: found": "/help/?q=share+a+picture",
    "help: nothing found": "/help/?q=zzzz",
    "help: tables and pictures": "/help/credits/",
    "help: code": "/help/operations/",
    "not found": "/t/nobody/",
}
# What a viewer finds there is not what the owner finds; the other pages are the same for both.
LESS_FOR_A_VIEWER = {"gallery", "list", "queue", "trash", "links", "collections", "people", "credits", "credits: worth"}
STATES = {
    "owner": [
        failed_page, unknown_page, failed_card, unknown_card, waiting_page, refused_form, changed_order, more_is_open,
        trashed_card, form_address, doubt_with_everything_open, paused_gallery, paused_queue, paused_provider,
        provider_with_a_past, selected_cards, selected_to_share, compared, share_panel, collection, collections,
        tags_page, differences, attempt,
        tags_page, already_paid, planned_sweep, batch, new_teams_gallery,
    ],
    "viewer": [forbidden, form_address, selected_cards, compared, attempt],
}  # fmt: skip


def visit(page, who, emulator, *, states=True):
    """Every page this person can come to, then their states; yields the name of each once it is open."""
    for name, address in PAGES.items():
        if who == "owner" or name in LESS_FOR_A_VIEWER:
            page.goto(address)
            yield name
    page.goto(GALLERY)
    page.locator("#feed .card.is-done .card-open").first.click()
    page.wait_for_selector("[data-slot=download]:visible")
    page.keyboard.press("i")
    yield "lightbox"
    page.reload()
    yield "detail"
    for state in STATES[who] if states else ():
        state(page, emulator)
        yield state.__name__


def visit_admin(page):
    """Yield the name of each page of the admin when it is open: the index, every list, forms and confirmations."""
    base = "/admin/generations/"
    pages = {"index": "/admin/"} | {name: f"{base}{name}/" for _, names in GROUPS for name in names}
    pages |= {"new limit": f"{base}sitelimit/add/", "new team": f"{base}team/add/"}
    pages |= {"unknown team": f"{base}ledgerentry/?team=nowhere", "password": f"{base}user/1/password/"}
    for name, address in pages.items():
        page.goto(address)
        yield name
    for name in ("team", "user", "generation", "ledgerentry"):
        page.goto(pages[name])
        page.goto(page.locator("#result_list tbody th a").first.get_attribute("href"))
        yield f"a {name}"
    page.goto(f"{base}user/1/delete/")
    yield "deletion"
