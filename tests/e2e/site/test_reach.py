"""Pages, and what opens over them, for those who see or read otherwise: narrow, enlarged, in few colours, unmoved."""

import pytest

from tests.e2e.overlays import open_each
from tests.e2e.states import PAGES

# A phone of the smallest kind, and a window of 1280 px enlarged to twice its size, as browsers do.
NARROW = {"width": 320, "height": 640}
TWICE = {"width": 640, "height": 450, "device_scale_factor": 2}
# How far the page goes sideways, and which controls of the topmost layer hang over its edges without a way to scroll.
OVERHANG = """() => {
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const scrolls = node => {
    for (let one = node.parentElement; one; one = one.parentElement)
      if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth) return true;
    return false;
  };
  const beyond = [...top.querySelectorAll("a, button, input, select, textarea, summary")].filter(node => {
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = node.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(node);
  });
  const wide = document.documentElement.scrollWidth - innerWidth;
  return [...(wide > 0 ? [`${wide} px sideways`] : []), ...beyond.map(node => node.outerHTML.slice(0, 120))];
}"""
# Colours and shades may change slowly; what moves or grows may not, for longer than a frame.
MOVING = """() => document.getAnimations()
  .filter(one => one.playState === "running" && one.effect.getComputedTiming().duration > 17)
  .map(one => one.animationName ?? one.transitionProperty).filter(one => !/color|opacity|shadow|outline/.test(one))"""


@pytest.mark.parametrize("how", [NARROW, TWICE], ids=["320 px", "200 %"])
def test_nothing_hangs_over_the_edge(open_page, how):
    page = open_page(**how)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        found[name] = page.evaluate(OVERHANG)
    found |= {name: page.evaluate(OVERHANG) for name in open_each(page)}

    assert {name: what for name, what in found.items() if what} == {}


def test_nothing_moves_for_those_who_asked_for_less_motion(open_page):
    page = open_page(reduced_motion="reduce")

    found = {name: page.evaluate(MOVING) for name in open_each(page)}

    assert {name: what for name, what in found.items() if what} == {}
