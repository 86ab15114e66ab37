"""No page makes the browser complain: neither on the console nor about its content security policy."""

import pytest

from tests.e2e.states import visit


@pytest.mark.parametrize("who", ["owner", "viewer"])
def test_no_page_complains(open_page, emulator, complaints, who):
    page = open_page(as_=who)
    found = {}

    for name in visit(page, who, emulator):
        page.wait_for_timeout(300)  # scripts that run a little later may complain as well
        found[name] = list(complaints)
        complaints.clear()

    assert {name: what for name, what in found.items() if what} == {}
