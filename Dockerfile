# Airflow and the engine in one image. Every package is locked with its hash; nothing is downloaded when it runs.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt /src/
RUN pip install --require-hashes --requirement /src/requirements.txt
COPY pyproject.toml README.md /src/
COPY cynosure /src/cynosure
COPY connectors /src/connectors
COPY sandbox /src/sandbox
COPY plugins /src/plugins
RUN pip install --no-deps /src && python -m compileall -q /opt/venv/lib

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
    && install --directory --owner airflow --group airflow /var/lib/cynosure /opt/airflow/logs
COPY --from=build /opt/venv /opt/venv
COPY plugins/.airflowignore plugins/cynosure_plugin.py /opt/cynosure/plugins/
COPY dags /opt/cynosure/dags
COPY config /opt/cynosure/config
COPY sql /opt/cynosure/sql
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/cynosure/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/cynosure/plugins \
    CYNOSURE_PROJECT=/opt/cynosure \
    CYNOSURE_HOME=/var/lib/cynosure \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false
WORKDIR /opt/cynosure
USER 10001:10001
EXPOSE 8080
CMD ["airflow", "version"]
