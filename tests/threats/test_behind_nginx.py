"""Threats S3, S9, S13 and S19 where they are real: the deployed nginx before the site, a caching proxy before both."""

import re
import socket
import ssl
from contextlib import ExitStack

import pytest
import requests

from tests.deployment import HOST, healthy
from tests.eventually import eventually
from tests.services.ports import free_port

pytestmark = pytest.mark.services
PASSWORD = "a-password-nobody-has"
# A greedy cache: one key for everybody, and it obeys nothing but what the answers say.
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


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    with healthy(tmp_path_factory.mktemp("threats")) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def cache(deployment):
    """The port of the caching proxy; it names itself by the site's own host, and keeps all it may."""
    folder, port = deployment.directory, free_port()
    text = deployment.nginx_configuration()
    temporary = "".join(re.findall(r"\w+_temp_path [^;]+;", text)).replace(f"{folder}/", f"{folder}/cache-")
    user = "user root;" if "user root;" in text else ""
    words = {"folder": folder, "host": HOST, "port": port, "behind": deployment.ports["https"]}
    path = folder / "cache.conf"
    path.write_text(CACHE.format(temporary=temporary, user=user, **words))
    deployment.start("cache", ["nginx", "-p", str(folder), "-c", str(path), "-g", "daemon off;"])
    eventually(lambda: is_open(port), seconds=20)
    return port


def is_open(port):
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


class Visitor(requests.Session):
    """A browser with cookies of its own at one port of this machine."""

    def __init__(self, deployment, port=None):
        super().__init__()
        self.trust_env = False
        self.verify = str(deployment.directory / "tls" / "fullchain.pem")
        self.base = f"https://{HOST}:{port or deployment.ports['https']}"
        # Forms are checked against the site's own address; a proxy in front would be named in CSRF_TRUSTED_ORIGINS.
        self.headers["Referer"] = f"https://{HOST}:{deployment.ports['https']}/"

    def ask(self, path, **options):
        return self.get(self.base + path, timeout=20, allow_redirects=False, **options)

    def fill_in(self, path, **form):
        form["csrfmiddlewaretoken"] = self.cookies.get("__Host-csrf", "")
        return self.post(self.base + path, data=form, timeout=20, allow_redirects=False)

    def sign_in(self, email):
        self.ask("/login/")
        assert self.fill_in("/login/", username=email, password=PASSWORD).status_code == 302
        return self


@pytest.fixture(scope="module")
def people(deployment):
    """Olga and Otto, owners of two teams that know nothing of each other. Signed in once: few tries are allowed."""
    with ExitStack() as stack:
        found = {}
        for name, team in {"olga": "Harbour", "otto": "Elsewhere"}.items():
            words = ["python", "manage.py", "create_user", f"{name}@gallery.test", "--team", team, "--role", "owner"]
            deployment.run([*words, "--password-stdin"], input=PASSWORD)
            found[name] = stack.enter_context(Visitor(deployment)).sign_in(f"{name}@gallery.test")
        yield found


def through(deployment, port, visitor=None):
    """The same person at another door: cookies do not know ports, requests does not mind."""
    other = Visitor(deployment, port)
    if visitor is not None:
        other.cookies.update(visitor.cookies)
    return other


@pytest.fixture(scope="module")
def picture(deployment, people):
    """The path of Olga's picture, `/g/<id>`."""
    olga = people["olga"]
    olga.fill_in("/t/harbour/generations/", prompt="a harbour at dusk")

    def drawn():
        return re.findall(r"(/g/[0-9a-f-]{36})/thumb/320\.webp", olga.ask("/t/harbour/").text)

    eventually(lambda: bool(drawn()), seconds=60)
    return drawn()[0]


def test_s03_file_on_the_disk_is_reached_by_no_address(deployment, people, picture):
    """Its path under every prefix that a site might have, as written and disguised; also for whoever may see it."""
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
    """Without the tidying that an HTTP library does to `..` and `//`."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in visitor.cookies)
    with secure(deployment) as connection:
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookies}", "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        head = connection.makefile("rb").read().partition(b"\r\n\r\n")[0].decode("latin-1")
    return int(head.split()[1]), "".join(re.findall(r"(?im)^content-type: (.*)$", head))


def secure(deployment):
    context = ssl.create_default_context(cafile=str(deployment.directory / "tls" / "fullchain.pem"))
    return context.wrap_socket(
        socket.create_connection((HOST, deployment.ports["https"]), timeout=20), server_hostname=HOST
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
    style = re.findall(r"/static/css/[\w./-]+\.css", olga.ask("/t/harbour/").text)[0]
    assert [nobody.ask(style).headers["X-Kept"] for _ in range(2)][1] == "HIT"  # it does keep what it may

    files = [f"{picture}/image", f"{picture}/thumb/320.webp", f"{picture}/image?download"]
    pages = ["/t/harbour/", f"{picture}/", "/accounts/", "/t/harbour/people/", "/t/harbour/collections/"]
    for path in files + pages:
        hers = [olga.ask(path) for _ in range(2)]
        assert [answer.status_code for answer in hers] == [200, 200], path
        his, theirs = otto.ask(path), nobody.ask(path)
        assert [answer.headers.get("X-Kept") for answer in (*hers, his, theirs)] == ["MISS"] * 4, path
        assert his.content != hers[0].content, path
        assert theirs.status_code == 302, path
    assert [otto.ask(path).status_code for path in files] == [404] * 3


def test_s09_cache_keeps_nothing_of_a_revoked_link(deployment, cache, people, picture):
    olga, visitor = people["olga"], through(deployment, cache)
    made = olga.fill_in(f"{picture}/share", expires="7", allow_download="1")
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    base = f"/s/{key}/"
    inside = f"{base}{picture.split('/')[2]}"
    addresses = [base, f"{inside}/", f"{inside}/thumb/320.webp", f"{inside}/image"]
    assert [visitor.ask(path).status_code for path in addresses * 2] == [200] * 8

    (link,) = re.findall(r'name="only" value="([^"]+)"', olga.ask("/t/harbour/links/").text)
    olga.fill_in("/t/harbour/links/revoke", only=link)

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
    """The tries at a link's password are counted for where they come from, which nginx says and nobody else."""
    made = people["olga"].fill_in(f"{picture}/share", expires="7", password="open sesame")
    (key,) = set(re.findall(r"/s/([\w-]{43})/", made.text))
    visitor = Visitor(deployment)
    visitor.ask(f"/s/{key}/")

    statuses = []
    for n in range(14):
        visitor.headers["X-Forwarded-For"] = visitor.headers["X-Real-IP"] = f"198.51.100.{n}"
        statuses.append(visitor.fill_in(f"/s/{key}/", password=f"wrong {n}").status_code)

    assert statuses == [403] * 10 + [429] * 4


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
            assert people["olga"].ask("/t/harbour/").status_code == 200
            assert people["olga"].ask(f"{picture}/thumb/320.webp").status_code == 200
