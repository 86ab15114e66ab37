"""How smoothly the lightbox zooms and moves, beside an empty page that only animates: frames a second under CPU ÷ 4.

 for the
window of a laptop and for that of a phone.
"""

import statistics
import sys

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from tests.infrastructure import programs

ROUNDS = 3
SECONDS = 3
SLOWER = 4
SIZES: list[ViewportSize] = [{"width": 1440, "height": 900}, {"width": 390, "height": 844}]
COUNT = """seconds => new Promise(done => {
  const times = [], end = performance.now() + seconds * 1000;
  const frame = now => { times.push(now); if (now < end) requestAnimationFrame(frame); else done(times); };
  requestAnimationFrame(frame);
})"""
EMPTY = """() => {
  document.body.replaceChildren(document.createElement('div'));
  const box = document.body.firstChild;
  box.style.cssText = 'width: 400px; height: 300px; background: teal';
  box.animate([{transform: 'none'}, {transform: 'translateX(300px)'}], {duration: 1000, iterations: 100});
}"""


def frames_per_second(page: Page) -> float:
    return rate(page.evaluate(COUNT, SECONDS))


def rate(times: list[float]) -> float:
    return (len(times) - 1) * 1000 / (times[-1] - times[0])


def drive(page: Page, wire: CDPSession, kind: str, size: ViewportSize) -> float:
    """Return the frames a second while the wheel zooms in and out, or while a drag goes round."""
    x, y = size["width"] / 2, size["height"] / 2
    counting = wire.send("Runtime.evaluate", {"expression": f"window.count = ({COUNT})({SECONDS})"})
    assert "exceptionDetails" not in counting
    for step in range(SECONDS * 50):
        if kind == "wheel":
            page.mouse.wheel(0, -60 if step // 20 % 2 == 0 else 60)
        else:
            page.mouse.move(x + x / 4 * (step % 40 - 20) / 20, y + y / 4 * (step % 30 - 15) / 15)
    return rate(page.evaluate("window.count"))


def measure(browser: Browser, address: str, size: ViewportSize) -> dict[str, float]:
    """Return the frames a second of an empty page, of the wheel, and of a drag."""
    page = browser.new_page(base_url=address, viewport=size, bypass_csp=True)
    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto("/login/")
    page.evaluate(EMPTY)
    found = {"empty page": frames_per_second(page)}
    page.goto("/login/")
    page.get_by_label("Email").fill("owner@demo.test")
    page.get_by_label("Password").fill("demo-gallery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    page.locator("#feed article.card.is-done > a.card-open").nth(1).click()
    page.wait_for_selector("[data-slot=download]:visible")
    page.mouse.move(size["width"] / 2, size["height"] / 2)
    found["wheel zoom"] = drive(page, wire, "wheel", size)
    page.mouse.wheel(0, -600)
    page.mouse.down()
    found["pan"] = drive(page, wire, "pan", size)
    page.mouse.up()
    page.close()
    return found


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=programs.find("chromium"), args=["--no-sandbox"])
        for size in SIZES:
            rounds = [measure(browser, address, size) for _ in range(ROUNDS)]
            for name in rounds[0]:
                values = [one[name] for one in rounds]
                rounded = ", ".join(f"{one:.0f}" for one in values)
                print(f"{size['width']:4} px: {name:12} {statistics.median(values):5.1f} frames a second ({rounded})")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
