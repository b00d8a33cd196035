# The operator. `docker build -t REGISTRY/knowngood/operator:0.1.0 .`, and push it to where your cluster pulls from.
FROM python:3.12-slim
WORKDIR /app
# runtime, or apprise for an image with that library (docs/notifications.md).
ARG REQUIREMENTS=runtime
COPY requirements/${REQUIREMENTS}.txt requirements.txt
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY operator/knowngood knowngood
USER 65532:65532
ENTRYPOINT ["python", "-m", "knowngood"]
