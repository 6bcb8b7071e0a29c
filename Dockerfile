# Aisle in a container: the server without the tools of its tests. The weights come into the image when it is built, so
# a container starts without a network. See docs/operations.md.
FROM python:3.11-slim

RUN useradd --create-home aisle && mkdir /data /cache && chown aisle /data /cache
WORKDIR /aisle
COPY pyproject.toml README.md LICENSE ./
COPY intents intents
COPY dialogues dialogues
COPY finetune finetune
COPY assistant assistant

# pip's own choice of torch brings CUDA along, gigabytes that serving does not need: build with the address of an index
# of CPU builds, docker build --build-arg PIP_EXTRA_INDEX_URL=... .
ARG PIP_EXTRA_INDEX_URL=
RUN pip install --no-cache-dir torch==2.13.0 && pip install --no-cache-dir --editable .

USER aisle
ENV AISLE_CACHE=/cache \
    AISLE_DATABASE_URL=sqlite:////data/aisle.db \
    AISLE_EXAMPLES=/data/intents \
    AISLE_REGRESSIONS=/data/regressions \
    AISLE_VERSIONS=/data/models \
    AISLE_HOST=0.0.0.0 \
    AISLE_LOG_FORM=json \
    HF_HUB_OFFLINE=1
RUN aisle fetch

VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=5s --start-period=180s \
    CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/health/ready', timeout=4)"
STOPSIGNAL SIGTERM
CMD ["aisle", "up"]
