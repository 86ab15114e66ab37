# syntax=docker/dockerfile:1
# Two stages: pip and its caches stay in the first; the second holds Python, the packages and the site.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/production.txt /tmp/production.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/production.txt
WORKDIR /app
COPY . .
# Static files get their hashed names and compressed twins here. The settings want keys and a host to be complete;
# these are gone when the step ends.
RUN DJANGO_DEBUG=0 DJANGO_SECRET_KEY=only-for-collectstatic EMULATOR_ALLOWED=1 ALLOWED_HOSTS=build.invalid SITE_URL=https://build.invalid DATA_DIR=/tmp/data \
    sh -c '/opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 && /opt/venv/bin/python manage.py compilemessages' \
    && /opt/venv/bin/python -m compileall -q generations hidream_site

FROM python:3.13-slim-trixie
# `manage.py backup` and `restore` run pg_dump and pg_restore, of the version of the server in docker-compose.yml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
# 101 is nginx's group in the image of nginx; docker-compose.yml gives it to the site as MEDIA_GROUP.
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin gallery \
    && install -d -o gallery -g 101 -m 0710 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER gallery
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=hidream_site.settings \
    DJANGO_DEBUG=0 \
    DATA_DIR=/data \
    ENV_FILE=
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "web", "--host", "0.0.0.0", "--port", "8000"]
