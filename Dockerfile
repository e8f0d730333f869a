# Three images: `service` (worker, UI, commands), `landing` (Spark and Java), `tracking` (MLflow's server).
# What changes seldom comes first: packages by their locks, then title vectors and jars, then our code.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PYTHONDONTWRITEBYTECODE=1
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore "uv==${UV_VERSION}" \
 && python -m venv --without-pip /opt/venv
ENV INSTALL="uv pip install --quiet --python /opt/venv/bin/python --no-deps --require-hashes"

FROM build AS service-packages
COPY locks/service.txt /locks/
RUN --mount=type=cache,target=/root/.cache/uv $INSTALL -r /locks/service.txt

FROM build AS landing-packages
COPY locks/landing.txt /locks/
RUN --mount=type=cache,target=/root/.cache/uv $INSTALL -r /locks/landing.txt

FROM build AS tracking-packages
COPY locks/tracking.txt /locks/
RUN --mount=type=cache,target=/root/.cache/uv $INSTALL -r /locks/tracking.txt

FROM build AS code
COPY locks/build.txt /locks/
RUN --mount=type=cache,target=/root/.cache/uv $INSTALL -r /locks/build.txt
WORKDIR /source
COPY . .
RUN /opt/venv/bin/python -m hatchling build -t wheel -d /wheel >/dev/null \
 && UV_COMPILE_BYTECODE=0 uv pip install --quiet --python /opt/venv/bin/python --no-deps --target /app /wheel/*.whl \
 && python -m compileall -q --invalidation-mode unchecked-hash /app \
 && cp docs/evaluation.json /app/

# The titles of all codes as vectors, about a minute of two cores: a worker is then ready in seconds.
FROM service-packages AS titles
COPY --from=code /app/clinical_coding /app/clinical_coding
COPY --from=code /app/runtime /app/runtime
RUN PYTHONPATH=/app CMC_CACHE_DIR=/opt/cache CMC_STATE_DIR=/tmp/state /opt/venv/bin/python -c "\
from runtime.model_bundle import load_bundle; \
from runtime.progress import silent; \
from runtime.settings import FolderSettings, ModelSettings; \
load_bundle(ModelSettings(), FolderSettings(), silent)" \
 && rm -f /opt/cache/title-vectors/*.lock

FROM landing-packages AS jars
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
COPY --from=code /app/clinical_coding /app/clinical_coding
COPY --from=code /app/runtime /app/runtime
RUN PYTHONPATH=/app /opt/venv/bin/python -c "\
from pathlib import Path; \
from runtime.jars import fetch; \
from runtime.progress import silent; \
fetch('spark', Path('/opt/cache'), silent)"

FROM ${PYTHON_IMAGE} AS process
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CodeMyChart" \
      org.opencontainers.image.description="Clinical notes in, ICD-10-CM coded claims out, live" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/codemychart codemychart \
 && install -d -o codemychart -g codemychart -m 700 /var/lib/codemychart
ENV PATH=/app/bin:/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /var/lib/codemychart
STOPSIGNAL SIGTERM

FROM process AS tracking
COPY --from=tracking-packages /opt/venv /opt/venv
ENV MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
USER codemychart
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/health', timeout=4)"]
ENTRYPOINT ["mlflow"]
CMD ["server", "--host", "0.0.0.0", "--workers", "1", \
     "--backend-store-uri", "sqlite:////var/lib/codemychart/mlflow.db", \
     "--artifacts-destination", "/var/lib/codemychart/files"]

FROM process AS landing
RUN apt-get update -qq && mkdir -p /usr/share/man/man1 \
 && apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null \
 && rm -rf /var/lib/apt/lists/*
COPY --from=landing-packages /opt/venv /opt/venv
COPY --from=jars /opt/cache /opt/cache
COPY --from=code /app /app
ENV CMC_CACHE_DIR=/opt/cache CMC_STATE_DIR=/var/lib/codemychart \
    CMC_LANDING_HEALTH_ADDRESS=0.0.0.0 CMC_LANDING_HEALTH_PORT=9102
USER codemychart
EXPOSE 9102
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9102/readyz', timeout=4)"]
ENTRYPOINT ["codemychart"]
CMD ["land", "--supervise"]

FROM process AS service
COPY --from=service-packages /opt/venv /opt/venv
COPY --from=titles /opt/cache /opt/cache
COPY --from=code /app /app
ENV CMC_CACHE_DIR=/opt/cache CMC_STATE_DIR=/var/lib/codemychart CMC_UI_EVALUATION=/app/evaluation.json \
    CMC_UI_ADDRESS=0.0.0.0 CMC_WORKER_HEALTH_ADDRESS=0.0.0.0 CMC_WORKER_HEALTH_PORT=9101
USER codemychart
EXPOSE 8501 9101
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9101/readyz', timeout=4)"]
ENTRYPOINT ["codemychart"]
CMD ["worker", "--supervise"]
