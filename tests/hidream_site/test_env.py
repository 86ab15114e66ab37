"""Typed readers of the environment: what they take, and what they say about the rest."""

import grp
import os
import sys
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from hidream_site import env
from hidream_site.hosts import site_origin
from hidream_site.sign_in import allauth_settings


@pytest.mark.parametrize(("value", "read"), [("", "default"), ("  ", "default"), (" x ", "x")])
def test_text_is_stripped_and_empty_means_the_default(value, read):
    assert env.text("NAME", "default", {"NAME": value}) == read
    assert env.text("NAME", "default", {}) == "default"


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", True), ("true", True), ("YES", True), ("On", True), ("0", False), ("false", False), ("no", False),
     ("off", False), ("", True)],
)  # fmt: skip
def test_flag_takes_the_usual_words(value, read):
    assert env.flag("NAME", default=True, env={"NAME": value}) is read


@pytest.mark.parametrize(("value", "read"), [("", 5), ("1", 1), (" 10 ", 10)])
def test_integer_is_read_within_its_bounds(value, read):
    assert env.integer("NAME", 5, low=1, high=10, env={"NAME": value}) == read


@pytest.mark.parametrize(("value", "read"), [("", 5.0), ("0.5", 0.5), ("1e1", 10.0)])
def test_number_is_read_within_its_bounds(value, read):
    assert env.number("NAME", 5, low=0.5, high=10, env={"NAME": value}) == read


@pytest.mark.parametrize(("value", "read"), [("", None), (" ", None), ("0", 0), ("12.50", Decimal("12.5")), (" 3 ", 3)])
def test_dollars_are_read_exactly_and_empty_means_none(value, read):
    assert env.dollars("NAME", "10", {"NAME": value}) == read
    assert env.dollars("NAME", "10", {}) == 10


@pytest.mark.parametrize("value", ["-1", "1,50", "$5", "1e3", "NaN", "0.00001", "1000001", "ten"])
def test_dollars_that_are_none_show_the_way_out(value):
    with pytest.raises(ImproperlyConfigured, match=r"NAME is .*; set it to US dollars with a point, such as 12\.50"):
        env.dollars("NAME", "10", {"NAME": value})


@pytest.mark.parametrize(("value", "read"), [("", ["d"]), ("a", ["a"]), (" a, b ,,c ", ["a", "b", "c"]), (",", [])])
def test_strings_are_separated_by_commas(value, read):
    assert env.strings("NAME", ["d"], {"NAME": value}) == read


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://localhost:8790"), ("0.0.0.0", "http://localhost:8790"), ("::1", "http://localhost:8790"),
     ("gallery.lan", "http://gallery.lan:8790")],
)  # fmt: skip
def test_emails_and_the_terminal_call_this_machine_by_one_name(host, address):
    assert site_origin(host, 8790) == address


def test_choice_is_one_of_the_allowed():
    assert env.choice("NAME", "v1", ["v1", "v2"], {"NAME": "v2"}) == "v2"
    assert env.choice("NAME", "v1", ["v1", "v2"], {}) == "v1"


@pytest.mark.parametrize(
    ("read", "value", "way_out"),
    [
        (lambda e: env.flag("NAME", default=True, env=e), "maybe", "set it to 1 or 0."),
        (lambda e: env.integer("NAME", 5, low=1, high=10, env=e), "0", "set it to a whole number from 1 to 10."),
        (lambda e: env.integer("NAME", 5, low=1, high=10, env=e), "1.5", "set it to a whole number from 1 to 10."),
        (lambda e: env.integer("NAME", 5, low=1, high=10, env=e), "abc", "set it to a whole number from 1 to 10."),
        (lambda e: env.number("NAME", 5, low=1, high=10, env=e), "11", "set it to a number from 1 to 10."),
        (lambda e: env.number("NAME", 5, low=1, high=10, env=e), "nan", "set it to a number from 1 to 10."),
        (lambda e: env.choice("NAME", "v1", ["v1", "v2"], e), "v3", "set it to one of: v1, v2."),
    ],
)
def test_wrong_value_is_named_with_its_variable_and_the_way_out(read, value, way_out):
    with pytest.raises(ImproperlyConfigured) as caught:
        read({"NAME": value})

    assert str(caught.value) == f"NAME is {value!r}; {way_out}"


def test_networks_are_addresses_and_networks_of_both_kinds():
    read = env.networks("NAME", {"NAME": "192.0.2.7, 10.1.0.0/16,,2001:db8::/32,::1"})

    assert [str(network) for network in read] == ["192.0.2.7/32", "10.1.0.0/16", "2001:db8::/32", "::1/128"]
    assert env.networks("NAME", {}) == []


@pytest.mark.parametrize("word", ["proxy", "10.0.0.5/8", "10.0.0.0/33", "10.0.0", "2001:db8::/129", "10.0.0.1:80"])
def test_network_that_is_none_is_named(word):
    with pytest.raises(ImproperlyConfigured, match=r"such as 192\.0\.2\.7,10\.1\.0\.0/16") as caught:
        env.networks("NAME", {"NAME": f"192.0.2.7,{word}"})

    assert f"NAME has {word!r} in it" in str(caught.value)


@pytest.mark.parametrize("word", ["0.0.0.0/0", "::/0"])
def test_everybody_is_no_proxy(word):
    with pytest.raises(ImproperlyConfigured, match="which is everybody; name only your proxies"):
        env.networks("NAME", {"NAME": word})


def test_group_is_read_by_name_and_number():
    mine = grp.getgrgid(os.getegid())

    assert env.group("NAME", {"NAME": mine.gr_name}) == env.group("NAME", {"NAME": str(mine.gr_gid)}) == mine.gr_gid
    assert env.group("NAME", {"NAME": ""}) is None
    with pytest.raises(ImproperlyConfigured, match="NAME is 'nobody-has-this'; set it to a group of this machine"):
        env.group("NAME", {"NAME": "nobody-has-this"})


DEFAULT = {"ENGINE": "django.db.backends.sqlite3", "NAME": "default", "OPTIONS": {"timeout": 20}}


def database(url):
    return env.database("DATABASE_URL", DEFAULT, {"DATABASE_URL": url})  # type: ignore[arg-type]


def test_driver_of_postgres_that_is_missing_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ImproperlyConfigured, match="driver of PostgreSQL is not installed"):
        env.database("NAME", {}, env={"NAME": "postgres://gallery@localhost/gallery"})


def test_database_left_out_is_the_default():
    assert database("") == DEFAULT


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////srv/a%20b.sqlite3", "/srv/a b.sqlite3"), ("sqlite:///x.db", "x.db"), ("sqlite://", ":memory:")],
)
def test_sqlite_address_keeps_the_options_that_make_it_safe(url, name):
    assert database(url) == {**DEFAULT, "NAME": name}


def test_postgres_address_is_taken_apart_and_unquoted():
    read = database("postgres://us%40er:p%2Fw@db.test:5433/gall%65ry?sslmode=require")

    assert (read["ENGINE"], read["NAME"], read["USER"], read["PASSWORD"], read["HOST"], read["PORT"]) == (
        "django.db.backends.postgresql", "gallery", "us@er", "p/w", "db.test", "5433",
    )  # fmt: skip
    assert read["OPTIONS"] == {"sslmode": "require"}
    assert read["CONN_HEALTH_CHECKS"]


def test_postgres_socket_folder_stands_in_the_query():
    read = database("postgresql://user@/gallery?host=/run/postgresql")

    assert (read["HOST"], read["PORT"], read["OPTIONS"]) == ("/run/postgresql", "", {})


@pytest.mark.parametrize("url", ["mysql://user:secret@host/name", "postgres://user:secret@host", "/var/db", "secret"])
def test_database_of_another_kind_is_refused_without_repeating_a_password(url):
    with pytest.raises(ImproperlyConfigured, match="write postgres://user:password@host:5432/name") as caught:
        database(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.test", {"EMAIL_PORT": 25, "EMAIL_HOST": "mail.test"}),
        ("smtps://ann%40b:s%2Fecret@mail.test", {"EMAIL_PORT": 465, "EMAIL_USE_SSL": True, "EMAIL_HOST_USER": "ann@b"}),
        ("smtp+tls://mail.test:2525", {"EMAIL_PORT": 2525, "EMAIL_USE_TLS": True}),
        ("smtp+tls://mail.test", {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True}),
    ],
)
def test_mail_server_is_one_address(url, read):
    found = env.mail("NAME", {"NAME": url})

    assert found["EMAIL_HOST"] == "mail.test"
    assert read.items() <= found.items()


def test_mail_without_an_address_is_printed():
    assert env.mail("NAME", {}) == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


@pytest.mark.parametrize("url", ["imap://x", "smtp://", "mail.test:25"])
def test_mail_address_that_cannot_work_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match=r"write smtp://user:password@host:25"):
        env.mail("NAME", {"NAME": url})


def test_content_is_what_stands_in_the_file(tmp_path):
    (tmp_path / "secret").write_text("known to two\n", encoding="utf-8")

    assert env.file_content("NAME", {"NAME": str(tmp_path / "secret")}) == "known to two"
    assert env.file_content("NAME", {}) == ""
    with pytest.raises(ImproperlyConfigured, match="NAME is '/nowhere', which cannot be read"):
        env.file_content("NAME", {"NAME": "/nowhere"})


@pytest.mark.parametrize("value", ["", "https://id.example.test/realms/harbour", "http://127.0.0.1:9000"])
def test_origin_is_taken_as_it_is(value):
    assert env.origin("NAME", allow_local_http=True, env={"NAME": value}) == value


@pytest.mark.parametrize(
    ("value", "allow_local_http"),
    [("http://id.example.test", True), ("http://127.0.0.1:9000", False), ("id.example.test", True),
     ("https://", True), ("https://id.example.test/?a=b", True)],
)  # fmt: skip
def test_origin_that_could_be_listened_to_is_refused(value, allow_local_http):
    with pytest.raises(ImproperlyConfigured, match=r"set it to a URL that begins with https://\."):
        env.origin("NAME", allow_local_http=allow_local_http, env={"NAME": value})


def test_provider_needs_the_name_of_this_site():
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_ID is empty while OIDC_ISSUER is set"):
        allauth_settings(issuer="https://id.example.test", name="", client_id="", secret="")
