"""Threats S3, S9, S13 and S19 with the deployed nginx before the site, and a caching proxy before both."""

import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from tests.eventually import eventually
from tests.infrastructure.deployment import HOST, IS_ROOT, OUTER, From
from tests.infrastructure.ports import free_port

pytestmark = pytest.mark.services
PASSWORD = "a-password-nobody-has"
# Seconds; forty password hashes take long on a busy machine.
PATIENCE = 60
# A greedy cache: one key for everybody, and it obeys only what the answers say.
CACHE = """
pid {folder}/cache.pid; error_log {folder}/cache.log warn; {user}
events {{ worker_connections 64; }}
http {{
    access_log off; {temporary}
    proxy_cache_path {folder}/kept keys_zone=kept:1m;
    server {{
        listen {host}:{port} ssl;
        ssl_certificate {folder}/tls/fullchain.pem; ssl_certificate_key {folder}/tls/privkey.pem;
        location / {{
            proxy_pass https://{host}:{behind};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_cache kept; proxy_cache_key $request_uri; proxy_cache_valid any 10m;
            add_header X-Kept $upstream_cache_status always;
        }}
    }}
}}
"""


# A usual proxy: it appends to the header of its visitor and keeps the host.
PROXY = """
pid {folder}/outer.pid; error_log {folder}/outer.log warn; {user}
events {{ worker_connections 64; }}
http {{
    access_log off; {temporary}
    server {{
        listen {host}:{port} ssl;
        ssl_certificate {folder}/tls/fullchain.pem; ssl_certificate_key {folder}/tls/privkey.pem;
        location / {{
            proxy_pass https://{host}:{behind};
            proxy_bind {outer};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


@pytest.fixture(scope="package")
def outer(deployment):
    """Return the port of another proxy in front of the deployed nginx, as docs/operations.md describes it."""
    return start_proxy(deployment, "outer", PROXY)


@pytest.fixture(scope="package")
def cache(deployment):
    """Return the port of the caching proxy, which sends the site's own host and keeps all it may."""
    return start_proxy(deployment, "cache", CACHE)


def start_proxy(deployment, name, configuration):
    folder, port = deployment.directory, free_port()
    text = deployment.nginx_configuration()
    temporary = "".join(re.findall(r"\w+_temp_path [^;]+;", text)).replace(f"{folder}/", f"{folder}/{name}-")
    user = "user root;" if IS_ROOT else ""
    words = {"folder": folder, "host": HOST, "port": port, "behind": deployment.ports["https"], "outer": OUTER}
    path = folder / f"{name}.conf"
    path.write_text(configuration.format(temporary=temporary, user=user, **words))
    deployment.start(name, ["nginx", "-p", str(folder), "-c", str(path), "-g", "daemon off;"])
    eventually(lambda: is_open(port))
    return port


def is_open(port):
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


class Visitor(requests.Session):
    """A browser with its own cookies at one port of this machine."""

    def __init__(self, deployment, port=None, address=None):
        super().__init__()
        if address:
            self.mount("https://", From(address))
        self.trust_env = False
        self.verify = str(deployment.directory / "tls" / "fullchain.pem")
        self.base = f"https://{HOST}:{port or deployment.ports['https']}"
        # Forms are checked against the site's own address; a proxy in front would be in CSRF_TRUSTED_ORIGINS.
        self.headers["Referer"] = f"{self.base}/" if address else f"https://{HOST}:{deployment.ports['https']}/"

    def ask(self, path, **options):
        return self.get(self.base + path, timeout=PATIENCE, allow_redirects=False, **options)

    def fill_in(self, path, **form):
        form["csrfmiddlewaretoken"] = self.cookies.get("__Host-csrf", "")
        return self.post(self.base + path, data=form, timeout=PATIENCE, allow_redirects=False)

    def create_link(self, picture, **form):
        """Create a share link; return its page for the creator."""
        self.fill_in(f"{picture}/share", expires="7", **form)
        return self.ask(f"{picture}/share")

    def sign_in(self, email):
        self.ask("/login/")
        assert self.fill_in("/login/", username=email, password=PASSWORD).status_code == 302
        return self


@pytest.fixture(scope="package")
def people(deployment):
    """Sign in Olga and Otto, owners of two unrelated teams, once, because few tries are allowed."""
    with ExitStack() as stack:
        found = {}
        for name, team in {"olga": "Lagoon", "otto": "Elsewhere"}.items():
            words = ["python", "manage.py", "create_user", f"{name}@gallery.test", "--team", team, "--role", "owner"]
            deployment.run([*words, "--password-stdin"], input=PASSWORD)
            found[name] = stack.enter_context(Visitor(deployment)).sign_in(f"{name}@gallery.test")
        yield found


def through(deployment, port, visitor=None):
    """Return a browser of the same user at another port; cookies are not bound to a port."""
    other = Visitor(deployment, port)
    if visitor is not None:
        other.cookies.update(visitor.cookies)
    return other


@pytest.fixture(scope="package")
def picture(deployment, people):
    """Return the path of Olga's picture, `/g/<id>`."""
    olga = people["olga"]
    olga.fill_in("/t/lagoon/generations/", prompt="a harbour at dusk")

    def drawn():
        return re.findall(r"(/g/[0-9a-f-]{36})/thumb/320\.webp", olga.ask("/t/lagoon/").text)

    eventually(lambda: bool(drawn()))
    return drawn()[0]


def test_s03_file_on_the_disk_is_reached_by_no_address(deployment, people, picture):
    """The path of a file is requested under every likely prefix, plain and encoded, also by a user who may see it."""
    stored = [path.relative_to(deployment.data) for path in deployment.data.rglob("*") if path.is_file()]
    kinds = {path.parts[0]: path for path in stored}
    assert {"originals", "thumbnails"} <= kinds.keys()
    prefixes = [
        "", "/media", "/protected", "/data", "/static", "/static/..", "/files", "/uploads", "/var", "/protected/..",
        "/static/../protected", "/g/../protected", "//protected", "/%70rotected", "/protected/%2e%2e/data",
    "/s/../protected",
        "/PROTECTED", "/protected/originals/..", "/..%2fprotected", str(deployment.data),
    ]  # fmt: skip

    reached = {}
    for visitor in (people["olga"], Visitor(deployment)):
        for prefix in prefixes:
            for path in kinds.values():
                status, kind = raw(deployment, f"{prefix}/{path}", visitor)
                if status == 200 or kind.startswith("image/"):
                    reached[prefix, str(path)] = status

    assert reached == {}


def raw(deployment, path, visitor):
    """Send a request without the normalisation of `..` and `//` that HTTP libraries do."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in visitor.cookies)
    with secure(deployment) as connection:
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookies}", "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        head = connection.makefile("rb").read().partition(b"\r\n\r\n")[0].decode("latin-1")
    return int(head.split()[1]), "".join(re.findall(r"(?im)^content-type: (.*)$", head))


def secure(deployment):
    context = ssl.create_default_context(cafile=str(deployment.directory / "tls" / "fullchain.pem"))
    return context.wrap_socket(
        socket.create_connection((HOST, deployment.ports["https"]), timeout=120), server_hostname=HOST
    )


def test_s03_internal_location_does_not_exist_from_outside(people, picture):
    olga = people["olga"]

    for path in ("/protected/", "/protected/originals/", "/protected/thumbnails/x.webp", "/protected/gallery.sqlite3"):
        assert olga.ask(path).status_code == 404
    assert olga.ask(f"{picture}/image").status_code == 200


def test_s03_no_address_of_the_site_serves_a_folder(people, picture):
    assert people["otto"].ask(f"{picture}/image").status_code == 404
    assert people["otto"].ask(f"{picture}/thumb/320.webp").status_code == 404


def test_s09_cache_between_two_people_gives_one_nothing_of_the_other(deployment, cache, people, picture):
    olga = through(deployment, cache, people["olga"])
    otto = through(deployment, cache, people["otto"])
    nobody = through(deployment, cache)
    style = re.findall(r"/static/css/[\w./-]+\.css", olga.ask("/t/lagoon/").text)[0]
    assert [nobody.ask(style).headers["X-Kept"] for _ in range(2)][1] == "HIT"  # it does keep what it may

    files = [f"{picture}/image", f"{picture}/thumb/320.webp", f"{picture}/image?download"]
    pages = ["/t/lagoon/", f"{picture}/", "/accounts/", "/t/lagoon/people/", "/t/lagoon/collections/"]
    for path in files + pages:
        hers = [olga.ask(path) for _ in range(2)]
        assert [answer.status_code for answer in hers] == [200, 200], path
        his, theirs = otto.ask(path), nobody.ask(path)
        assert [answer.headers.get("X-Kept") for answer in (*hers, his, theirs)] == ["MISS"] * 4, path
        assert his.content != hers[0].content, path
        assert theirs.status_code == 302, path
    assert [otto.ask(path).status_code for path in files] == [404] * 3


def links_of(person):
    return set(re.findall(r'name="only" value="([^"]+)"', person.ask("/t/lagoon/links/").text))


def test_s09_cache_keeps_nothing_of_a_revoked_link(deployment, cache, people, picture):
    olga, visitor = people["olga"], through(deployment, cache)
    before = links_of(olga)
    made = olga.create_link(picture, allow_download="1")
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    base = f"/s/{key}/"
    inside = f"{base}{picture.split('/')[2]}"
    addresses = [base, f"{inside}/", f"{inside}/thumb/320.webp", f"{inside}/image"]
    assert [visitor.ask(path).status_code for path in addresses * 2] == [200] * 8

    (link,) = links_of(olga) - before
    olga.fill_in("/t/lagoon/links/revoke", only=link)

    gone = [visitor.ask(path) for path in addresses]
    assert [(answer.status_code, answer.headers["X-Kept"]) for answer in gone] == [(404, "MISS")] * 4


def test_s13_foreign_host_is_refused_and_named_nowhere(deployment):
    visitor = Visitor(deployment)

    for host in ("evil.example", f"{HOST}.evil.example", f"evil.example:{deployment.ports['https']}"):
        answer = visitor.ask("/accounts/reset/", headers={"Host": host})
        assert (answer.status_code, "evil.example" in answer.text) == (400, False)
    for header in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"):
        answer = visitor.ask(
            "/accounts/", headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"}
        )
        assert (answer.status_code, "evil.example" in str(answer.headers)) == (302, False)


def test_s13_made_up_address_of_a_visitor_moves_no_limit(deployment, people, picture):
    """Tries at the password of a link are counted by the address that nginx reports, and by no other header."""
    made = people["olga"].create_link(picture, protected="1", password="open sesame")
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    visitor = Visitor(deployment)
    visitor.ask(f"/s/{key}/")

    statuses = []
    for n in range(14):
        visitor.headers["X-Forwarded-For"] = visitor.headers["X-Real-IP"] = f"198.51.100.{n}"
        statuses.append(visitor.fill_in(f"/s/{key}/", password=f"wrong {n}").status_code)

    assert statuses == [403] * 10 + [429] * 4


def locked_link(olga, picture):
    made = olga.create_link(picture, protected="1", password="open sesame")
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    return f"/s/{key}/"


def guess(visitor, link, times, made_up="198.51.100.{}"):
    """Guess the password of a link, each time with another forged address."""
    visitor.ask(link)
    statuses = []
    for n in range(times):
        visitor.headers["X-Forwarded-For"] = made_up.format(n)
        visitor.headers["Forwarded"] = f"for={made_up.format(n)}"
        statuses.append(visitor.fill_in(link, password=f"wrong {n}").status_code)
    return statuses


def test_s13_two_proxies_in_a_row_name_the_visitor(deployment, outer, people, picture):
    """The same visitor counts as one, behind both proxies and behind the inner one alone, with any forged address."""
    link = locked_link(people["olga"], picture)

    assert guess(Visitor(deployment, outer, "127.0.0.9"), link, 14) == [403] * 10 + [429] * 4
    assert guess(Visitor(deployment, address="127.0.0.9"), link, 1) == [429]
    assert guess(Visitor(deployment, outer, "127.0.0.10"), link, 2) == [403] * 2
    assert "127.0.0.9 [" in (deployment.directory / "nginx.log").read_text()


def test_s13_visitor_who_comes_past_the_outer_proxy_is_not_believed(deployment, people, picture):
    """The address of our own proxy in the header does not help."""
    link = locked_link(people["olga"], picture)

    for made_up in ("127.0.0.11", f"127.0.0.11, {OUTER}", f"127.0.0.11, {HOST}"):
        guess(Visitor(deployment, address="127.0.0.12"), link, 6, made_up=made_up)

    assert guess(Visitor(deployment, address="127.0.0.12"), link, 1) == [429]
    assert guess(Visitor(deployment, address="127.0.0.11"), link, 1) == [403]


def test_s13_pages_and_forms_work_behind_two_proxies(deployment, outer, people):
    visitor = Visitor(deployment, outer, "127.0.0.13").sign_in("olga@gallery.test")

    answer = visitor.ask("/t/lagoon/")

    assert answer.status_code == 200
    assert visitor.fill_in("/logout/").status_code == 302


def test_s15_office_of_forty_signs_in_at_once_from_one_address(deployment, people):
    """Each sends the form twice, first without its token, which nginx counts but the site does not hash.

    Forty hashes at once take some seconds. A visitor who is told to try again does so; nginx lets each do it once.
    """
    script = (
        "from generations.models import User\n"
        "from django.contrib.auth.hashers import make_password\n"
        f"word = make_password('{PASSWORD}')\n"
        "User.objects.bulk_create(User(email=f'desk{n}@gallery.test', password=word) for n in range(40))\n"
    )
    deployment.run(["python", "manage.py", "shell", "--verbosity", "0", "-c", script])

    answers = []

    def until_served(request):
        while True:
            response = request()
            answers.append(response.status_code)
            if response.status_code not in {429, 503}:
                return response.status_code
            time.sleep(int(response.headers.get("Retry-After", 5)))

    def arrive(number):
        visitor = Visitor(deployment, address="127.0.0.40")
        name = {"username": f"desk{number}@gallery.test", "password": PASSWORD}
        requests = (
            lambda: visitor.ask("/login/"),
            lambda: visitor.post(f"{visitor.base}/login/", timeout=PATIENCE),
            lambda: visitor.fill_in("/login/", **name),
            lambda: visitor.ask("/accounts/"),
        )
        return tuple(map(until_served, requests))

    with ThreadPoolExecutor(40) as people_at_once:
        statuses = list(people_at_once.map(arrive, range(40)))

    assert set(statuses) == {(200, 403, 302, 200)}
    assert 429 not in answers or answers.count(503) > 40


@pytest.mark.parametrize("network", ["2001:db8:0:7::{:x}", "2001:db8::{:x}", "2001:db8:1:7:{:x}:2:3:4", "203.0.113.77"])
def test_s15_nginx_counts_a_network_of_ipv6_as_one(deployment, network):
    """The outer proxy sends the requests, and names another visitor of the network each time."""
    visitor = Visitor(deployment, address=OUTER)

    def ask(text, number):
        return visitor.post(
            f"{visitor.base}/login/", headers={"X-Forwarded-For": text.format(number)}, timeout=120
        ).status_code

    statuses = [ask(network, number) for number in range(1, 191)]

    assert statuses[:80] == [403] * 80  # no token: the site answered
    assert statuses.count(429) > 40
    assert ask("2001:db8:0:9::{:x}", 1) == 403


def test_site_that_does_not_answer_is_a_503_that_says_when_to_try_again(deployment):
    web = deployment.processes["web"]
    assert deployment.is_healthy("web")
    web.terminate()
    web.wait(PATIENCE)
    try:
        response = Visitor(deployment).ask("/login/")
    finally:
        deployment.start("web")
        eventually(lambda: deployment.is_healthy("web"))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Try again in a few seconds." in response.text
    assert "nginx" not in response.text


def test_s19_large_body_is_refused_before_it_is_sent(deployment):
    with secure(deployment) as connection:
        head = f"POST /login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {100 * 1024 * 1024}\r\n\r\n"
        connection.sendall(head.encode())
        answer = connection.recv(4096).decode("latin-1")

    assert answer.split()[1] == "413"


def test_s19_fifty_slow_senders_keep_nobody_out(deployment, people, picture):
    with ExitStack() as stack:
        for n in range(50):
            connection = stack.enter_context(secure(deployment))
            body = "Content-Length: 1000\r\n\r\n" if n % 2 else ""  # half of them are slow with the body
            connection.sendall(f"POST /login/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: {n}\r\n{body}".encode())
        for _ in range(5):
            assert people["olga"].ask("/t/lagoon/").status_code == 200
            assert people["olga"].ask(f"{picture}/thumb/320.webp").status_code == 200
