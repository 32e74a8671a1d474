# One image for migrate, web, worker and beat (see docker-compose.yml).
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DYAD_HOME=/data

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock \
    && python -m compileall -q "$(python -c 'import django, os; print(os.path.dirname(os.path.dirname(django.__file__)))')" \
    && useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin dyad

COPY manage.py LICENSE ./
COPY reviewapp reviewapp
COPY extraction extraction
COPY synthesis synthesis
COPY templates templates
COPY static static

USER 10001
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "reviewapp.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4"]
