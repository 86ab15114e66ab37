"""Which style sheets and scripts the pages share, in their order, and how production serves them as one file each."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BASE = ("tokens", "base", "components", "segments", "layout", "menus", "toasts", "banner", "page", "ratios", "error")
FEATURES = (
    "cards", "gallery", "orders", "collections", "activity", "accounts", "teams", "provider", "spending", "generations",
    "provenance", "sharing", "help",
)  # fmt: skip
MODULES = (
    "site/menus", "site/theme", "site/toasts", "site/requests", "site/copy", "site/print", "site/tabs",
    "site/search_key",
    "gallery/composer", "gallery/composer_state", "gallery/chosen_shape", "gallery/price", "gallery/seed",
    "gallery/conditional_fields", "gallery/field_errors", "gallery/pending_cards", "gallery/fill",
    "gallery/prompt_history", "gallery/dropped_picture", "gallery/slim_bar",
    "cards/clock", "cards/announcements", "cards/return_position", "cards/roving_focus", "cards/cell_ratio",
    "cards/actions", "cards/menu", "gallery/selection", "gallery/search", "gallery/thumbnail_size", "gallery/timeline",
    "orders/parameter_grid", "generations/keyboard", "generations/neighbours", "generations/fullscreen",
    "generations/lightbox", "generations/lightbox_zoom", "generations/lightbox_filmstrip",
    "generations/lightbox_panel", "generations/toggle", "generations/record_view", "generations/compare",
    "activity/mention", "activity/ready_alerts", "accounts/passkey", "provenance/dropzone", "spending/chart",
    "sharing/share_dialog",
    "site/draft",  # the last: other listeners change the form once it was taken, and that is no new draft
)  # fmt: skip
# Of a collection by link, whose pages have no account and no htmx.
PUBLIC_MODULES = (
    "generations/keyboard", "generations/fullscreen", "generations/lightbox", "generations/lightbox_zoom",
    "generations/lightbox_filmstrip", "sharing/slideshow",
)  # fmt: skip
STYLES = (*(f"css/base/{name}.css" for name in BASE), *(f"css/{name}.css" for name in FEATURES))
SCRIPTS = tuple(f"js/{name}.js" for name in MODULES)
PUBLIC_SCRIPTS = tuple(f"js/{name}.js" for name in PUBLIC_MODULES)
STYLE_BUNDLE, SCRIPT_BUNDLE, PUBLIC_BUNDLE = "css/site.css", "js/site.js", "js/public.js"
# A scope of its own for each module; one that fails says so on the console and does not stop the next one.
SCOPE = "try {{\n{}\n}} catch (error) {{ reportError(error); }}\n"


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise ships no types
    """Static files with a hash in their name, compressed; sheets and scripts of a page are one file each."""

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Write the bundles among the collected files, then hash and compress everything."""
        if not dry_run:
            paths = paths | {
                STYLE_BUNDLE: self._write(STYLE_BUNDLE, STYLES, "{}\n"),
                SCRIPT_BUNDLE: self._write(SCRIPT_BUNDLE, SCRIPTS, SCOPE),
                PUBLIC_BUNDLE: self._write(PUBLIC_BUNDLE, PUBLIC_SCRIPTS, SCOPE),
            }
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _write(self, bundle: str, files: tuple[str, ...], wrapper: str) -> tuple["BundledStorage", str]:
        text = "".join(wrapper.format(self._text(name)) for name in files)
        self.delete(bundle)
        return self, self.save(bundle, ContentFile(text.encode()))

    def _text(self, name: str) -> str:
        with self.open(name) as file:
            return str(file.read(), "utf-8")
