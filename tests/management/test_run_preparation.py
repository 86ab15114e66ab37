"""What `manage.py run` brings up to date before anyone is served."""

import os

import pytest

from generations.management.commands import run
from generations.management.devserver.programs import secret_key


@pytest.fixture
def demo_settings(settings):
    settings.DEBUG = settings.EMULATED = True
    return settings


@pytest.fixture
def seeding():
    """Return a function that counts its calls; `code` is what it answers."""

    class Seeding:
        calls, code = 0, 0

        def __call__(self):
            self.calls += 1
            return self.code

    return Seeding()


def test_empty_site_is_seeded(db, demo_settings, data_dir, seeding):
    assert run.seed_once(data_dir, seeding) == 0
    assert seeding.calls == 1


def test_site_with_users_is_not_seeded(alice, demo_settings, data_dir, seeding):
    run.seed_once(data_dir, seeding)

    assert seeding.calls == 0


def test_seeding_that_failed_is_tried_again(alice, demo_settings, data_dir, seeding):
    (data_dir / "seeding").touch()
    seeding.code = 1
    assert run.seed_once(data_dir, seeding) == 1
    seeding.code = 0
    assert run.seed_once(data_dir, seeding) == 0

    run.seed_once(data_dir, seeding)

    assert seeding.calls == 2


@pytest.mark.parametrize("name", ["DEBUG", "EMULATED"])
def test_real_site_is_never_seeded(db, demo_settings, data_dir, seeding, name):
    setattr(demo_settings, name, False)

    run.seed_once(data_dir, seeding)

    assert seeding.calls == 0


def test_migrated_database_has_nothing_pending(db):
    assert run.pending_migrations() == 0


def test_static_files_are_collected_in_production_when_missing_or_old(settings, tmp_path):
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "collected", [("help", tmp_path / "source")]
    for folder in (settings.STATIC_ROOT, tmp_path / "source"):
        folder.mkdir()
    (tmp_path / "source" / "site.css").touch()
    wanted = [run.static_files_are_stale()]
    (settings.STATIC_ROOT / "staticfiles.json").touch()
    wanted.append(run.static_files_are_stale())
    os.utime(tmp_path / "source" / "site.css", (2**32, 2**32))
    wanted.append(run.static_files_are_stale())
    settings.DEBUG = True
    wanted.append(run.static_files_are_stale())

    assert wanted == [True, False, True, False]


def test_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    first = secret_key(tmp_path)

    assert len(first) >= 50
    assert secret_key(tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
