# One image for web, worker and beat; docker-compose.yml gives each its command.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements/run.txt requirements/uv.txt requirements/
RUN python -m venv /tmp/uv && /tmp/uv/bin/pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
 && python -m venv --without-pip /opt/venv \
 && /tmp/uv/bin/uv pip sync --no-cache --require-hashes --compile-bytecode --python /opt/venv/bin/python requirements/run.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin followthrough
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY manage.py pyproject.toml ./
COPY config config
COPY tracker tracker
COPY templates templates
COPY static static
COPY locale locale
COPY fixtures fixtures
# Collected with throw-away settings: the image holds no secret and no data.
RUN FOLLOWTHROUGH_DATA=/tmp/build python manage.py set_up --only-static && rm -rf /tmp/build
USER followthrough
ENV FOLLOWTHROUGH_MODE=production
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "5", "--respawn-failed-workers", "config.wsgi:application"]
