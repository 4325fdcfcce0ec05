# Two images from one file:
#   docker build --target serve -t churn-mlops/serve:0.1.0 .   the API: no training parts, no XGBoost, no Python
#   docker build --target work  -t churn-mlops/work:0.1.0 .    every verb: jobs, training, the scheduler
# glibc, not Alpine: the native packages (DuckDB, libsql, onnxruntime) have no build for musl that they support equally.
# The bases are pinned by tag; pin them by digest in your registry's mirror (`docker buildx imagetools inspect`).
ARG NODE=node:24.11.1-bookworm-slim
ARG PYTHON=python:3.12.12-slim-bookworm

# Compiles and bundles. Stays behind.
FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src src
COPY scripts/bundle.mjs scripts/
RUN node node_modules/typescript/bin/tsc -p . --incremental false --declaration false && node scripts/bundle.mjs

# What runs needs of npm, for this platform only. No install scripts: the packages bring their binaries.
FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY scripts/prune-packages.mjs scripts/
RUN node scripts/prune-packages.mjs node_modules

FROM packages AS serve-packages
RUN node scripts/prune-packages.mjs node_modules --serve

# XGBoost's library alone; the version and hashes of src/model/trainer/library-fetch.ts.
FROM ${PYTHON} AS xgboost
WORKDIR /opt
RUN echo "xgboost-cpu==3.2.0 \
    --hash=sha256:9c10b1653e1a689bf4094a328144cf3633c9be0e5217a76fbdc2fde6abcb2950 \
    --hash=sha256:896b9e2bc52ec0921edf92ddd1cebedf47032e94992b7aca0293524d380ce6e9" > requirements.txt \
 && pip install --no-deps --no-compile --only-binary :all: --require-hashes --target wheel -r requirements.txt

# What both images share: node without its package managers, a user without rights, our code.
FROM ${NODE} AS runtime
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
 && groupadd --gid 10001 churn \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin churn \
 && install -d -o 10001 -g 10001 /var/lib/churn-mlops/data /var/lib/churn-mlops/artifacts \
 && chown 10001:10001 /var/lib/churn-mlops
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY bin bin
COPY --from=build /app/dist/cli dist/cli
# churn.yaml is looked for from here upwards; data, artifacts and history lie here unless it says otherwise.
WORKDIR /var/lib/churn-mlops
USER 10001:10001
ENTRYPOINT ["node", "/app/bin/churn-mlops.js"]

FROM runtime AS serve
COPY --from=serve-packages /app/node_modules /app/node_modules
ENV CHURN_SERVE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CHURN_SERVE_PORT || 8000}/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["serve"]

FROM runtime AS work
COPY --from=packages /app/node_modules /app/node_modules
COPY --from=xgboost /opt/wheel/xgboost/lib /opt/xgboost/xgboost/lib
COPY --from=xgboost /opt/wheel/xgboost_cpu.libs /opt/xgboost/xgboost_cpu.libs
ENV CHURN_XGBOOST_LIBRARY=/opt/xgboost/xgboost/lib/libxgboost.so
HEALTHCHECK NONE
CMD ["doctor"]
